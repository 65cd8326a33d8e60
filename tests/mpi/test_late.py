"""The same spikes at late steps on any number of ranks."""

import json
from pathlib import Path

import pytest
from late import STEPS, digests
from launch import on_ranks

from simcore.comm import LocalCommunicator

PROGRAM = Path(__file__).with_name("late.py")


@pytest.fixture(scope="module")
def expected():
    return [list(one) for one in digests(LocalCommunicator(), 1, "oracle")]


@pytest.mark.parametrize(("ranks", "threads", "exchange"), [(2, 1, "collective"), (3, 2, "directed")])
def test_ranks_agree_at_late_steps(expected, ranks, threads, exchange):
    finished = on_ranks(ranks, PROGRAM, threads, exchange)
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout) == expected
    assert [step for _, _, step in expected] == [step + 150 for step in STEPS]
    assert all(spikes > 50 for _, spikes, _ in expected) and len({digest for digest, _, _ in expected}) == len(STEPS)
