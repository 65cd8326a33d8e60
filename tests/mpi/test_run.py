"""``benchnn run`` on several ranks: the same record, the same bytes, one voice."""

import hashlib
import json
import re
import shutil
import socket

import pytest
from launch import benchnn

from simcore.jit.compilation import cache_folder

MODELS = {
    "pd14": ("pd14", "--param", "scale=0.05", "--record", "V_m:L4E:0,1,7-9", "--record", "V_m:L6I:3"),
    "brunel": ("brunel", "--param", "order=100", "--record", "I_syn_ex:I:0,5"),
}
COMMON = ("--time", 40, "--warmup", 10, "--seed", 7, "--record", "spikes")
LAYOUTS = [
    ("pd14", 1, 2, ()),
    ("pd14", 2, 1, ("--exchange", "directed")),
    ("pd14", 2, 2, ("--json",)),
    ("pd14", 3, 1, ("--exchange", "directed", "--delivery", "just_in_time", "--json")),
    ("pd14", 4, 1, ("--checkpoint-every", "20")),
    ("brunel", 2, 1, ("--exchange", "directed", "--json")),
    ("brunel", 3, 2, ()),
    ("brunel", 8, 2, ()),
]
SAME = (
    "spikes",
    "active_neurons",
    "spike_digest",
    "network_digest",
    "synaptic_events",
    "mean_rate_hz",
    "model",
    "seed",
)


class Left:
    """What a run left in its folder and on its streams."""

    def __init__(self, folder, model, ranks, threads, options=()):
        arguments = ("run", *MODELS[model], *COMMON, "--threads", threads, "--out", folder, *options)
        self.finished = benchnn(ranks, *arguments, timeout=120)
        assert self.finished.returncode == 0, self.finished.stderr
        self.record = json.loads((folder / "result.json").read_text())
        files = [path for path in folder.iterdir() if path.name != "result.json"]
        self.files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def references(tmp_path_factory):
    return {model: Left(tmp_path_factory.mktemp("one") / model, model, 1, 1) for model in MODELS}


@pytest.fixture(scope="module")
def two_ranks(tmp_path_factory):
    return Left(tmp_path_factory.mktemp("two") / "pd14", "pd14", 2, 2).record


@pytest.mark.parametrize(("model", "ranks", "threads", "options"), LAYOUTS)
def test_any_layout_gives_the_same_record_and_the_same_bytes(tmp_path, references, model, ranks, threads, options):
    left, one = Left(tmp_path / "out", model, ranks, threads, options), references[model]
    assert {key: left.record[key] for key in SAME} == {key: one.record[key] for key in SAME}
    assert one.record["spikes"] > 100
    assert left.files == one.files
    assert len(one.files) == 2
    assert left.record["layout"]["ranks"] == ranks
    assert left.record["layout"]["threads_per_rank"] == threads
    # Rank 0 alone is heard.
    assert left.finished.stderr.count("benchnn: constructing") == 1
    assert left.finished.stderr.count("simulation 100 %") == 1
    assert "error" not in left.finished.stderr
    if "--json" in options:
        assert json.loads(left.finished.stdout) == left.record
    else:
        assert left.finished.stdout.count("written to") == 1


def test_what_differs_by_rank_is_told_by_its_statistics(two_ranks):
    told = {**two_ranks["wall_s"], **two_ranks["memory_bytes"], **two_ranks["communication"], **two_ranks["phases_s"]}
    for name, values in told.items():
        entries = 4 if name in two_ranks["phases_s"] else 2
        assert values["min"] <= values["mean"] <= values["max"], name
        assert values["sum"] == pytest.approx(entries * values["mean"]), name
    for phase in ("deliver", "update"):
        seconds = two_ranks["phases_s"][phase]
        assert two_ranks["load_imbalance"][phase] == pytest.approx(seconds["max"] / seconds["mean"])
    assert two_ranks["layout"]["hosts"] == [socket.gethostname()]
    assert two_ranks["memory_bytes"]["peak_rss"]["min"] > 50e6
    assert two_ranks["memory_bytes"]["synapses"]["sum"] >= 4 * two_ranks["model"]["synapses"]


def test_communication_is_counted_over_the_whole_run(two_ranks, references):
    counted = two_ranks["communication"]
    # One exchange a step: pd14's smallest delay is one step.
    assert counted["exchanges"]["min"] == counted["exchanges"]["max"] == 500
    # Every spike reaches the other rank once, those of the warm-up too.
    assert counted["bytes_received"]["sum"] >= 4 * two_ranks["spikes"]
    assert counted["bytes_sent"]["min"] >= 4 * 500
    assert 0.0 < counted["exchange_s"]["max"] <= two_ranks["phases_s"]["communicate"]["sum"] + 0.01
    alone = references["pd14"].record
    assert alone["communication"] is None and alone["backend"]["exchange"] is None
    assert alone["reasons"]["communication"]


def test_more_ranks_than_neurons(tmp_path):
    (tmp_path / "few.py").write_text(
        "from simcore.network import AllToAll, Network, Population, Projection, SpikeRecorder\n"
        "def two(connected: bool):\n"
        "    links = [Projection('A', 'A', AllToAll(), 10.0, 0.1)] if connected else []\n"
        "    return Network([Population('A', 2, params={'I_e': 900.0})], links, [], [SpikeRecorder()])\n"
    )
    left = []
    for connected, ranks, exchange in (("true", 1, "collective"), ("true", 3, "directed"), ("false", 3, "directed")):
        out = tmp_path / f"{connected}-{ranks}"
        options = ("--param", f"connected={connected}", "--time", 30, "--warmup", 0, "--exchange", exchange)
        finished = benchnn(ranks, "run", f"{tmp_path}/few.py:two", *options, "--threads", 1, "--out", out)
        assert finished.returncode == 0, finished.stderr
        record = json.loads((out / "result.json").read_text())
        left.append((record["spikes"], record["spike_digest"], (out / "spikes.h5").read_bytes()))
    assert left[0] == left[1]
    assert min(spikes for spikes, _, _ in left) > 2


WRONG = {
    "an argument that is not known": (("--bogus",), "unrecognized arguments: --bogus"),
    "a parameter": (("--param", "scale=7"), "scale = 7.0"),
    "an option that rank 0 checks": (("--weight-bits", 9), "weight_bits = 9"),
    "too many threads": (("--threads", 2000), "threads = 2000"),
    "an option that the simulator checks": (("--backend", "oracle"), "ranks = 2"),
    "too large a network": (("--param", "n_scaling=500"), "too little memory: the part of 2 ranks"),
    "a dry run on several ranks": (("--dry-run-ranks", 8), "without mpiexec"),
    "nothing to resume": (("--resume", "nowhere"), "nowhere"),
}


@pytest.mark.parametrize("which", WRONG)
def test_wrong_input_is_one_sentence_and_leaves_nothing(tmp_path, which):
    options, sentence = WRONG[which]
    finished = benchnn(2, "run", "pd14", *options, "--json", "--out", tmp_path / "a" / "b", timeout=30)
    assert finished.returncode == 2, finished.stderr
    errors = [line for line in finished.stderr.splitlines() if line.startswith("benchnn: error")]
    assert len(errors) == 1 and errors[0].startswith("benchnn: error: ") and sentence in errors[0]
    assert "Traceback" not in finished.stderr and "MPI_Abort" not in finished.stderr
    assert finished.stdout == "" or "prterun" in finished.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_fails_is_one_sentence(tmp_path):
    (tmp_path / "own.py").write_text("def broken():\n    raise ZeroDivisionError('by nought')\n")
    finished = benchnn(3, "run", f"{tmp_path}/own.py:broken", "--out", tmp_path / "out", timeout=60)
    assert finished.returncode == 2, finished.stderr
    assert finished.stderr.count("own.py, line 2: ZeroDivisionError: by nought") == 1
    assert not (tmp_path / "out").exists()


def test_kernels_are_compiled_once_and_rank_0_says_so(tmp_path, references, monkeypatch):
    cache = cache_folder()
    copy = tmp_path / "cache" / cache.relative_to(cache.parents[1])
    shutil.copytree(cache, copy)
    # One kernel, which a few seconds suffice for.
    for file in [*copy.rglob("*spike_digest_words*.nbi"), *copy.rglob("*spike_digest_words*.nbc")]:
        file.unlink()
    monkeypatch.setenv("BENCHNN_CACHE_DIR", str(tmp_path / "cache"))
    first, second = (Left(tmp_path / name, "brunel", 2, 1).finished.stderr for name in ("first", "second"))
    told = re.findall(r"^benchnn: compiling .* \.\.\. [\d.]+ s$", first, re.MULTILINE)
    assert len(told) == first.count("compiling") == 1
    assert "compiling" not in second
