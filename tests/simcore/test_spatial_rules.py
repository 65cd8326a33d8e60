"""The spatial rules: compiled edges are the oracle's, cells lose no pair, and edges have the distribution of theory."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simcore.connectivity.cpu import Chunk, emitter_of
from simcore.connectivity.rule import Targets
from simcore.errors import InputError
from simcore.network import (
    AllToAll,
    CircularMask,
    DoughnutMask,
    EllipticalMask,
    ExponentialKernel,
    GammaKernel,
    Gaussian2DKernel,
    GaussianKernel,
    GridPositions,
    LinearKernel,
    Network,
    Population,
    Projection,
    RandomPositions,
    RectangularMask,
    SpatialFixedIndegree,
    SpatialPairwiseBernoulli,
)
from simcore.neuromorphic.mapping.precision import with_delays_up_to, with_weight_bits
from simcore.quantisation import weight_grid
from simcore.space.neighbourhood import ONE
from simcore.synapses.edges import draw_projection
from simcore.tables import make_tables

LEVEL = 1e-4
"""Level of every statistical test in this file."""
SEED = 7
N = 240
FLAT = {"extent": (2.0, 3.0), "center": (0.5, -1.0)}
POSITIONS = {
    "open grid": GridPositions((12, 20), **FLAT),
    "periodic grid": GridPositions((12, 20), **FLAT, edge_wrap=True),
    "open": RandomPositions(**FLAT),
    "periodic": RandomPositions(**FLAT, edge_wrap=True),
    "clusters": np.random.default_rng(1).normal(size=(N, 2)) ** 3,
}
SOLID = {
    "solid": RandomPositions((1.0, 1.2, 2.0)),
    "periodic solid": RandomPositions((1.0, 1.2, 2.0), edge_wrap=True),
    "solid grid": GridPositions((8, 6, 5), extent=(1.0, 1.2, 2.0)),
}
RULES = [
    SpatialPairwiseBernoulli(GaussianKernel(0.3), CircularMask(0.5)),
    SpatialPairwiseBernoulli(GaussianKernel(0.1), allow_autapses=False),
    SpatialPairwiseBernoulli(LinearKernel(-2.0, 1.0), DoughnutMask(0.2, 0.4)),
    SpatialPairwiseBernoulli(0.0),
    SpatialFixedIndegree(10, GammaKernel(2.0, 0.2), allow_multapses=False, allow_autapses=False),
    SpatialFixedIndegree(7, GaussianKernel(0.4, scale=1e-7)),
    SpatialFixedIndegree(0, 1.0),
]
FLAT_RULES = [
    SpatialPairwiseBernoulli(Gaussian2DKernel(0.2, 0.1, mean_x=0.1, rho=0.5)),
    SpatialPairwiseBernoulli(0.4, EllipticalMask(0.8, 0.3, azimuth_angle=30.0, anchor=(0.05, 0.02))),
    SpatialPairwiseBernoulli(1.0, RectangularMask((-0.1, 0.0), (0.4, 0.2))),
    SpatialFixedIndegree(20, ExponentialKernel(0.3), RectangularMask((-0.9, -0.7), (0.2, 0.9), anchor=(0.0, 0.1))),
]
SOLID_RULES = [
    SpatialPairwiseBernoulli(0.5, EllipticalMask(0.8, 0.3, 0.5, azimuth_angle=-40.0)),
    SpatialFixedIndegree(5, 1.0, RectangularMask((-0.4, -0.5, -0.9), (0.3, 0.4, 0.8))),
]
CASES = [
    # Of clusters some neurons are too far from all others for a fixed in-degree.
    *(
        (name, rule)
        for name in POSITIONS
        for rule in (*RULES, *FLAT_RULES)
        if name != "clusters" or "pair" in rule.name
    ),
    *((name, rule) for name in SOLID for rule in (*RULES, *SOLID_RULES)),
]


def wiring_of(rule, positions, size=N, source=None, seed=SEED, **values):
    populations = [Population("A", size, positions=positions)]
    if source is not None:
        populations.append(Population("S", source[0], positions=source[1]))
    name = "A" if source is None else "S"
    network = Network(populations, [Projection(name, "A", rule, **{"weight": 1.0, **values})])
    return network, network.wiring(0, seed)


def compiled(rule, wiring, n_partitions=1, capacity=1):
    """Sources, targets, bits and indices of all edges, in chunks of any size."""
    pieces = [np.zeros((4, 0), dtype=np.int64)]
    for first in range(n_partitions):
        count = len(range(first, wiring.n_target, n_partitions))
        emitter = emitter_of(rule, wiring, Targets(first, n_partitions, count, 0))
        chunk, item = Chunk.of_size(max(capacity, emitter.largest_item)), 0
        while item < emitter.n_items:
            n, item = emitter.emit(item, chunk)
            ids = chunk.target_ids[:n].astype(np.int64)
            assert np.array_equal(chunk.targets[:n].astype(np.int64) * n_partitions + first, ids - wiring.target_first)
            columns = (chunk.sources[:n], ids - wiring.target_first, chunk.bits[:n], chunk.index[:n])
            pieces.append(np.stack([column.astype(np.int64) for column in columns]))
    return np.concatenate(pieces, axis=1)


def oracle(rule, wiring):
    edges = rule.edges(wiring)
    return np.stack((edges.sources, edges.targets, edges.bits.astype(np.int64), edges.index))


def ordered(edges):
    return edges[:, np.lexsort(edges)]


@pytest.mark.parametrize(("name", "rule"), CASES, ids=lambda value: value if isinstance(value, str) else value.name)
def test_compiled_edges_are_the_oracles(name, rule):
    _, wiring = wiring_of(rule, {**POSITIONS, **SOLID}[name])
    expected = ordered(oracle(rule, wiring))
    assert np.array_equal(ordered(compiled(rule, wiring, 3)), expected)
    assert np.array_equal(ordered(compiled(rule, wiring, 1, 100_000)), expected)
    lists = rule.lists(wiring, Targets(1, 3, 80, 5))
    own = expected[:, expected[1] % 3 == 1]
    assert np.array_equal(lists.lengths, np.bincount(own[1] // 3, minlength=80))
    assert np.array_equal(np.sort(lists.partners), np.sort(own[0]))
    assert np.array_equal(np.sort(lists.index), np.sort(own[3]))


def inside(rule, displacement):
    """Whether displacements, shape (3, n), from the neuron at which a mask is are in it, by the docstrings."""
    mask, x, y = rule.mask, displacement[0], displacement[1]
    if mask is None:
        return np.ones(len(x), dtype=bool)
    a = mask.anchor or (0.0, 0.0, 0.0)
    square = sum((along - one) ** 2 for along, one in zip(displacement, a, strict=False))
    if isinstance(mask, CircularMask):
        return square <= mask.radius * mask.radius
    if isinstance(mask, DoughnutMask):
        return (square > mask.inner_radius * mask.inner_radius) & (square <= mask.outer_radius * mask.outer_radius)
    if isinstance(mask, RectangularMask):
        pairs = zip(displacement, a, mask.lower_left, mask.upper_right, strict=False)
        return np.all([(along >= one + low) & (along <= one + high) for along, one, low, high in pairs], axis=0)
    angle = math.radians(mask.azimuth_angle)
    along = (x - a[0]) * math.cos(angle) + (y - a[1]) * math.sin(angle)
    across = (y - a[1]) * math.cos(angle) - (x - a[0]) * math.sin(angle)
    form = (2.0 * along / mask.major_axis) ** 2 + (2.0 * across / mask.minor_axis) ** 2
    return form + (0.0 if mask.polar_axis is None else (2.0 * displacement[2] / mask.polar_axis) ** 2) <= 1.0


def probabilities(rule, wiring, target):
    """Of all sources, with a kernel of distance, by the docstrings alone."""
    sheets = wiring.sheets
    moved = sheets.source.coordinates - sheets.target.coordinates[:, [target]]
    if sheets.both[0].edge_wrap:
        for axis, side in enumerate(sheets.both[0].extent):
            moved[axis] -= side * np.rint(moved[axis] / side)
    square = (moved**2).sum(axis=0)
    at_mask = -moved if isinstance(rule, SpatialPairwiseBernoulli) else moved
    if rule.kernel.elliptic is None:
        p = rule.kernel.values(np.sqrt(square))
    else:
        k = rule.kernel
        u, v = (np.abs(moved[0]) - k.mean_x) / k.std_x, (np.abs(moved[1]) - k.mean_y) / k.std_y
        p = k.scale * np.exp(-(u * u + v * v - 2 * k.rho * u * v) / (2 * (1 - k.rho**2)))
    p = np.where(inside(rule, at_mask), np.clip(p, 0.0, None), 0.0)
    if rule.excludes_self(wiring):
        p[target] = 0.0
    return p


@pytest.mark.parametrize(("name", "rule"), CASES, ids=lambda value: value if isinstance(value, str) else value.name)
def test_candidates_are_all_sources_with_a_probability(name, rule):
    _, wiring = wiring_of(rule, {**POSITIONS, **SOLID}[name])
    unit = rule.extremes(wiring).unit
    order = rule.neighbourhood(wiring).cells.order
    for target in (0, 17, 103, 239):
        ranks, _, weights = rule.candidates(wiring, target)
        found = np.zeros(N)
        found[order[ranks]] = weights / ONE
        expected = np.minimum(probabilities(rule, wiring, target) / unit, 1.0)
        assert np.all(np.diff(ranks) > 0)
        assert np.allclose(found, expected, rtol=0.003, atol=1e-4)


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 60), st.integers(1, 40), st.booleans(), st.floats(0.01, 0.5), st.floats(0.2, 5.0), st.integers(0, 99)
)
def test_a_disc_reaches_everyone_in_it_whatever_the_cells(n_source, n_target, wrap, radius, side, seed):
    rule = SpatialPairwiseBernoulli(1.0, CircularMask(radius * min(side, 1.0)))
    positions = RandomPositions((side, 1.0), edge_wrap=wrap)
    _, wiring = wiring_of(rule, positions, n_target, (n_source, positions), seed)
    edges = compiled(rule, wiring, 2)
    expected = [np.flatnonzero(probabilities(rule, wiring, target) > 0.0) for target in range(n_target)]
    assert [sorted(edges[0, edges[1] == target]) for target in range(n_target)] == [one.tolist() for one in expected]


@pytest.mark.parametrize("wrap", [False, True], ids=["open", "periodic"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_many_cells_lose_nobody(dimensions, wrap):
    """Each target's runs are narrower than the rows of cells, and end within them."""
    positions = RandomPositions((3.0, 2.0, 1.0)[:dimensions], edge_wrap=wrap)
    for mask in (
        CircularMask(0.3),
        DoughnutMask(0.1, 0.3, anchor=(0.15, -0.05, 0.1)[:dimensions]),
        RectangularMask((-0.4, 0.05, -0.2)[:dimensions], (0.1, 0.3, 0.1)[:dimensions]),
    ):
        rule = SpatialPairwiseBernoulli(1.0, mask)
        _, wiring = wiring_of(rule, positions, 5000)
        cells = rule.neighbourhood(wiring).cells
        assert np.prod(cells.counts) > 500
        edges = compiled(rule, wiring, 1, 100_000)
        for target in range(0, 5000, 97):
            expected = np.flatnonzero(probabilities(rule, wiring, target) > 0.0)
            assert np.array_equal(np.sort(edges[0, edges[1] == target]), expected)
            assert np.array_equal(np.sort(cells.order[rule.candidates(wiring, target)[0]]), expected)


def chi_square(observed, expected, variance=None):
    """p-value of independent counts, those of little expectation together."""
    variance = expected if variance is None else variance
    few = variance < 5.0
    rest = ([one[few].sum()] for one in (observed, expected, variance))
    observed, expected, variance = (
        np.append(one[~few], more) for one, more in zip((observed, expected, variance), rest, strict=True)
    )
    used = variance > 0.0
    statistic = ((observed - expected)[used] ** 2 / variance[used]).sum()
    return stats.chi2.sf(statistic, used.sum())


def lattice(wrap):
    """Displacements on a grid of 60 by 50 places, 0.1 apart, and how many pairs have each."""
    n = np.array([60, 50])
    if wrap:
        steps = [np.arange(side) - side // 2 for side in n]
        pairs = np.full((60, 50), 3000)
    else:
        steps = [np.arange(1 - side, side) for side in n]
        pairs = (60 - np.abs(steps[0]))[:, None] * (50 - np.abs(steps[1]))
    square = (0.01 * (steps[0] ** 2)[:, None] + 0.01 * steps[1] ** 2).ravel()
    return np.sqrt(square), pairs.ravel()


def squares_of(edges, wiring):
    """Squared distance of each edge in units of the grid's, integers."""
    sheets = wiring.sheets
    moved = np.abs(sheets.source.coordinates[:, edges[0]] - sheets.target.coordinates[:, edges[1]])
    if sheets.both[0].edge_wrap:
        sides = np.array([6.0, 5.0, 1.0])[:, None]
        moved = np.minimum(moved, sides - moved)
    return np.rint(100.0 * (moved**2).sum(axis=0)).astype(np.int64)


def grid(wrap):
    return GridPositions((60, 50), extent=(6.0, 5.0), edge_wrap=wrap)


@pytest.mark.parametrize("wrap", [False, True], ids=["open", "periodic"])
@pytest.mark.parametrize("kernel", [GaussianKernel(0.5, scale=0.6), ExponentialKernel(0.3, 0.9), GammaKernel(3.0, 0.2)])
def test_distances_of_pairs_are_binomial(kernel, wrap):
    rule = SpatialPairwiseBernoulli(kernel, CircularMask(1.52))
    _, wiring = wiring_of(rule, grid(wrap), 3000)
    edges = compiled(rule, wiring, 1, 100_000)
    distances, pairs = lattice(wrap)
    squares = np.rint(100.0 * distances**2).astype(np.int64)
    observed = np.bincount(squares_of(edges, wiring), minlength=squares.max() + 1)

    def p_value(other):
        p = np.where(squares <= 231, np.clip(other.values(distances), 0.0, 1.0), 0.0)
        expected, variance = (np.bincount(squares, pairs * one) for one in (p, p * (1.0 - p)))
        assert observed[expected == 0.0].sum() == 0
        return chi_square(observed, expected, variance)

    assert p_value(kernel) > LEVEL
    # Other kernels are found out: one that is 3 % wider, for example.
    wider = {
        GaussianKernel: GaussianKernel(0.515, scale=0.6),
        ExponentialKernel: ExponentialKernel(0.309, 0.9),
        GammaKernel: GammaKernel(3.0, 0.206),
    }
    assert p_value(wider[type(kernel)]) < LEVEL


@pytest.mark.parametrize("wrap", [False, True], ids=["open", "periodic"])
def test_degrees_of_pairs_are_binomial_with_fewer_at_open_edges(wrap):
    """Within a disc all probabilities are equal; how many neurons are in it depends on the place alone."""
    rule = SpatialPairwiseBernoulli(0.3, CircularMask(0.75))
    _, wiring = wiring_of(rule, grid(wrap), 3000)
    edges = compiled(rule, wiring, 1, 100_000)
    others = np.array([len(rule.candidates(wiring, target)[0]) for target in range(3000)])
    assert others.max() == 177
    assert others.min() == (177 if wrap else 52)
    for ends in edges[:2]:
        degrees = np.bincount(ends, minlength=3000)
        observed = np.bincount(degrees, minlength=178)
        expected = sum(stats.binom.pmf(np.arange(178), n, 0.3) * (others == n).sum() for n in np.unique(others))
        assert chi_square(observed, expected) > LEVEL
        each = (degrees - 0.3 * others) / np.sqrt(0.21 * others)
        assert abs(each.mean()) * math.sqrt(3000) < 4.0


@pytest.mark.parametrize("wrap", [False, True], ids=["open", "periodic"])
@pytest.mark.parametrize("mask", [None, DoughnutMask(0.31, 1.21)], ids=["all", "ring"])
def test_sources_of_fixed_indegree_follow_the_kernel(mask, wrap):
    rule = SpatialFixedIndegree(25, GaussianKernel(0.5), mask)
    _, wiring = wiring_of(rule, grid(wrap), 3000)
    edges = compiled(rule, wiring, 1, 100_000)
    assert np.all(np.bincount(edges[1], minlength=3000) == 25)
    observed = np.bincount(squares_of(edges, wiring), minlength=9000)

    def p_value(other):
        expected = np.zeros(9000)
        for target in range(3000) if not wrap else [0]:
            p = probabilities(other, wiring, target)
            own = np.array([np.arange(3000), np.full(3000, target)])
            expected += (25.0 if not wrap else 75_000.0) * np.bincount(squares_of(own, wiring), p / p.sum(), 9000)
        return chi_square(observed, expected)

    assert p_value(rule) > LEVEL
    assert p_value(SpatialFixedIndegree(25, GaussianKernel(0.52), mask)) < LEVEL


def test_distinct_sources_are_drawn_one_after_the_other():
    """Of four sources three are drawn: the probability of each order follows from what is left."""
    at = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.5, 0.0]])
    weights = np.exp(-np.array([0.0, 1.0, 2.0, 3.5]))
    rule = SpatialFixedIndegree(3, ExponentialKernel(1.0), allow_multapses=False)
    _, wiring = wiring_of(rule, np.zeros((40_000, 2)), 40_000, (4, at))
    drawn = compiled(rule, wiring, 1, 300_000)[0].reshape(-1, 3)
    orders = {}
    for a in range(4):
        for b in range(4):
            for c in range(4):
                if len({a, b, c}) == 3:
                    rest = weights.sum() - weights[a]
                    share = weights[a] / weights.sum() * weights[b] / rest * weights[c] / (rest - weights[b])
                    orders[a, b, c] = share
    observed = np.array([np.all(drawn == order, axis=1).sum() for order in orders])
    assert observed.sum() == 40_000
    assert chi_square(observed, 40_000 * np.array(list(orders.values()))) > LEVEL


def test_without_multapses_every_source_may_be_needed():
    rule = SpatialFixedIndegree(N - 1, ExponentialKernel(0.2), allow_multapses=False, allow_autapses=False)
    _, wiring = wiring_of(rule, POSITIONS["periodic"])
    edges = compiled(rule, wiring)
    assert len(np.unique(edges[:2], axis=1).T) == N * (N - 1)
    assert not np.any(edges[0] == edges[1])


def test_weights_and_delays_are_kernels_of_the_distance():
    weight, delay = GaussianKernel(0.4, scale=-30.0), LinearKernel(2.0, 0.5)
    rule = SpatialPairwiseBernoulli(0.5, CircularMask(0.6))
    network, wiring = wiring_of(rule, POSITIONS["periodic"], weight=weight, delay_ms=delay)
    edges = draw_projection(network, make_tables(network), SEED, 0)
    sheets = wiring.sheets
    moved = sheets.source.coordinates[:, edges.sources] - sheets.target.coordinates[:, edges.targets]
    moved -= np.array([2.0, 3.0, 1.0])[:, None] * np.rint(moved / np.array([2.0, 3.0, 1.0])[:, None])
    distances = np.sqrt((moved**2).sum(axis=0))
    assert np.allclose(edges.weights, weight.values(distances), rtol=3e-4, atol=0.002)
    steps = delay.values(distances) / 0.1
    assert np.all(np.abs(edges.delay_steps - steps) <= 0.5 + 0.003)
    # The range of both is known before anything is drawn.
    assert network.projections[0].ends("weight") == pytest.approx((-30.0, -30.0 * math.exp(-1.125)))
    assert network.projections[0].ends("delay_ms") == pytest.approx((0.5, 1.7))
    assert weight_grid(network, 16).lsb[0][1] == 2.0**-10


def test_kernels_are_held_on_the_grids_of_chips():
    weight, delay = GaussianKernel(0.4, scale=30.0), LinearKernel(2.0, 0.5)
    rule = SpatialPairwiseBernoulli(0.5, CircularMask(0.6))
    network, _ = wiring_of(rule, POSITIONS["periodic"], weight=weight, delay_ms=delay)
    coarse, changes = with_weight_bits(network, 5)
    assert len(changes) == 1
    assert np.all(coarse.projections[0].value("weight") % 2.0 == 0.0)
    early, clamped = with_delays_up_to(network, 10)
    assert clamped > 0.0
    assert early.projections[0].ends("delay_ms") == (0.5, 1.0)
    edges = [draw_projection(one, make_tables(one), SEED, 0) for one in (network, coarse, early)]
    assert np.array_equal(edges[0].sources, edges[1].sources)
    assert np.all(np.abs(edges[1].weights - edges[0].weights) < 1.01)
    assert np.array_equal(np.minimum(edges[0].delay_steps, 10), edges[2].delay_steps)
    again = pickle.loads(pickle.dumps(coarse))  # noqa: S301 - of our own
    assert again.projections[0].ends("weight") == coarse.projections[0].ends("weight")
    assert len(pickle.dumps(network)) < 20_000


def test_the_expected_number_of_synapses_is_near_those_drawn():
    for positions, size in ((POSITIONS["open"], N), (RandomPositions((2.0, 3.0)), 5000)):
        rule = SpatialPairwiseBernoulli(GaussianKernel(0.2, scale=0.5))
        network, wiring = wiring_of(rule, positions, size)
        assert network.expected_synapses() == pytest.approx(compiled(rule, wiring).shape[1], rel=0.05)


def test_equal_distances_of_random_positions_draw_other_words_in_other_projections():
    rule = SpatialPairwiseBernoulli(0.5, CircularMask(0.3))
    population = Population("A", N, positions=POSITIONS["periodic"])
    network = Network([population], [Projection("A", "A", rule, weight=1.0)] * 2)
    first, second = (set(zip(*compiled(rule, network.wiring(k, SEED))[:2].tolist(), strict=True)) for k in range(2))
    assert 0.3 < len(first & second) / len(first | second) < 0.37


A_PLANE = RandomPositions((1.0, 1.0), edge_wrap=True)


@pytest.mark.parametrize(
    ("positions", "rule", "values", "message"),
    [
        (None, SpatialPairwiseBernoulli(0.1), {}, "give both populations positions"),
        (A_PLANE, SpatialPairwiseBernoulli(0.1, CircularMask(0.6)), {}, "at most half of the extent, 0.5"),
        (A_PLANE, SpatialPairwiseBernoulli(0.1, CircularMask(0.1, (0.0, 0.0, 0.0))), {}, "must have 2 coordinates"),
        (A_PLANE, SpatialPairwiseBernoulli(0.1, EllipticalMask(0.3, 0.1, 0.1)), {}, "have 2 dimensions"),
        (SOLID["solid"], SpatialPairwiseBernoulli(Gaussian2DKernel(1.0, 1.0)), {}, "a three-dimensional kernel"),
        (A_PLANE, SpatialFixedIndegree(10, LinearKernel(-1.0)), {}, "must be > 0 somewhere"),
        (A_PLANE, SpatialFixedIndegree(51, allow_multapses=False), {}, "at most 50"),
        (A_PLANE, AllToAll(), {"weight": GaussianKernel(1.0)}, "require a spatial rule, not all_to_all"),
        (A_PLANE, SpatialPairwiseBernoulli(0.1), {"weight": np.ones(3)}, "use a constant or a distribution"),
        (A_PLANE, SpatialPairwiseBernoulli(0.1), {"weight": Gaussian2DKernel(1.0, 1.0)}, "only on the distance"),
        (A_PLANE, SpatialPairwiseBernoulli(0.1), {"delay_ms": LinearKernel(1.0)}, "delay_ms = 0.0"),
        (A_PLANE, SpatialPairwiseBernoulli(0.1), {"delay_ms": LinearKernel(5000.0, 1.0)}, "must be at most 1000 ms"),
    ],
)
def test_what_does_not_fit_is_refused(positions, rule, values, message):
    with pytest.raises(InputError, match=message):
        wiring_of(rule, positions, 50, **values)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SpatialPairwiseBernoulli("gauss"), r"spatial_pairwise_bernoulli.p = 'gauss'"),
        (lambda: SpatialPairwiseBernoulli(0.1, 0.3), "use a mask"),
        (lambda: SpatialFixedIndegree(1.5), "indegree = 1.5"),
        (lambda: SpatialFixedIndegree(1, allow_multapses=0), "allow_multapses = 0"),
        (lambda: CircularMask(0.0), "radius = 0.0"),
        (lambda: DoughnutMask(0.5, 0.5), "above the inner radius"),
        (lambda: RectangularMask((0.0, 0.0), (1.0, 0.0)), "above that of lower_left"),
        (lambda: RectangularMask((0.0, 0.0), None), "upper_right = None"),
        (lambda: EllipticalMask(0.5, 0.6), "at most the major axis"),
        (lambda: CircularMask(0.5, anchor=1.0), "anchor = 1.0"),
    ],
)
def test_bad_parameters_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_layers_of_different_boxes_cannot_be_periodic():
    with pytest.raises(InputError, match="use the same extent and center"):
        wiring_of(SpatialPairwiseBernoulli(0.1), A_PLANE, 50, (50, RandomPositions((2.0, 1.0), edge_wrap=True)))
    with pytest.raises(InputError, match="dimensions"):
        wiring_of(SpatialPairwiseBernoulli(0.1), A_PLANE, 50, (50, SOLID["solid"]))


@pytest.mark.parametrize("draw", [oracle, compiled])
@pytest.mark.parametrize(("indegree", "multapses"), [(1, True), (3, False)])
def test_a_target_with_too_few_sources_is_named(draw, indegree, multapses):
    at = np.array([[0.0, 0.0], [0.1, 0.0], [0.1, 0.1], [5.0, 5.0]])
    rule = SpatialFixedIndegree(indegree, 1.0, CircularMask(0.5), allow_autapses=False, allow_multapses=multapses)
    _, wiring = wiring_of(rule, at, 4)
    with pytest.raises(InputError, match=r"target [03] has only [02] possible sources within the mask and the kernel"):
        draw(rule, wiring)
