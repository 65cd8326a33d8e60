"""``benchnn validate``: candidate and reference from simulations or files, one verdict, one exit code."""

import json
import re
import shutil
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchnn.cli import main
from benchnn.commands import validate as validate_command
from benchnn.model_source import describe_network, find_model
from benchnn.statistics.measures import MICROCIRCUIT, MULTI_AREA
from benchnn.statistics.recordings import read_recording
from benchnn.statistics.train_distances import MEASURES, DistanceSettings, train_distances
from benchnn.studies import validation
from benchnn.studies.train_distances_table import OPTIONS, compared_trains
from simcore.errors import InputError
from tests.benchnn.runs_in_process import runs_in_process

DOCS = Path(__file__).parents[3] / "docs" / "validation.md"
MODEL = """
from simcore.network import FixedIndegree, Network, Poisson, Population, Projection


def busy(weight: float = 100.0, t_ref_ms: float = 2.0):
    params = {"t_ref": t_ref_ms, "tau_syn_ex": 0.5}
    return Network(
        [Population("E", 40, params=params), Population("I", 10, params=params)],
        [Projection("E", "I", FixedIndegree(8), weight, 1.0), Projection("I", "E", FixedIndegree(3), -weight, 1.0)],
        [Poisson("E", 9000.0, weight), Poisson("I", 4000.0, weight)],
    )
"""
SHORT = ("--time", "300", "--warmup", "20", "--threads", "1", "--seeds", "5")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A folder with a model and one validation of simcore by itself, with its spikes."""
    folder = tmp_path_factory.mktemp("validation")
    (folder / "busy.py").write_text(MODEL)
    with pytest.MonkeyPatch.context() as patch, runs_in_process():
        patch.chdir(folder)
        assert (
            main(["validate", "busy.py:busy", *SHORT, "--reference", "simcore", "--keep-spikes", "--out", "same"]) == 0
        )
    return folder


@pytest.fixture
def validate(workshop, monkeypatch, benchnn):
    """Call the command in the folder: ``validate("--reference", ..., out="x")``."""
    monkeypatch.chdir(workshop)

    def call(*arguments, out="out", short=SHORT):
        shutil.rmtree("out", ignore_errors=True)
        return benchnn("validate", "busy.py:busy", *short, "--out", out, *arguments)

    return call


def record_of(workshop, folder):
    return json.loads((workshop / folder / "validation.json").read_text())


def test_a_simulator_passes_against_itself_and_leaves_its_statistics(workshop):
    record = record_of(workshop, "same")
    assert record["passed"] is True and record["divisions"] == 252
    assert record["candidate"]["seeds"] == [1, 2, 3, 4, 5]
    assert record["reference"]["seeds"] == [1001, 1002, 1003, 1004, 1005]
    assert record["reference"]["simulator"].startswith("simcore ")
    names = {path.name for path in (workshop / "same").iterdir()}
    assert {"validation.json", "candidate.h5", "reference.h5", "candidate-1", "reference-1005.log"} <= names


def test_every_key_is_documented(workshop):
    page = DOCS.read_text().partition("\n## validation.json\n")[2]
    documented = set(re.findall(r"`([\w.]+)`", page))

    def keys(value, key=""):
        named_by_user = key in ("model.parameters", "differing_parameters", "reasons") or key.endswith("provenance")
        if isinstance(value, dict) and not named_by_user:
            return {leaf for name, child in value.items() for leaf in keys(child, f"{key}.{name}" if key else name)}
        return {f"{key}.NAME"} if key in ("model.parameters", "differing_parameters") else {key}

    record = record_of(workshop, "same")
    assert keys(record) <= documented
    assert set(record["findings"][0]) <= documented


def test_another_network_fails_and_the_differing_statistics_are_named(workshop, validate, in_process):
    finished = validate("--reference", "same/reference.h5", "--candidate-param", "weight=110")
    assert finished.code == 1
    assert "the candidate has weight = 110" in finished.out
    assert re.search(r"^FAIL: \d+ of \d+ statistics differ .*E FR", finished.out, re.MULTILINE)
    record = record_of(workshop, "out")
    assert record["passed"] is False and record["differing_parameters"] == {"weight": 110.0}
    # Statistics are kept, spikes are not.
    assert not list((workshop / "out").glob("*/spikes.h5"))


def test_recordings_are_judged_as_their_simulations_are(workshop, validate):
    files = [word for seed in range(1, 6) for word in ("--candidate", f"same/candidate-{seed}")]
    finished = validate(*files, "--reference", "same/reference.h5")
    assert finished.code == 0
    recorded, expected = record_of(workshop, "out"), record_of(workshop, "same")
    assert recorded["findings"] == expected["findings"]
    assert recorded["candidate"]["spike_digests"] == expected["candidate"]["spike_digests"]
    assert recorded["candidate"]["seeds"] == [None] * 5


def test_too_few_recordings_give_no_verdict(workshop, validate):
    finished = validate("--candidate", "same/candidate-1", "--reference", "same/reference.h5")
    assert finished.code == 1 and "no verdict: too few recordings" in finished.out
    record = record_of(workshop, "out")
    assert record["passed"] is None and "passed" in record["reasons"]


PAIRED = [
    word
    for seed in (1, 2)
    for word in ("--candidate", f"same/candidate-{seed}", "--reference", f"same/reference-100{seed}")
]


@pytest.mark.skipif(find_spec("elephant") is None, reason="Elephant is not installed")
def test_spike_trains_of_recordings_are_compared_in_pairs(workshop, validate):
    finished = validate(*PAIRED, "--reference", "same/reference-1003", "--coincidence-steps", "4")
    distances = record_of(workshop, "out")["train_distances"]
    assert distances["coincidence_steps"] == 4 and distances["window_ms"] == 300.0
    network = describe_network(find_model("busy.py:busy"), {})
    for number, pair in enumerate(distances["pairs"], 1):
        files = [f"same/candidate-{number}", f"same/reference-100{number}"]
        assert [pair["candidate"], pair["reference"]] == files
        recordings = [read_recording(Path(file), network, 20.0, 320.0) for file in files]
        expected = train_distances(*recordings, DistanceSettings(coincidence_steps=4))
        for measure in MEASURES:
            recorded, value = pair["populations"]["E"][measure], expected["E"].estimates[measure]
            assert (recorded["mean"], recorded["neurons"]) == (value.mean, value.neurons)
            assert (recorded["low"], recorded["high"]) == value.interval
        # Its neurons are silent.
        assert pair["populations"]["I"]["coincident_share"] is None
        place = f"train_distances.pairs.{number - 1}.populations.I.coincident_share"
        assert "silent" in record_of(workshop, "out")["reasons"][place]
        assert pair["populations"]["E"]["van_rossum"]["mean"] > 0.1
        assert f"{files[0]} against {files[1]}, mean over neurons" in finished.out
    keys = {*distances, *pair, *pair["populations"]["E"], *pair["populations"]["E"]["van_rossum"]} - {"populations"}
    documented = set(re.findall(r"`([\w.]+)`", DOCS.read_text().partition("\n### train_distances\n")[2]))
    assert keys | {"populations.NAME.MEASURE"} <= documented
    assert len(distances["pairs"]) == 2 and "coincident within 4 steps" in finished.out


def test_without_elephant_the_distances_are_null_with_the_reason(workshop, validate, monkeypatch):
    for module in ("elephant", "elephant.spike_train_dissimilarity"):
        monkeypatch.setitem(sys.modules, module, None)
    finished = validate(*PAIRED)
    record = record_of(workshop, "out")
    place, keys = "train_distances.pairs.1.populations.E", record["train_distances"]["pairs"][1]["populations"]["E"]
    assert keys["van_rossum"] is None and keys["victor_purpura"] is None
    assert 0.0 < keys["coincident_share"]["low"] < keys["coincident_share"]["high"] < 1.0
    for measure in ("van_rossum", "victor_purpura"):
        assert "pip install 'benchnn[elephant]'" in record["reasons"][f"{place}.{measure}"]
    assert finished.out.count("pip install 'benchnn[elephant]'") == 1


def test_spike_trains_of_simulations_and_sets_are_not_compared(workshop, validate):
    validate("--candidate", "same/candidate-1", "--reference", "same/reference.h5")
    for folder in ("same", "out"):
        record = record_of(workshop, folder)
        assert record["train_distances"] is None
        assert "are recordings" in record["reasons"]["train_distances"]


def test_a_signal_ends_the_comparison_of_spike_trains(workshop, validate, monkeypatch):
    def interrupted(*arguments):
        signal.raise_signal(signal.SIGTERM)
        return compared_trains(*arguments)

    monkeypatch.setattr(validation, "compared_trains", interrupted)
    finished = validate(*PAIRED)
    record = record_of(workshop, "out")
    assert finished.code == 1 and "interrupted by SIGTERM" in finished.err
    assert record["train_distances"] is None and record["reasons"]["train_distances"] == "interrupted by SIGTERM"
    assert record["findings"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--preset", "slow"], ["preset = 'slow'", "quick, short, full"]),
        (["--candidate", "abacus"], ["candidate = 'abacus'", "simcore, nest, brian2"]),
        (["--candidate", "simcore", "--candidate", "same/candidate-1"], ["candidate", "one simulator, or files"]),
        (["--reference", "same/reference-1001"], ["reference", "two recordings"]),
        (["--seeds", "4", "--reference", "simcore"], ["seeds = 4 and 4 are too few", "5 and 5"]),
        (["--seeds", "x", "--reference", "simcore"], ["seeds = 'x'"]),
        (["--seeds", "1", "--reference", "simcore"], ["reference seeds = 1", "at least 2"]),
        (["--time", "0", "--reference", "simcore"], ["time_ms = 0.0", "must be positive"]),
        (["--time", "400", "--reference", "same/reference.h5"], ["a different network or window", "time_ms is 300.0"]),
        (["--param", "weight=101", "--reference", "same/reference.h5"], ["parameter weight is 100.0, not 101.0"]),
        (["--candidate", "same/reference.h5", "--reference", "same/reference.h5"], ["is the same as", "seed 1001"]),
        (["--candidate", "busy.py", "--reference", "same/reference.h5"], ["busy.py"]),
        (["--candidate", "same/candidate.h5", "--candidate-param", "weight=1", "--reference", "same/reference.h5"],
         ["candidate_param", "read from files"]),
        (["--time", "0.05", "--reference", "simcore"], ["time_ms = 0.05"]),
    ],
)  # fmt: skip
def test_refusals(workshop, validate, arguments, words):
    refusal = validate(*arguments).refusal
    assert all(word in refusal for word in words)
    assert not (workshop / "out").exists()


def test_an_earlier_validation_is_kept_unless_overwritten(validate):
    assert "already contains a validation" in validate("--reference", "same/reference.h5", out="same").refusal


def test_recordings_that_cannot_be_compared_leave_no_folder(home, benchnn):
    for seed in (1, 2):
        arguments = ("--time", 20, "--warmup", 5, "--backend", "oracle", "--record", "spikes", "--seed", seed)
        assert benchnn("run", "small.py:small", *arguments, "--out", f"r{seed}").code == 0
    (home / "bad.dat").write_text("not a recording\n")
    sides = {"bad.dat": "bad.dat", "the same twice": "r1"}
    for why, reference in sides.items():
        files = ("--candidate", "r1", "--candidate", "r2", "--reference", reference, "--reference", "r2")
        finished = benchnn("validate", "small.py:small", "--time", 20, "--warmup", 5, *files, "--out", "out")
        assert finished.code == 2, why
        assert not (home / "out").exists(), why


def test_a_model_declares_its_protocol_and_how_many_seeds_it_has(tmp_path):
    def plan(*params, seeds=None):
        run = {"model": "multi_area", "threads": "1", "out": tmp_path / "out"}
        run |= dict.fromkeys((*validate_command.RUN_OPTIONS[1:3], "overwrite"))
        options = validation.ValidateOptions(
            "short", ("simcore",), ("simcore",), seeds, None, run, ["areas=2", *params], [], False,
            dict.fromkeys(OPTIONS),
        )  # fmt: skip
        return validation.plan_validation(options, [])

    made = plan("neuron_scale=0.01", "in_degree_scale=0.01")
    assert made.measures is MULTI_AREA
    assert [side.seeds for side in made.sides] == [(1, 2, 3), (1001, 1002, 1003)]
    assert validation.measures_of("pd14") is validation.measures_of("own.py:network") is MICROCIRCUIT
    with pytest.raises(InputError, match="too few"):
        plan("neuron_scale=0.01", "in_degree_scale=0.01", seeds="4")
