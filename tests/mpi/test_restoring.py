"""A snapshot belongs to the parameters with which it was made, on any number of ranks."""

import json
from pathlib import Path

import pytest
from launch import on_ranks
from restoring import restored

from simcore.comm import LocalCommunicator

PROGRAM = Path(__file__).with_name("restoring.py")


@pytest.mark.thorough
@pytest.mark.parametrize(("ranks", "threads"), [(3, 2)])
def test_ranks_go_on_with_the_same_parameters_and_refuse_others(ranks, threads):
    finished = on_ranks(ranks, PROGRAM, threads)
    assert finished.returncode == 0, finished.stderr
    results, expected = json.loads(finished.stdout), restored(LocalCommunicator(), 1, "oracle")
    assert results["onward"] == results["again"] == expected["onward"] == expected["again"]
    for name, words in (("unable", "V_reset = 0.0"), ("stranger", "same calls of set_parameters")):
        assert len(results[name]) == ranks and all(text is not None and words in text for text in results[name])
