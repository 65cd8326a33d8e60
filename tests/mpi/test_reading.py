"""One rank of a node reads the sources of kernels, for the key of their cache."""

import json
from pathlib import Path

from launch import on_ranks

PROGRAM = Path(__file__).with_name("reading.py")


def test_the_first_rank_of_a_node_reads_the_sources_of_kernels():
    finished = on_ranks(3, PROGRAM)
    assert finished.returncode == 0, finished.stderr
    first, *others = json.loads(finished.stdout)
    assert first > 10
    assert others == [0, 0]
