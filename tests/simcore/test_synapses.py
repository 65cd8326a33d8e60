"""The packed table holds exactly the synapses of the description, with their weights and delays."""

import math

import numpy as np
import pytest
from scipy import stats

from simcore.backends.backend import Plan
from simcore.backends.cpu.build import SynapseBuilder
from simcore.backends.oracle import OracleEngine
from simcore.errors import ResourceError
from simcore.network import FixedTotalNumber, Network, Normal, Population, Projection, Uniform
from simcore.placement import Placement
from simcore.synapses.packed import make_rows, word_shift
from simcore.tables import make_tables

LEVEL = 1e-4
"""Level of the statistical tests."""


def plan(network, threads=1, weight_bits=16, seed=9):
    tables = make_tables(network, weight_bits, accept_quantisation=True)
    return Plan(network, tables, Placement(network.n_neurons, 1, threads), 0, seed, "float64")


def unpacked(described):
    """Source rows, targets, delays and integer weights of all words, unpacked from the tables of all threads."""
    tables, placement = described.tables, described.placement
    rows = make_rows(described.network, tables)
    n_delays = tables.max_delay - tables.min_delay + 1
    parts = []
    for thread in range(placement.threads):
        builder = SynapseBuilder(described, rows, thread)
        builder.count()
        synapses = builder.fill()
        shift = word_shift(synapses.words.dtype)
        for p, partition in enumerate(placement.partitions(0, thread)):
            words = synapses.words[synapses.word_starts[p] : synapses.word_starts[p + 1]].astype(np.int64)
            index = synapses.index[synapses.index_starts[p] :][: rows.total * n_delays + 1].astype(np.int64)
            assert index[0] == 0
            assert index[-1] == len(words)
            keys = np.repeat(np.arange(rows.total * n_delays), np.diff(index))
            local = words & ((1 << shift) - 1)
            targets = local * placement.n_partitions + partition
            parts.append(np.stack((keys // n_delays, targets, keys % n_delays + tables.min_delay, words >> shift)))
    return np.concatenate(parts, axis=1)


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
@pytest.mark.parametrize("threads", [1, 3])
def test_the_words_are_the_oracles_synapses(threads, weight_bits):
    network = mixed_network()
    rows, targets, delays, weights = unpacked(plan(network, threads, weight_bits))
    # Negative weights of A, which has both signs, lie in rows after those of the neurons.
    second = rows >= network.n_neurons
    assert np.all(weights[second] < 0)
    assert np.any(second)
    sources = np.where(second, rows - network.n_neurons, rows)
    oracle = OracleEngine(plan(network, 1, weight_bits))
    expected_sources = np.repeat(np.arange(network.n_neurons), np.diff(oracle._row_start))
    expected = np.stack((expected_sources, oracle._targets, oracle._delays, oracle._weights))
    found = np.stack((sources, targets, delays, weights))
    assert np.array_equal(found[:, np.lexsort(found)], expected[:, np.lexsort(expected)])


def test_an_index_that_32_bits_cannot_address_is_refused():
    network = Network(
        [Population("A", 3_000_000)], [Projection("A", "A", FixedTotalNumber(1), 1.0, Uniform(low=0.1, high=900.0))]
    )
    with pytest.raises(ResourceError, match="3000000 sources x 9000 delays"):
        make_rows(network, make_tables(network))


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
