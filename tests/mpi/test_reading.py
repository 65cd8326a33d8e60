"""One rank of a node reads the sources of kernels, for the key of their cache."""

import json
from pathlib import Path

import pytest
from launch import on_ranks

PROGRAM = Path(__file__).with_name("reading.py")


@pytest.mark.parametrize("arguments", [(), ("chip",)], ids=["network", "on a chip"])
def test_the_first_rank_of_a_node_reads_the_sources_of_kernels(arguments):
    finished = on_ranks(3, PROGRAM, *arguments, forks=False)
    assert finished.returncode == 0, finished.stderr
    first, *others = json.loads(finished.stdout)
    assert first > 10
    assert others == [0, 0]
