"""``benchnn run`` on several ranks: the same record, the same bytes, one voice."""

import hashlib
import json
import os
import re
import shutil
import socket
from functools import cache

import pytest
from launch import benchnn, on_ranks, several

from simcore.jit.compilation import cache_folder

MODELS = {
    "pd14": ("pd14", "--param", "scale=0.05", "--record", "V_m:L4E:0,1,7-9", "--record", "V_m:L6I:3"),
    "brunel": ("brunel", "--param", "order=100", "--record", "I_syn_ex:I:0,5"),
}
COMMON = ("--time", 40, "--warmup", 10, "--seed", 7, "--record", "spikes")
LAYOUTS = {
    1: [("pd14", 2, ())],
    2: [
        ("pd14", 1, ("--exchange", "directed")),
        ("pd14", 2, ("--json",)),
        ("brunel", 1, ("--exchange", "directed", "--json")),
    ],
    3: [("pd14", 1, ("--exchange", "directed", "--delivery", "just_in_time", "--json")), ("brunel", 2, ())],
    4: [("pd14", 1, ("--checkpoint-every", "20"))],
}
"""By ranks: models, threads and options of runs on these ranks."""
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


def command(folder, model, threads, options=()):
    return ("run", *MODELS[model], *COMMON, "--threads", threads, "--out", folder, *options)


class Left:
    """What a run left in its folder and on its streams."""

    def __init__(self, folder, finished):
        assert finished.returncode == 0, finished.stderr
        self.finished = finished
        self.record = json.loads((folder / "result.json").read_text())
        files = [path for path in folder.iterdir() if path.name != "result.json"]
        self.files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def references(tmp_path_factory):
    folders = {model: tmp_path_factory.mktemp("one") / model for model in MODELS}
    return {model: Left(folder, benchnn(1, *command(folder, model, 1))) for model, folder in folders.items()}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """What all runs on some ranks left."""

    @cache
    def left(ranks):
        folders = [tmp_path_factory.mktemp("several") / model for model, _, _ in LAYOUTS[ranks]]
        commands = [command(folder, *layout) for folder, layout in zip(folders, LAYOUTS[ranks], strict=True)]
        finished = several(ranks, *commands) if ranks > 1 else [benchnn(1, *words) for words in commands]
        return list(map(Left, folders, finished))

    return left


@pytest.fixture(scope="module")
def two_ranks(runs):
    return runs(2)[1].record


@pytest.mark.parametrize(("ranks", "number"), [(ranks, n) for ranks in LAYOUTS for n in range(len(LAYOUTS[ranks]))])
def test_any_layout_gives_the_same_record_and_the_same_bytes(runs, references, ranks, number):
    model, threads, options = LAYOUTS[ranks][number]
    left, one = runs(ranks)[number], references[model]
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


def test_what_differs_by_rank_is_reported_by_its_statistics(two_ranks):
    numbers = {
        **two_ranks["wall_s"],
        **two_ranks["memory_bytes"],
        **two_ranks["communication"],
        **two_ranks["phases_s"],
    }
    for name, values in numbers.items():
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
    model = ("run", f"{tmp_path}/few.py:two", "--time", 30, "--warmup", 0, "--threads", 1)
    layouts = [("true", "collective"), ("true", "directed"), ("false", "directed")]
    commands = [
        (*model, "--param", f"connected={connected}", "--exchange", exchange, "--out", tmp_path / f"{number}")
        for number, (connected, exchange) in enumerate(layouts)
    ]
    left = []
    for number, finished in enumerate([benchnn(1, *commands[0]), *several(3, *commands[1:])]):
        assert finished.returncode == 0, finished.stderr
        record = json.loads((tmp_path / f"{number}" / "result.json").read_text())
        left.append((record["spikes"], record["spike_digest"], (tmp_path / f"{number}" / "spikes.h5").read_bytes()))
    assert left[0] == left[1]
    assert min(spikes for spikes, _, _ in left) > 2


WRONG = {
    "an argument that is unknown": (("--bogus",), "unrecognized arguments: --bogus"),
    "a parameter": (("--param", "scale=7"), "scale = 7.0"),
    "an option that rank 0 checks": (("--weight-bits", 9), "weight_bits = 9"),
    "too many threads": (("--threads", 2000), "threads = 2000"),
    "an option that the simulator checks": (("--backend", "oracle"), "ranks = 2"),
    "too large a network": (("--param", "n_scaling=500"), "too little memory: the part of 2 ranks"),
    "a dry run on several ranks": (("--dry-run-ranks", 8), "without mpiexec"),
    "nothing to resume": (("--resume", "nowhere"), "nowhere"),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """How each wrong input was refused, in one start of all ranks."""
    out = tmp_path_factory.mktemp("refused") / "a" / "b"
    finished = several(2, *(("run", "pd14", *options, "--json", "--out", out) for options, _ in WRONG.values()))
    assert not out.parent.exists()
    return dict(zip(WRONG, finished, strict=True))


def check_refusal(finished, sentence):
    assert finished.returncode == 2, finished.stderr
    errors = [line for line in finished.stderr.splitlines() if line.startswith("benchnn: error")]
    assert len(errors) == 1 and errors[0].startswith("benchnn: error: ") and sentence in errors[0]
    assert "Traceback" not in finished.stderr and "MPI_Abort" not in finished.stderr


@pytest.mark.parametrize("which", WRONG)
def test_wrong_input_is_one_sentence(refused, which):
    check_refusal(refused[which], WRONG[which][1])
    assert refused[which].stdout == ""


@pytest.mark.parametrize("which", ["an argument that is unknown", "an option that the simulator checks"])
def test_wrong_input_ends_all_ranks_and_leaves_nothing(tmp_path, which):
    options, sentence = WRONG[which]
    finished = benchnn(2, "run", "pd14", *options, "--json", "--out", tmp_path / "a" / "b", timeout=30)
    check_refusal(finished, sentence)
    assert finished.stdout == "" or "prterun" in finished.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_fails_is_one_sentence(tmp_path):
    (tmp_path / "own.py").write_text("def broken():\n    raise ZeroDivisionError('by nought')\n")
    finished = benchnn(2, "run", f"{tmp_path}/own.py:broken", "--out", tmp_path / "out", timeout=60)
    assert finished.returncode == 2, finished.stderr
    assert finished.stderr.count("own.py, line 2: ZeroDivisionError: by nought") == 1
    assert not (tmp_path / "out").exists()


def test_kernels_are_compiled_once_and_rank_0_says_so(tmp_path, references, monkeypatch):
    cache = cache_folder().resolve()
    copy = tmp_path / "cache" / cache.relative_to(cache.parents[1])
    shutil.copytree(cache, copy, copy_function=os.symlink)
    # One kernel, which a few seconds suffice for.
    for file in [*copy.rglob("*spike_digest_words*.nbi"), *copy.rglob("*spike_digest_words*.nbc")]:
        file.unlink()
    monkeypatch.setenv("BENCHNN_CACHE_DIR", str(tmp_path / "cache"))
    left = []
    for name in ("first", "second"):
        words = command(tmp_path / name, "brunel", 1, ("--json",))
        left.append(Left(tmp_path / name, on_ranks(2, "-m", "benchnn", *words, timeout=120)))
        assert json.loads(left[-1].finished.stdout) == left[-1].record
    first, second = (one.finished.stderr for one in left)
    numbers = re.findall(r"^benchnn: compiling .* \.\.\. [\d.]+ s$", first, re.MULTILINE)
    assert len(numbers) == first.count("compiling") == 1
    assert "compiling" not in second
