"""Mappers give every number of ranks the same mapping."""

from pathlib import Path

import pytest
from launch import on_ranks

SCRIPT = Path(__file__).parent / "mapping.py"


@pytest.mark.thorough
def test_mappings_do_not_depend_on_ranks():
    left = [on_ranks(ranks, SCRIPT, "anneal,hops", "stream,messages") for ranks in (1, 2, 3)]
    assert [each.returncode for each in left] == [0, 0, 0], left[-1].stderr
    first, second, third = (each.stdout.splitlines() for each in left)
    assert first == second == third
    assert len(set(first)) == 2 and all(len(line.split()) == 2 for line in first)
