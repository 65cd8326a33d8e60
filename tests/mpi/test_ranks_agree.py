"""G1 over ranks: the golden bits on any number of ranks and threads, both deliveries, both exchanges."""

import json
from pathlib import Path

import pytest
from agree_networks import GOLDEN, counts_of_oracle
from launch import on_ranks

PROGRAM = Path(__file__).with_name("agree.py")
LAYOUTS = [(2, 1), (3, 1), (4, 1), (5, 1), (8, 1), (2, 2), (3, 2)]


@pytest.mark.parametrize(("ranks", "threads"), LAYOUTS)
def test_the_golden_bits_on_several_ranks(ranks, threads):
    names = list(GOLDEN) if ranks <= 3 and threads == 1 else ["everything", "brunel"]
    finished = on_ranks(ranks, PROGRAM, threads, *names)
    assert finished.returncode == 0, finished.stderr
    told = [json.loads(line) for line in finished.stdout.splitlines()]
    assert len(told) == 4 * len(names)
    overflows = 0
    for run in told:
        assert run["ranks"] == ranks
        assert (run["network_digest"], run["spike_digest"]) == GOLDEN[run["name"]][:2], run
        assert (run["synapses"], run["synaptic_events"]) == counts_of_oracle(run["name"]), run
        overflows += run["overflows"]
    # Some interval had more spikes than the first blocks hold, and none was lost.
    assert overflows > 0
    assert {(run["delivery"], run["exchange"]) for run in told} == {
        ("just_in_time", "collective"),
        ("by_source", "directed"),
        ("calendar", "collective"),
        ("calendar", "directed"),
    }
