"""Axons lie at the rank of their source, and are the same on any number of ranks."""

import json
from pathlib import Path

import pytest
from axons import axons_of_all
from launch import on_ranks

from simcore.comm import LocalCommunicator

PROGRAM = Path(__file__).with_name("axons.py")


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_axons_are_the_same_on_any_number_of_ranks(ranks):
    finished = on_ranks(ranks, PROGRAM)
    assert finished.returncode == 0, finished.stderr
    told = json.loads(finished.stdout)
    assert told["axons"] == axons_of_all(LocalCommunicator())[0]
    assert told["sources"] == [list(range(rank, 51, ranks)) for rank in range(ranks)]
