"""G1 over ranks for what varies: drives, sources, parameters that change between runs, and edges that are asked for."""

import json
from pathlib import Path

import pytest
from launch import on_ranks
from varying import simulated

from simcore.comm import LocalCommunicator

PROGRAM = Path(__file__).with_name("varying.py")


@pytest.fixture(scope="module")
def expected():
    """What the oracle yields in one process."""
    return json.loads(json.dumps(simulated(LocalCommunicator(), 1, "oracle")))


@pytest.mark.parametrize(("ranks", "threads"), [(3, 2)])
def test_the_same_bits_on_any_number_of_ranks(ranks, threads, expected):
    finished = on_ranks(ranks, PROGRAM, threads)
    assert finished.returncode == 0, finished.stderr
    printed = json.loads(finished.stdout)
    assert printed["ranks"] == ranks
    check(printed, ranks, expected)


def test_the_same_bits_on_one_rank(expected):
    check(json.loads(json.dumps(simulated(LocalCommunicator(), 2))), 1, expected)


def check(printed, ranks, expected):
    assert printed["digests"] == expected["digests"] and printed["after"] == expected["after"]
    assert printed["edges"] == ranks * expected["edges"]
    assert printed["traces"] == expected["traces"]


def test_every_part_differs_so_that_the_digests_say_something(expected):
    spikes, networks = zip(*expected["digests"], strict=True)
    assert len(set(spikes)) == len(set(networks)) == 6
    assert expected["after"][0] == expected["after"][1] not in spikes
    assert len(set(expected["edges"][0])) == 3 and len(expected["traces"]) == 6
