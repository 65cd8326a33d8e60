"""Groups of ranks that exchange spikes less often than the ranks of a group: the same bits, fewer exchanges of all."""

import json
from functools import cache
from pathlib import Path

import pytest
from launch import on_ranks
from two_intervals import FAR_STEPS, NETWORKS, SENT_MS

PROGRAM = Path(__file__).with_name("two_intervals.py")
STEPS = 373
SAME = ("digests", "events", "network_digest", "stamps", "resumed")


@pytest.fixture(scope="module")
def runs_of():
    """Runs of each network, by ranks and threads."""

    @cache
    def started(ranks, threads):
        finished = on_ranks(ranks, PROGRAM, threads, *(NETWORKS if ranks == 4 else ["areas"]))
        assert finished.returncode == 0, finished.stderr
        runs = [json.loads(line) for line in finished.stdout.splitlines()]
        return {name: [run for run in runs if run["name"] == name] for name in NETWORKS}

    return started


@pytest.mark.parametrize(
    ("ranks", "threads", "groups"), [pytest.param(2, 2, [1, 1], marks=pytest.mark.thorough), (4, 1, [2, 2])]
)
def test_two_intervals_give_the_same_bits_with_fewer_exchanges_of_all_ranks(runs_of, ranks, threads, groups):
    first, *others = runs_of(ranks, threads)["areas"]
    assert all(run["freed"] for run in (first, *others))
    assert first["placement"] == "round_robin" and first["intervals"] == [1, None]
    assert first["exchanges"]["everyone"] == [STEPS] * ranks
    assert first["resumed"] == first["digests"][1] and min(map(len, first["stamps"].values())) > 20
    assert len(others) == 6
    for run in others:
        assert {key: run[key] for key in SAME} == {key: first[key] for key in SAME}
        assert run["groups"] == groups and run["intervals"] == [1, FAR_STEPS]
        assert run["reason"] == "the smallest delay is 1 step within groups of ranks and 10 steps between them"
        # Once in ten steps, and where a call of the step loop ends.
        between = {*range(FAR_STEPS, STEPS + 1, FAR_STEPS), *run["ends"]}
        assert run["ends"][-1] == STEPS and len(between) <= STEPS // FAR_STEPS + len(run["ends"])
        assert run["exchanges"] == {
            "everyone": [0] * ranks,
            "within_group": [STEPS * (size > 1) for size in groups for _ in range(size)],
            "between_groups": [len(between)] * ranks,
        }


def test_a_spike_arrives_in_the_other_group_in_its_own_step_wherever_it_is_in_the_interval(runs_of):
    sent = [round(10 * time) for time in SENT_MS]
    assert {step % FAR_STEPS for step in sent} == set(range(FAR_STEPS))
    runs = runs_of(4, 1)["relays"][1:]
    assert len(runs) == 6
    for run in runs:
        assert run["intervals"] == [1, FAR_STEPS]
        origin = run["stamps"]["A1"]
        assert len(origin) == 30 * len(sent)
        assert run["stamps"]["A2"] == [stamp + 1 for stamp in origin]
        assert run["stamps"]["B1"] == [stamp + FAR_STEPS for stamp in origin]
        expected = [stamp + FAR_STEPS + delay for stamp in origin for delay in (1, 1 + 3)]
        assert run["stamps"]["B2"] == sorted(expected)
