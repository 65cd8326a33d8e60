"""Axons lie at the rank of their source; they and fitted networks are the same on any number of ranks."""

import json
from pathlib import Path

import pytest
from axons import axons_of_all, fitted_to_a_chip
from launch import on_ranks

from simcore.comm import LocalCommunicator

PROGRAM = Path(__file__).with_name("axons.py")


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_axons_and_fitted_networks_are_the_same_on_any_number_of_ranks(ranks):
    finished = on_ranks(ranks, PROGRAM)
    assert finished.returncode == 0, finished.stderr
    printed = json.loads(finished.stdout)
    assert printed["axons"] == axons_of_all(LocalCommunicator())[0]
    assert printed["sources"] == [list(range(rank, 51, ranks)) for rank in range(ranks)]
    own = json.loads(json.dumps(fitted_to_a_chip(LocalCommunicator())[0]))
    assert own[2]["cores_after"] > own[2]["cores_before"] and "synapses, more than the limit of 20" in own[3]
    assert printed["fitted"] == [own] * ranks
