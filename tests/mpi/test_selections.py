"""G1 over ranks for selected neurons."""

import json
from pathlib import Path

import pytest
from launch import on_ranks
from selections import simulated

from simcore.comm import LocalCommunicator

PROGRAM = Path(__file__).with_name("selections.py")


@pytest.fixture(scope="module")
def expected():
    """What the oracle yields in one process."""
    return json.loads(json.dumps(simulated(LocalCommunicator(), 1, "oracle", "collective")))


@pytest.mark.parametrize(("ranks", "threads", "exchange"), [(2, 1, "collective"), (3, 2, "directed")])
def test_the_same_bits_on_any_number_of_ranks(ranks, threads, exchange, expected):
    finished = on_ranks(ranks, PROGRAM, threads, exchange)
    assert finished.returncode == 0, finished.stderr
    results = json.loads(finished.stdout)
    assert results == {**expected, "ranks": ranks}


def test_parameters_and_spikes_differ_before_and_after(expected):
    (network, spikes), (changed, later) = expected["digests"]
    assert network != changed and spikes != later and len(expected["traces"]) == 5
    chosen = {neuron for _, neuron in expected["spikes"]}
    assert len(chosen) > 5 and chosen <= {*range(0, 83, 3), *range(83, 87)}
