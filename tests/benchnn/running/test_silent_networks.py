"""Networks with one neuron, with silent populations and rates of 0: every command ends, each null has a reason."""

import json
import re

import pytest

from benchnn.record.keys import reason_of

MODELS = """
from simcore.network import AllToAll, FixedIndegree, Network, Poisson, Population, Projection, SpikeTrain


def one():
    return Network([Population("N", 1)])


def relay():
    return Network([Population("P", 1, "parrot_neuron")], drives=[SpikeTrain("P", [1.0], 1.0)])


def silent(n: int = 3):
    return Network(
        [Population("E", n), Population("S", 1), Population("P", 1, "parrot_neuron")],
        [Projection("E", "S", AllToAll(), 1.0)],
        [Poisson("E", 0.0, 100.0)],
    )


def half(n: int = 12):
    return Network(
        [Population("E", n), Population("S", 4)],
        [Projection("E", "S", FixedIndegree(2), 1.0)],
        [Poisson("E", 15000.0, 150.0)],
    )
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "nets.py").write_text(MODELS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def strict(text):
    """JSON without the numbers that JSON does not have."""

    def refuse(word):
        raise AssertionError(f"{word} in JSON")

    return json.loads(text, parse_constant=refuse)


def nulls(value, key=""):
    """Dotted keys of what is null, those of reasons left out."""
    if isinstance(value, dict):
        return [one for name, part in value.items() for one in nulls(part, f"{key}.{name}" if key else name)]
    if isinstance(value, list):
        return [one for number, part in enumerate(value) for one in nulls(part, f"{key}.{number}")]
    return [key] if value is None else []


def run(benchnn, model, out, *options):
    command = ("run", f"nets.py:{model}", "--time", 30, "--warmup", 1, "--backend", "oracle", "--meters", "none")
    finished = benchnn(*command, "--record", "spikes", "--out", out, *options)
    assert finished.code == 0, finished.err
    return finished


@pytest.mark.parametrize("model", ["one", "relay", "silent", "half"])
@pytest.mark.parametrize("time_ms", [30, 0])
def test_each_null_of_a_record_has_a_reason_and_reports_render(here, benchnn, model, time_ms):
    record = strict(run(benchnn, model, "out", "--json", "--time", time_ms).out)
    missing = [key for key in nulls(record) if reason_of(record, key) is None]
    assert missing == []
    if model != "half" and time_ms:
        assert record["mean_rate_hz"] == dict.fromkeys(record["mean_rate_hz"], 0.0) or model == "relay"
    pytest.importorskip("matplotlib")
    assert benchnn("report", "out").code == 0
    page = (here / "out" / "report.html").read_text().lower()
    assert ">nan<" not in page and ">inf<" not in page and ">none<" not in page


def test_runs_without_spikes_are_compared(here, benchnn):
    for name, model in (("a", "one"), ("b", "silent")):
        run(benchnn, model, name)
    assert benchnn("results", "add", "a", "b").code == 0
    lists = (("list",), ("list", "--json"), ("list", "--csv"))
    for arguments in (*lists, ("compare", "a", "b"), ("regressions", "--json")):
        finished = benchnn("results", *arguments)
        assert finished.code == 0, finished.err
        assert re.search(r"\b(nan|inf)\b", finished.out, re.IGNORECASE) is None
        if "--json" in arguments:
            strict(finished.out)


@pytest.mark.parametrize(("candidate", "seeds"), [("half", (1, 2)), ("silent", (1, 2))])
def test_a_validation_of_silent_recordings_has_no_infinities(here, benchnn, candidate, seeds):
    for seed in (3, 4, 5):
        run(benchnn, "half", f"reference-{seed}", "--seed", seed)
    for seed in seeds:
        run(benchnn, "half", f"candidate-{seed}", "--seed", seed, *(("--time", 31) if candidate == "half" else ()))
        if candidate == "silent":
            mute(here / f"candidate-{seed}" / "spikes.h5")
    sides = [word for seed in seeds for word in ("--candidate", f"candidate-{seed}")]
    sides += [word for seed in (3, 4, 5) for word in ("--reference", f"reference-{seed}")]
    finished = benchnn("validate", "nets.py:half", *sides, "--time", 30, "--warmup", 1, "--out", "validation")
    assert finished.code in (0, 1), finished.err
    assert re.search(r"\b(nan|inf)\b", finished.out, re.IGNORECASE) is None and " None" not in finished.out
    record = strict((here / "validation" / "validation.json").read_text())
    assert "inf" not in [value for finding in record["findings"] for value in finding.values()]
    kept = [key for key in nulls(record) if not key.startswith(("candidate.seeds", "reference.seeds"))]
    assert [key for key in kept if reason_of(record, key) is None] == []
    distances = {(f["population"], f["statistic"], f["metric"]): f for f in record["findings"]}
    assert (distances["E", "CV", "EMD"]["candidate"] is None) == (candidate == "silent")
    pytest.importorskip("matplotlib")
    assert benchnn("report", "validation").code == 0


def mute(path):
    """Leave no spike in a file."""
    from dataclasses import replace

    from simcore.recording.sonata import read_spikes, write_spikes

    spikes = read_spikes(path).spikes()
    write_spikes(path, replace(spikes, stamps=spikes.stamps[:0], ids=spikes.ids[:0]))
