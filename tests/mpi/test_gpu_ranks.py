"""G1 over GPUs: the golden bits on several ranks, each with a GPU of its own (emulated on threads of the CPU)."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from agree_networks import COUNTED, GOLDEN
from emulation import COMPILER, FOLDER
from launch import on_ranks

from simcore.backends.gpu.ranks import gpu_of_rank
from simcore.errors import ResourceError

PROGRAM = Path(__file__).with_name("gpu_agree.py")
# Each delivery with each exchange; a network with spikes of several multiplicities, and one that exchanges them rarely.
RUNS = {
    2: [
        ("brunel", "just_in_time", "collective"),
        ("brunel", "just_in_time", "directed"),
        ("brunel", "calendar", "collective"),
    ],
    3: [("everything", "calendar", "directed")],
}


@pytest.mark.skipif(COMPILER is None, reason="gpu: there is no g++ to emulate one")
@pytest.mark.parametrize("ranks", [2, pytest.param(3, marks=pytest.mark.thorough)])
def test_the_golden_bits_on_several_gpus(ranks):
    finished = on_ranks(ranks, PROGRAM, FOLDER, *map(",".join, RUNS[ranks]))
    assert finished.returncode == 0, finished.stderr
    runs = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [(run["name"], run["delivery"], run["exchange"]) for run in runs] == RUNS[ranks]
    for run in runs:
        assert (run["network_digest"], run["spike_digest"]) == GOLDEN[run["name"]][:2], run
        assert (run["synapses"], run["synaptic_events"]) == COUNTED[run["name"]], run
        assert run["exchange_s"] > 0.0 and min(run["exchanges"]) >= 1000 / run["interval"]


def gathered(rank, *everyone):
    return SimpleNamespace(rank=rank, gather=lambda mine: list(everyone))


def test_a_rank_uses_the_gpu_of_its_place_among_those_who_see_the_same(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "a")
    two, other, own = ("a", ("0", "1")), ("b", ("0", "1")), ("a", ("2",))
    assert [gpu_of_rank(gathered(rank, two, other, two, other), two[1]) for rank in range(4)] == [0, 0, 1, 1]
    # A launcher may show each rank a GPU of its own.
    assert gpu_of_rank(gathered(1, two, own, two), own[1]) == 0


def test_more_ranks_than_gpus_are_refused(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "a")
    seen = ("a", ("0", "1"))
    with pytest.raises(ResourceError, match="3 ranks share 2 GPUs of a; use one GPU per rank"):
        gpu_of_rank(gathered(0, seen, seen, seen), seen[1])
