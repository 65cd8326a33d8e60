"""``benchnn edges``, and the model of that name which reads edges from files."""

import io
import json
import sys

import numpy as np
import pytest

from benchnn.model_source import describe_network, find_model, parameter_values
from simcore.network import EdgeFiles

LINE = ("--time", "20", "--warmup", "0", "--meters", "none", "--json", "--threads", "1")


def test_a_network_is_written_and_run_again_with_the_same_digests(home, benchnn):
    """The user's function describes the neurons and drives, the file the projections."""
    first = benchnn("run", "small.py:small", *LINE)
    written = benchnn("edges", "small.py:small", "--out", "edges.parquet")
    assert written.code == 0 and "200 edges of 2 projections written to edges.parquet" in written.out, written
    home.joinpath("again.py").write_text(
        "import dataclasses\n"
        "from small import small\n"
        "from simcore.synapses.edge_files import read_projections\n"
        "def again(file: str):\n"
        "    return dataclasses.replace(small(), projections=read_projections(file))\n"
    )
    second = benchnn("run", "again.py:again", "--param", "file=edges.parquet", *LINE)
    assert second.code == 0, second.err
    one, other = json.loads(first.out), json.loads(second.out)
    for key in ("spike_digest", "network_digest", "synaptic_events"):
        assert one[key] == other[key]
    (file,) = other["model"]["edge_files"]
    assert file["file"] == "edges.parquet" and len(file["sha256"]) == 64 and one["model"]["edge_files"] == []


def test_a_file_that_is_there_is_kept_unless_it_is_to_be_replaced(home, benchnn):
    line = ("edges", "small.py:small", "--out", "edges.csv")
    assert benchnn(*line).code == 0
    before = home.joinpath("edges.csv").read_bytes()
    refused = benchnn(*line, "--seed", "2")
    assert refused.code == 2 and "pass --overwrite" in refused.err
    assert home.joinpath("edges.csv").read_bytes() == before
    assert benchnn(*line, "--seed", "2", "--overwrite").code == 0
    assert home.joinpath("edges.csv").read_bytes() != before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--out", "edges.txt"), "must end in"),
        (("--out", "none/edges.h5"), "cannot write none/edges.h5"),
        (("--out", "a.h5", "--seed", "-1"), "seed = -1"),
        (("--out", "a.h5", "--seed", "x"), "seed = 'x'"),
        (("--out", "a.h5", "--weight-bits", "9"), "weight_bits = 9"),
        (("--out", "a.h5", "--param", "n=0"), "size = 0"),
    ],
)
def test_wrong_input_is_refused_and_leaves_nothing(home, benchnn, given, message):
    before = sorted(home.iterdir())
    finished = benchnn("edges", "small.py:small", *given)
    assert finished.code == 2 and message in finished.err and finished.err.count("\n") == 1
    assert sorted(home.iterdir()) == before


def connectome(home):
    chance = np.random.default_rng(1)
    source, target = chance.integers(0, 30, (2, 200))
    np.savez(home / "brain.npz", pre=source, post=target, count=chance.integers(1, 40, 200))


PARAMS = (
    "file=brain.npz",
    "neurons=30",
    "source=pre",
    "target=post",
    "weight=count",
    "weight_scale=20",
    "delay_ms=1.8",
)


def params(*given):
    return [word for param in given for word in ("--param", param)]


def test_a_connectome_runs_by_its_columns(home, benchnn):
    connectome(home)
    finished = benchnn("run", "edges", *params(*PARAMS, "rate_hz=9000", "rate_weight=90"), *LINE)
    assert finished.code == 0, finished.err
    record = json.loads(finished.out)
    assert record["model"]["synapses"] == 200 and record["spikes"] > 0
    assert record["model"]["min_delay_ms"] == record["model"]["max_delay_ms"] == 1.8
    page = benchnn("models", "edges", *params(*PARAMS))
    assert page.code == 0 and "200 synapses" in page.out


def test_values_are_columns_or_numbers(home, monkeypatch):
    connectome(home)
    model = find_model("edges")
    texts = dict(param.split("=") for param in PARAMS)
    projection = describe_network(model, parameter_values(model, texts, {})).projections[0]
    assert isinstance(projection.rule, EdgeFiles) and projection.weight.name == "count"
    assert projection.delay_ms == 1.8
    constant = describe_network(model, parameter_values(model, texts | {"weight": "2.5"}, {})).projections[0]
    assert constant.weight == 50.0


def test_a_chip_and_a_peer_get_the_edges_too(home, benchnn):
    connectome(home)
    line = ("edges", *params(*PARAMS, "rate_hz=9000"))
    finished = benchnn("run", *line, *LINE, "--chip", "loihi1")
    assert finished.code == 0, finished.err
    record = json.loads(finished.out)
    assert record["model"]["edge_files"][0]["file"] == "brain.npz" and record["chip"]["cores"] > 0
    mapped = benchnn("map", *line, "--chip", "loihi1", "--json")
    assert mapped.code == 0 and json.loads(mapped.out)["model"]["neurons"] == 30


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_reading_is_shown_in_bytes(home, benchnn, monkeypatch):
    from benchnn.running import progress

    connectome(home)
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr("simcore.connectivity.files.npz.PIECE", 50)
    terminal = Terminal()
    with progress.reading_shown(terminal):
        model = find_model("edges")
        describe_network(model, parameter_values(model, dict(param.split("=") for param in PARAMS), {}))
    assert "reading brain.npz [###" in terminal.getvalue() and " MB" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    monkeypatch.setattr(progress, "LARGE_FILE", 1)
    stream = io.StringIO()
    amount = progress.Amount(stream, "reading brain.npz", 1, lambda done, whole: f" {done} of {whole}")
    for done in range(5):
        amount(done, 4)
    assert stream.getvalue().splitlines()[-1] == "benchnn: reading brain.npz 100 % 4 of 4"
    assert len(stream.getvalue().splitlines()) == 4
    assert sys.stderr is not stream
