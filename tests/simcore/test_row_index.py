"""The index of tables sorted by row holds where each row starts, in either form."""

from dataclasses import replace

import numpy as np
import pytest

from simcore.errors import ResourceError
from simcore.network import FixedIndegree, Network, Population, Projection, Uniform
from simcore.placement import Placement
from simcore.synapses.layout import BY_SOURCE, make_layout
from simcore.synapses.packer import NO_BYTES
from simcore.synapses.row_index import BLOCK_ROWS, narrowed, present_rows, sort_blocks
from simcore.synapses.rows import Sources, make_rows
from simcore.tables import make_tables


def layout_of(in_degree, ranks=1):
    network = Network([Population("A", 1000)], [Projection("A", "A", FixedIndegree(in_degree), 1.0, 1.0)])
    tables = make_tables(network)
    return make_layout(network, tables, make_rows(network, tables), Placement(1000, ranks), BY_SOURCE)


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 128, 70_001])
@pytest.mark.parametrize(("longest", "dtype"), [(5, np.uint16), (3000, np.uint32)])
def test_a_row_starts_at_its_block_and_its_offset(rows, longest, dtype):
    lengths = np.random.default_rng(rows).integers(0, longest, rows)
    if longest > 5:
        lengths[:BLOCK_ROWS] = 1 << 16
    index = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)
    starts, offsets = narrowed(index)
    assert offsets.dtype == dtype
    assert np.array_equal(starts[np.arange(rows + 1) // BLOCK_ROWS] + offsets, index)
    assert np.array_equal(present_rows(layout_of(5), starts, offsets), np.flatnonzero(lengths))


@pytest.mark.parametrize("with_delays", [False, True])
def test_words_of_a_sparse_table_are_sorted_by_row_within_their_blocks(with_delays):
    random = np.random.default_rng(1)
    layout = replace(layout_of(5), block_bits=3, sparse=True)
    blocks = np.sort(random.integers(0, 50, 400))
    offsets, words = random.integers(0, 8, 400).astype(np.uint16), np.arange(400, dtype=np.int32)
    late = words.astype(np.uint8) if with_delays else NO_BYTES
    starts = np.searchsorted(blocks, np.arange(51)).astype(np.uint32)
    order = np.lexsort((offsets, blocks))
    expected = offsets[order].copy()
    sort_blocks(starts, offsets, 8, words, late)
    assert np.array_equal(words, order) and np.array_equal(offsets, expected)
    if with_delays:
        assert np.array_equal(late, order.astype(np.uint8))
    assert np.array_equal(present_rows(layout, starts, offsets), np.unique(8 * blocks + offsets))


def test_words_have_offsets_where_rows_have_fewer_than_one():
    dense, sparse, sparsest = layout_of(100, 100), layout_of(40, 100), layout_of(1, 1000)
    assert (dense.sparse, dense.block_bits) == (False, 6)
    assert (sparse.sparse, sparse.block_bits) == (True, 5)  # 0.4 words a row, 16 in 40 rows
    assert (sparsest.sparse, sparsest.block_bits) == (True, 13)


@pytest.mark.parametrize("sizes", [[1], [5, 1, 1, 900], [10_000, 3, 70_000], [1] * 300])
def test_the_range_of_a_neuron_is_that_of_its_block_or_a_later_one(sizes):
    first_ids = np.cumsum([0, *sizes[:-1]])
    sources, n = Sources(first_ids, np.arange(len(sizes) + 1), np.zeros((len(sizes), 3), dtype=np.int64)), sum(sizes)
    ranges, bits = sources.ranges(n)
    ends, neurons = sources.range_ends(), np.arange(n)
    found = ranges[neurons >> bits].astype(np.int64)
    while np.any(late := ends[found] <= neurons):
        found += late
    assert np.array_equal(found, np.repeat(np.arange(len(sizes)), sizes))
    assert len(ranges) <= 128 * len(sizes) + 1


@pytest.mark.parametrize("weight", [1.0, Uniform(low=1.0, high=2.0)])
def test_more_rows_than_have_numbers_are_refused(monkeypatch, weight):
    network = Network([Population("A", 1000)], [Projection("A", "A", FixedIndegree(5), weight, 1.0)])
    tables = make_tables(network)
    monkeypatch.setattr("simcore.synapses.rows.MAX_ROWS", 1000)
    assert make_rows(network, tables).total == 1000
    monkeypatch.setattr("simcore.synapses.rows.MAX_ROWS", 999)
    with pytest.raises(ResourceError, match="1000 rows of synapses, but at most 999"):
        make_rows(network, tables)
