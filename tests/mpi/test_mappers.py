"""Mappers give every number of ranks the same mapping."""

from pathlib import Path

import pytest
from launch import on_ranks

SCRIPT = Path(__file__).parent / "mapping.py"


@pytest.mark.parametrize(("mapper", "objective"), [("anneal", "hops"), ("stream", "messages")])
def test_a_mapping_does_not_depend_on_ranks(mapper, objective):
    left = [on_ranks(ranks, SCRIPT, mapper, objective) for ranks in (1, 2, 3)]
    assert [each.returncode for each in left] == [0, 0, 0], left[-1].stderr
    lines = {each.stdout.strip() for each in left}
    assert len(lines) == 1 and len(lines.pop().split()) == 2
