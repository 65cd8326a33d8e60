"""Every rule: the compiled edges are the oracle's, and both follow the rule's definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simcore.connectivity import (
    AllToAll,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    OneToOne,
    PairwiseBernoulli,
    Wiring,
)
from simcore.connectivity.cpu import Chunk, emitter_of
from simcore.errors import InputError
from simcore.placement import Placement

LEVEL = 1e-4
"""Level of every statistical test in this file."""

RULES = [
    FixedTotalNumber(700),
    FixedTotalNumber(700, allow_autapses=False),
    FixedTotalNumber(0),
    FixedIndegree(7),
    FixedIndegree(7, allow_autapses=False),
    FixedIndegree(7, allow_multapses=False),
    FixedIndegree(7, allow_autapses=False, allow_multapses=False),
    FixedOutdegree(5),
    FixedOutdegree(5, allow_autapses=False),
    FixedOutdegree(5, allow_multapses=False),
    FixedOutdegree(5, allow_autapses=False, allow_multapses=False),
    FixedOutdegree(0),
    PairwiseBernoulli(0.0),
    PairwiseBernoulli(0.15),
    PairwiseBernoulli(0.15, allow_autapses=False),
    PairwiseBernoulli(1.0),
    AllToAll(),
    AllToAll(allow_autapses=False),
    Explicit([5, 1, 1, 0], [3, 3, 0, 3]),
    Explicit([], []),
]


def compiled_edges(rule, wiring, n_partitions, capacity=1):
    """Edges of all partitions, in the smallest chunks that will do."""
    placement = Placement(wiring.target_first + wiring.n_target, 1, n_partitions)
    pieces = []
    for partition in range(n_partitions):
        targets = placement.targets(partition, wiring.target_first, wiring.n_target)
        emitter = emitter_of(rule, wiring, targets)
        chunk = Chunk.of_size(max(capacity, emitter.largest_item))
        item = 0
        while item < emitter.n_items:
            n, item = emitter.emit(item, chunk)
            local = chunk.targets[:n].astype(np.int64)
            ids = local * n_partitions + partition
            assert np.array_equal(ids, chunk.target_ids[:n])
            index = chunk.index[:n] if rule.takes_arrays else np.zeros(n, dtype=np.int64)
            pieces.append(np.stack((chunk.sources[:n], ids - wiring.target_first, chunk.bits[:n], index)))
    return np.concatenate(pieces, axis=1) if pieces else np.zeros((4, 0))


def oracle_edges(rule, wiring):
    edges = rule.edges(wiring)
    index = edges.index if rule.takes_arrays else np.zeros(len(edges.index), dtype=np.int64)
    return np.stack((edges.sources, edges.targets, edges.bits, index))


def ordered(edges):
    return edges[:, np.lexsort(edges)]


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("recurrent", [True, False], ids=["recurrent", "feed-forward"])
@pytest.mark.parametrize("n_partitions", [1, 3, 16])
def test_compiled_edges_are_the_oracles(rule, recurrent, n_partitions):
    n_source, n_target = (50, 50) if recurrent else (23, 41)
    wiring = Wiring(12345, 3, 11 if recurrent else 70, n_source, 11, n_target)
    expected = ordered(oracle_edges(rule, wiring))
    assert np.array_equal(ordered(compiled_edges(rule, wiring, n_partitions)), expected)
    assert np.array_equal(ordered(compiled_edges(rule, wiring, n_partitions, capacity=1000)), expected)


def test_one_to_one_connects_equal_indices():
    wiring = Wiring(1, 0, 0, 9, 9, 9)
    edges = compiled_edges(OneToOne(), wiring, 4)
    assert np.array_equal(ordered(edges), ordered(oracle_edges(OneToOne(), wiring)))
    assert np.array_equal(edges[0], edges[1])
    assert sorted(edges[0]) == list(range(9))


@given(
    st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40), st.integers(0, 300), st.booleans(), st.booleans()
)
@settings(deadline=None, max_examples=60)
def test_the_flags_of_the_rules_hold(seed, n_source, n_target, k, autapses, multapses):
    """No autapses and no multapses where they are not allowed; degrees and totals are exact."""
    for recurrent in (True, False):
        size = n_source if recurrent else n_target
        wiring = Wiring(seed, 0, 0, n_source, 0 if recurrent else n_source, size)
        n_choices = wiring.n_choices(autapses)
        rules = [PairwiseBernoulli(min(1.0, k / 300), allow_autapses=autapses)]
        if multapses and n_choices:
            rules.append(FixedTotalNumber(k, allow_autapses=autapses))
        if (multapses and n_choices) or k <= n_choices:
            rules.append(FixedIndegree(k, autapses, multapses))
        for rule in rules:
            edges = oracle_edges(rule, wiring)
            assert np.array_equal(ordered(edges), ordered(compiled_edges(rule, wiring, 2)))
            if recurrent and not autapses:
                assert not np.any(edges[0] == edges[1])
            if not multapses or rule.name == "pairwise_bernoulli":
                assert len(np.unique(edges[:2], axis=1).T) == edges.shape[1]
            if rule.name == "fixed_total_number":
                assert edges.shape[1] == k
            if rule.name == "fixed_indegree":
                assert np.all(np.bincount(edges[1], minlength=size) == k)


def chi_square_uniform(counts):
    """Whether counts are consistent with equal expectations."""
    expected = np.mean(counts)
    statistic = np.sum((counts - expected) ** 2 / expected)
    return statistic < stats.chi2.ppf(1 - LEVEL, len(counts) - 1)


@pytest.mark.parametrize(
    "rule",
    [
        FixedTotalNumber(200_000),
        FixedIndegree(500),
        FixedIndegree(100, allow_multapses=False),
        FixedIndegree(100, allow_autapses=False),
        FixedOutdegree(600),
        FixedOutdegree(150, allow_autapses=False, allow_multapses=False),
        PairwiseBernoulli(0.3),
    ],
    ids=str,
)
def test_sources_and_bits_are_uniform(rule):
    """Chi-square of sources (or targets, for out-degrees), of source-target parity, and of the value bits."""
    wiring = Wiring(77, 1, 0, 400, 0, 400)
    sources, targets, bits, _ = compiled_edges(rule, wiring, 1, 1 << 18)
    free_end = targets if rule.name == "fixed_outdegree" else sources
    assert chi_square_uniform(np.bincount(free_end.astype(int), minlength=400))
    assert chi_square_uniform(np.bincount(((sources % 2) * 2 + targets % 2).astype(int), minlength=4))
    assert chi_square_uniform(np.bincount((bits.astype(np.uint32) >> 24).astype(int), minlength=256))
    assert chi_square_uniform(np.bincount((bits.astype(np.uint32) & 0xFF).astype(int), minlength=256))


def test_in_degrees_of_a_fixed_total_are_multinomial():
    """Chi-square of the in-degrees against equal means, and a KS test against the binomial, at the stated level."""
    wiring = Wiring(5, 0, 0, 300, 0, 3000)
    _, targets, _, _ = compiled_edges(FixedTotalNumber(150_000), wiring, 1, 1 << 18)
    in_degrees = np.bincount(targets.astype(int), minlength=3000)
    statistic = np.sum((in_degrees - 50) ** 2 / 50)
    assert stats.chi2.ppf(LEVEL, 2999) < statistic < stats.chi2.ppf(1 - LEVEL, 2999)
    jittered = in_degrees + np.random.default_rng(0).random(3000)
    reference = stats.binom.rvs(150_000, 1 / 3000, size=200_000, random_state=1)
    reference = reference + np.random.default_rng(2).random(200_000)
    assert stats.ks_2samp(jittered, reference).pvalue > LEVEL


def test_in_degrees_of_pairwise_bernoulli_are_binomial():
    wiring = Wiring(6, 0, 0, 200, 200, 5000)
    _, targets, _, _ = compiled_edges(PairwiseBernoulli(0.1), wiring, 1, 1 << 18)
    in_degrees = np.bincount(targets.astype(int), minlength=5000)
    values, observed = np.unique(in_degrees, return_counts=True)
    expected = 5000 * stats.binom.pmf(values, 200, 0.1)
    common = expected > 5
    statistic = np.sum((observed[common] - expected[common]) ** 2 / expected[common])
    assert statistic < stats.chi2.ppf(1 - LEVEL, common.sum())


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (FixedTotalNumber(-1), "rule.n = -1"),
        (FixedIndegree(-1), "rule.indegree = -1"),
        (FixedIndegree(21, allow_multapses=False), "rule.indegree = 21 .*at most 20"),
        (FixedOutdegree(31, allow_multapses=False), "rule.outdegree = 31 .*at most 30"),
        (FixedOutdegree(-2), "rule.outdegree = -2"),
        (PairwiseBernoulli(1.5), "rule.p = 1.5"),
        (OneToOne(), "must equal the number of sources"),
        (Explicit([0], [30]), "rule.targets = 30"),
        (Explicit([20], [0]), "rule.sources = 20"),
        (Explicit([0, 1], [0]), r"len\(rule.targets\) = 1"),
    ],
)
def test_rules_that_do_not_fit_the_populations_are_refused(rule, message):
    with pytest.raises(InputError, match=message):
        rule.check(Wiring(0, 0, 0, 20, 20, 30), "rule")


def test_a_lone_neuron_without_autapses_has_no_source():
    with pytest.raises(InputError, match="no source remains"):
        FixedIndegree(1, allow_autapses=False).check(Wiring(0, 0, 0, 1, 0, 1), "rule")
