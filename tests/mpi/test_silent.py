"""Ranks skip their neurons at rest, and the spikes are those of the oracle."""

import json
from pathlib import Path

import pytest
from launch import on_ranks
from silent import ran

from simcore.comm import LocalCommunicator

PROGRAM = Path(__file__).with_name("silent.py")


@pytest.mark.thorough
@pytest.mark.parametrize(("ranks", "threads"), [(3, 2)])
def test_ranks_skip_neurons_at_rest(ranks, threads):
    finished = on_ranks(ranks, PROGRAM, threads)
    assert finished.returncode == 0, finished.stderr
    results, expected = json.loads(finished.stdout), ran(LocalCommunicator(), 1, "oracle")
    for found, wanted, steps in zip(results, expected, (1000, 500), strict=True):
        assert found[:3] == wanted[:3] and wanted[2] > 3
        assert 0.1 * steps * 301 < found[3] < steps * 301
