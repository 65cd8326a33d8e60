"""Columns of synapses are gathered and scattered block by block: the same whatever the ranks and the blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.simulator import synapse_blocks
from simcore.simulator.synapse_blocks import gathered_blocks, scattered
from tests.simcore.neuromorphic.ranks_in_threads import Ranks

FIRST = 3


def synapses(in_degrees):
    """Targets, from FIRST on, and a value for each synapse."""
    targets = FIRST + np.repeat(np.arange(len(in_degrees)), in_degrees)
    return targets, np.arange(100, 100 + len(targets), dtype=np.int32)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=12), st.integers(1, 4), st.integers(1, 9))
def test_what_is_gathered_and_scattered_again_is_what_ranks_had(in_degrees, n_ranks, block):
    targets, values = synapses(in_degrees)
    within = range(FIRST, FIRST + len(in_degrees))

    def on_rank(comm):
        own = targets % n_ranks == comm.rank
        blocks = list(gathered_blocks(comm, targets[own], [values[own], targets[own]], within))
        column = np.concatenate([one[0] for one in blocks]) if comm.rank == 0 else None
        return blocks, values[own], scattered(comm, targets[own], column, within)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synapse_blocks, "BLOCK", block)
        ranks = Ranks(n_ranks).run(on_rank)
    blocks, _, _ = ranks[0]
    for column, expected in enumerate((values, targets)):
        assert np.array_equal(np.concatenate([one[column] for one in blocks]), expected)
    # As many targets as there are blocks, at least.
    assert len(blocks) >= min(len(in_degrees), -(-len(targets) // block), 2)
    for others, had, again in ranks:
        assert len(others) == len(blocks)
        assert np.array_equal(had, again)
    assert all(one is None for others, _, _ in ranks[1:] for one in others)


def test_rank_0_holds_no_more_than_a_block(monkeypatch):
    monkeypatch.setattr(synapse_blocks, "BLOCK", 10)
    targets, values = synapses([5] * 40)

    def on_rank(comm):
        own = targets % 2 == comm.rank
        return [one and len(one[0]) for one in gathered_blocks(comm, targets[own], [values[own]], range(3, 43))]

    assert Ranks(2).run(on_rank)[0] == [10] * 20
