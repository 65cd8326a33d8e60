"""The exchange of spikes alone: every word arrives once, at its step, where it is needed, in order."""

import json
from pathlib import Path

import pytest
from launch import on_ranks

PROGRAM = Path(__file__).with_name("exchanging.py")
CASES = 60
EVERYTHING = ("no_room", "overflows", "exact", "one_more", "silent", "left_out")


@pytest.mark.parametrize(
    "ranks", [pytest.param(2, marks=pytest.mark.thorough), 3, pytest.param(4, marks=pytest.mark.thorough)]
)
def test_words_arrive_as_with_a_pickled_allgather(ranks):
    finished = on_ranks(ranks, PROGRAM, 20 + ranks, CASES, timeout=120)
    assert finished.returncode == 0, finished.stderr
    met = json.loads(finished.stdout)
    assert met["exchanges"] > CASES * ranks
    # The random cases met each of these at least once.
    assert all(met[name] > 0 for name in EVERYTHING), met
    assert met["refused"] == ranks


@pytest.mark.thorough
def test_closed_exchanges_leave_their_communicators_to_others():
    # MPICH has 2,048 communicators, and each exchange makes two.
    finished = on_ranks(2, PROGRAM.with_name("closing.py"), 2100)
    assert (finished.returncode, finished.stdout) == (0, "2100\n"), finished.stderr
