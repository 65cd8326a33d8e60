"""G1 over placements: the same spikes, weights and snapshots whichever rank owns which neuron."""

import json
from pathlib import Path

import pytest
from launch import on_ranks

PROGRAM = Path(__file__).with_name("placements.py")
SAME = ("first", "then", "network_digest", "synapses", "weights", "spikes", "traces")


@pytest.fixture(scope="module")
def one_rank():
    finished = on_ranks(1, PROGRAM, 1)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[0])


@pytest.mark.thorough
@pytest.mark.parametrize(("ranks", "threads"), [(3, 2)])
def test_any_placement_gives_the_same_bits_and_goes_on_from_any_other(one_rank, ranks, threads):
    finished = on_ranks(ranks, PROGRAM, threads)
    assert finished.returncode == 0, finished.stderr
    results = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [run["placement"] for run in results] == ["round_robin", "areas", "areas", "by_population"]
    for run in results:
        assert {key: run[key] for key in SAME} == {key: one_rank[key] for key in SAME}
        assert sum(run["neurons"]) == 87
        assert run["groups"] == ([ranks] if run["placement"] == "round_robin" else [1, ranks - 1])
    assert [run["resumed"] for run in results] == [None, *[one_rank["then"]] * 3]
    assert one_rank["spikes"] > 100
