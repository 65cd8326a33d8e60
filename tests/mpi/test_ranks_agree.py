"""G1 over ranks: the golden bits on any number of ranks and threads, all deliveries, both exchanges."""

import json
from pathlib import Path

import pytest
from agree_networks import COUNTED, GOLDEN
from launch import on_ranks

PROGRAM = Path(__file__).with_name("agree.py")
# Each delivery and each exchange; the exchange is the same code for all three deliveries.
WAYS = (("just_in_time", "collective"), ("by_source", "directed"), ("calendar", "collective"), ("calendar", "directed"))
RANKS = (2, 3, 8)


def runs_on(ranks):
    """Networks with their delivery, exchange and threads: all with all ways on 2 ranks, each with one way on 3 ranks.

    On all numbers of ranks, brunel has all ways: it exchanges spikes least often, which takes long on few CPUs.
    """
    if ranks == 2:
        pairs = [(name, number, way) for number, name in enumerate(GOLDEN) for way in WAYS]
        return [(name, *way, 1 + (way == WAYS[number % 4])) for name, number, way in pairs]
    names = list(GOLDEN) if ranks == 3 else ["everything"]
    ways = [WAYS[(RANKS.index(ranks) + number) % 4] for number in range(len(names))]
    return [
        *((name, *way, 1) for name, way in zip(names, ways, strict=True)),
        *(("brunel", *way, 2 if ranks == 3 else 1) for way in WAYS),
    ]


@pytest.mark.parametrize("ranks", [2, 3, pytest.param(8, marks=pytest.mark.thorough)])
def test_the_golden_bits_on_several_ranks(ranks):
    runs = runs_on(ranks)
    finished = on_ranks(ranks, PROGRAM, *(",".join(map(str, run)) for run in runs))
    assert finished.returncode == 0, finished.stderr
    printed = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [(run["name"], run["delivery"], run["exchange"], run["threads"]) for run in printed] == runs
    assert {run[1:3] for run in runs} == set(WAYS)
    for run in printed:
        assert run["ranks"] == ranks
        assert (run["network_digest"], run["spike_digest"]) == GOLDEN[run["name"]][:2], run
        assert (run["synapses"], run["synaptic_events"]) == COUNTED[run["name"]], run
    # Some interval had more spikes than the first blocks hold, and none was lost.
    assert sum(run["overflows"] for run in printed) > 0
