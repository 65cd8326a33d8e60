"""The packed table holds exactly the synapses of the description, with their weights and delays."""

import math

import numpy as np
import pytest
from scipy import stats

from simcore.backends.backend import Plan
from simcore.backends.cpu.build import SynapseBuilder
from simcore.backends.oracle import OracleEngine
from simcore.comm import LocalCommunicator
from simcore.errors import ResourceError
from simcore.network import FixedTotalNumber, Network, Normal, Population, Projection, Uniform
from simcore.placement import Placement
from simcore.synapses.layout import BY_SOURCE, CALENDAR, CLASS_BITS, DELIVERIES, JUST_IN_TIME, make_layout
from simcore.synapses.row_index import BLOCK_ROWS
from simcore.synapses.rows import make_rows
from simcore.tables import make_tables

LEVEL = 1e-4
"""Level of the statistical tests."""


def plan(network, threads=1, weight_bits=16, seed=9, delivery=JUST_IN_TIME):
    tables = make_tables(network, weight_bits, accept_quantisation=True)
    placement = Placement(network.n_neurons, 1, threads)
    return Plan(network, tables, placement, LocalCommunicator(), seed, "float64", delivery=delivery)


def unpacked(described):
    """Source rows, targets, delays and integer weights of all words, unpacked from the tables of all threads."""
    tables, placement = described.tables, described.placement
    rows = make_rows(described.network, tables)
    layout = make_layout(described.network, tables, rows, placement, described.delivery)
    parts = []
    for thread in range(placement.threads):
        builder = SynapseBuilder(described, rows, layout, thread)
        builder.count()
        synapses = builder.fill()
        partitions = placement.partitions(0, thread)
        by_source = described.delivery != JUST_IN_TIME
        for p in range(len(partitions) if by_source else 1):
            word_part = slice(synapses.word_starts[p], synapses.word_starts[p + 1]) if by_source else slice(None)
            words = synapses.words[word_part].astype(np.int64)
            index = synapses.index.astype(np.int64)
            if by_source:
                index = index[synapses.index_starts[p] : synapses.index_starts[p + 1]]
                offsets = synapses.offsets[synapses.offset_starts[p] : synapses.offset_starts[p + 1]].astype(np.int64)
                if not layout.sparse:
                    index = index[np.arange(len(offsets)) // BLOCK_ROWS] + offsets
            assert index[0] == 0
            assert index[-1] == len(words)
            keys = np.repeat(np.arange(len(index) - 1), np.diff(index))
            if layout.sparse:
                keys = (keys << layout.block_bits) + offsets
                assert np.all(np.diff(keys) >= 0)
            sources, delays = np.divmod(keys, layout.groups_per_row)
            partition = partitions[p]
            if not by_source:
                sources, numbers = np.divmod(sources, len(partitions))
                partition = np.array(partitions)[numbers]
            if by_source:
                sources, classes = np.divmod(keys, layout.groups_per_row)
                delays = words >> layout.target_bits & (1 << layout.delay_bits) - 1
                if described.delivery == CALENDAR:
                    delays = (classes << CLASS_BITS) + synapses.late[word_part]
            targets = (words & (1 << layout.target_bits) - 1) * placement.n_partitions + partition
            weights = words >> layout.weight_shift if layout.weighted else weights_of(rows, sources)
            parts.append(np.stack((sources, targets, delays + layout.min_delay, weights)))
    return np.concatenate(parts, axis=1)


def weights_of(rows, of_rows):
    """Weight that all synapses of a row share."""
    channels = sorted((channel.first_row, channel.weight) for own in rows.channels for channel in own)
    firsts, weights = np.array(channels, dtype=np.int64).T
    return weights[np.searchsorted(firsts, of_rows, side="right") - 1]


def constant_network():
    """Sources with one weight, with two of one sign, and with both signs; two delays."""
    return Network(
        [Population("A", 40), Population("B", 30), Population("C", 20)],
        [
            Projection("A", "B", FixedTotalNumber(500), 20.0, Normal(mean=1.0, std=0.5, low=0.05)),
            Projection("A", "A", FixedTotalNumber(300), 7.0, 2.0),
            Projection("A", "C", FixedTotalNumber(300), 20.0, 2.0),
            Projection("B", "A", FixedTotalNumber(400), -30.0, 0.8),
            Projection("C", "A", FixedTotalNumber(100), -30.0, 0.8),
            Projection("C", "B", FixedTotalNumber(100), 30.0, 0.8),
        ],
    )


def sparse_network():
    """Fewer synapses than sources, in one of three classes of delays."""
    return Network(
        [Population("A", 400), Population("B", 90)],
        [
            Projection("A", "B", FixedTotalNumber(150), Normal(mean=20.0, std=2.0), Uniform(low=0.1, high=61.0)),
            Projection("B", "A", FixedTotalNumber(40), -30.0, 0.8),
        ],
    )


def mixed_network():
    """Sources with positive, with negative and with both weights."""
    return Network(
        [Population("A", 40), Population("B", 30)],
        [
            Projection(
                "A", "B", FixedTotalNumber(500), Normal(mean=20.0, std=15.0), Normal(mean=1.0, std=0.5, low=0.05)
            ),
            Projection("A", "A", FixedTotalNumber(300), 7.0, 2.0),
            Projection("B", "A", FixedTotalNumber(400), -30.0, Normal(mean=0.8, std=0.2, low=0.35)),
        ],
    )


@pytest.mark.parametrize("weight_bits", [8, 16, 32])
@pytest.mark.parametrize(("threads", "largest"), [(1, 100), (3, 100), (2, 15)])
@pytest.mark.parametrize("delivery", DELIVERIES[1:])
@pytest.mark.parametrize("described", [mixed_network, constant_network, sparse_network])
def test_the_words_are_the_oracles_synapses(monkeypatch, described, delivery, threads, largest, weight_bits):
    network = described()
    monkeypatch.setattr("simcore.placement.owners.MAX_PARTITION_NEURONS", largest)
    own = plan(network, threads, weight_bits, delivery=delivery)
    rows, targets, delays, weights = unpacked(own)
    sources = make_rows(network, own.tables).owners(rows)
    oracle = OracleEngine(plan(network, 1, weight_bits))
    expected_sources = np.repeat(np.arange(network.n_neurons), np.diff(oracle._row_start))
    expected = np.stack((expected_sources, oracle._targets, oracle._delays, oracle._weights))
    found = np.stack((sources, targets, delays, weights))
    assert np.array_equal(found[:, np.lexsort(found)], expected[:, np.lexsort(expected)])


@pytest.mark.parametrize(("weight", "expected"), [(Normal(mean=9.0, std=1.0), {128: 4, 64: 8}), (1.0, {128: 2, 64: 4})])
def test_words_by_source_are_as_narrow_as_weight_delay_and_target_allow(weight, expected):
    """PD14 on 128 threads: 603 neurons need 10 bits, 63 delays 6, a weight 16 unless all have the same."""
    network = Network(
        [Population("A", 77_169)], [Projection("A", "A", FixedTotalNumber(9), weight, Uniform(low=0.1, high=6.3))]
    )
    tables = make_tables(network)
    sizes = {}
    for threads in (128, 64):
        placement = Placement(network.n_neurons, 1, threads)
        sizes[threads] = make_layout(network, tables, make_rows(network, tables), placement, BY_SOURCE).word_bytes
    assert sizes == expected


@pytest.mark.parametrize(
    ("ranks", "longest_ms", "expected"), [(1, 1.0, JUST_IN_TIME), (100, 1.0, BY_SOURCE), (1, 900.0, CALENDAR)]
)
def test_the_layout_follows_the_length_of_groups_and_the_size_of_a_ring(ranks, longest_ms, expected):
    """1,000 neurons with 9,000 delays have a ring of 72 MB."""
    delay = 1.0 if longest_ms == 1.0 else Uniform(low=0.1, high=longest_ms)
    network = Network([Population("A", 1000)], [Projection("A", "A", FixedTotalNumber(100_000), 1.0, delay)])
    tables = make_tables(network)
    layout = make_layout(network, tables, make_rows(network, tables), Placement(1000, ranks))
    assert layout.name == expected
    assert "synapses for each source" in layout.reason


def test_an_index_that_32_bits_cannot_address_is_refused_or_avoided():
    network = Network(
        [Population("A", 3_000_000)], [Projection("A", "A", FixedTotalNumber(1), 1.0, Uniform(low=0.1, high=900.0))]
    )
    tables, placement = make_tables(network), Placement(network.n_neurons)
    rows = make_rows(network, tables)
    with pytest.raises(ResourceError, match="3000000 sources x 9000 delays x 46 partitions"):
        make_layout(network, tables, rows, placement, JUST_IN_TIME)
    assert make_layout(network, tables, rows, placement).name == CALENDAR


def test_weights_and_delays_follow_their_distributions():
    """KS test of the weights, chi-square of the delays on the grid, and their independence, at the stated level."""
    weight, delay = Normal(mean=87.8, std=8.78, low=0.0), Normal(mean=1.5, std=0.75, low=0.05)
    network = Network(
        [Population("A", 500), Population("B", 500)],
        [Projection("A", "B", FixedTotalNumber(100_000), weight, delay)],
    )
    described = plan(network, 2)
    _, _, delays, codes = unpacked(described)
    weights = described.tables.grid.value(codes, 1)
    assert len(weights) == 100_000
    # Half an lsb of jitter undoes the grid of the weights.
    jitter = described.tables.grid.lsb[1][0] * (np.random.default_rng(0).random(len(weights)) - 0.5)
    assert stats.kstest(weights + jitter, stats.norm(87.8, 8.78).cdf).pvalue > LEVEL
    truncated = stats.truncnorm((0.05 - 1.5) / 0.75, math.inf, 1.5, 0.75)
    steps = np.arange(1, 49)
    expected = 100_000 * np.diff(truncated.cdf(np.concatenate((steps * 0.1 - 0.05, [math.inf]))))
    observed = np.bincount(delays, minlength=49)[1:]
    common = expected > 5
    statistic = np.sum((observed[common] - expected[common]) ** 2 / expected[common])
    assert statistic < stats.chi2.ppf(1 - LEVEL, common.sum() - 1)
    assert stats.pearsonr(weights, delays).pvalue > LEVEL


def test_rows_of_one_weight_halve_the_words():
    network = constant_network()
    tables, placement = make_tables(network), Placement(network.n_neurons)
    rows = make_rows(network, tables)
    assert [[(c.receptor, c.weight is not None) for c in own] for own in rows.channels] == [
        [(0, True), (0, True)],
        [(1, True)],
        [(0, True), (1, True)],
    ]
    layouts = [make_layout(network, tables, rows, placement, delivery) for delivery in DELIVERIES[1:]]
    assert [layout.word_bytes for layout in layouts] == [2, 2, 3]
    general = make_rows(network, tables, by_weight=False)
    assert not general.constant_weights and make_layout(network, tables, general, placement).word_bytes == 4


def test_rows_are_not_split_into_many_weights():
    """Twelve weights of one source would make its rows a twelfth as long."""
    network = Network(
        [Population("A", 10)], [Projection("A", "A", FixedTotalNumber(50), 1.0 + k, 1.0) for k in range(12)]
    )
    rows = make_rows(network, make_tables(network))
    assert not rows.constant_weights and rows.total == 10
