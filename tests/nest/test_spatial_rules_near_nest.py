"""The spatial rules connect as NEST's do: the same positions, two samples of one distribution."""

import numpy as np
import pytest
from scipy import stats

from simcore.connectivity.cpu import Chunk, emitter_of
from simcore.connectivity.rule import Targets
from simcore.network import (
    CircularMask,
    DoughnutMask,
    EllipticalMask,
    ExponentialKernel,
    GammaKernel,
    Gaussian2DKernel,
    GaussianKernel,
    GivenPositions,
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

nest = pytest.importorskip("nest")
LEVEL = 1e-4
"""Level of every test; 50 are made, with seeds that are fixed and were not chosen."""
N = 1000
EXTENT = (2.0, 1.5)


def nest_mask(mask):
    anchor = {} if mask.anchor is None else {"anchor": list(mask.anchor)}
    if isinstance(mask, CircularMask):
        return {"circular": {"radius": mask.radius}, **anchor}
    if isinstance(mask, DoughnutMask):
        return {"doughnut": {"inner_radius": mask.inner_radius, "outer_radius": mask.outer_radius}, **anchor}
    if isinstance(mask, RectangularMask):
        return {"rectangular": {"lower_left": list(mask.lower_left), "upper_right": list(mask.upper_right)}, **anchor}
    axes = {"major_axis": mask.major_axis, "minor_axis": mask.minor_axis, "azimuth_angle": mask.azimuth_angle}
    return {"elliptical": axes, **anchor}


def nest_kernel(kernel):
    distance, made = nest.spatial.distance, nest.spatial_distributions
    match kernel:
        case float():
            return kernel
        case LinearKernel():
            return kernel.offset + kernel.slope * distance
        case ExponentialKernel():
            shape = made.exponential(distance, kernel.beta)
        case GaussianKernel():
            shape = made.gaussian(distance, kernel.mean, kernel.std)
        case GammaKernel():
            shape = made.gamma(distance, kernel.kappa, kernel.theta)
        case Gaussian2DKernel():
            means, stds = (kernel.mean_x, kernel.mean_y), (kernel.std_x, kernel.std_y)
            shape = made.gaussian2D(distance.x, distance.y, *means, *stds, kernel.rho)
    return kernel.offset + kernel.scale * shape


def places(wrap, n=N, seed=3):
    """The same random positions for both."""
    drawn = RandomPositions(EXTENT, edge_wrap=wrap).coordinates(0, seed, np.arange(n))[:2].T
    return GivenPositions(drawn, EXTENT, (0.0, 0.0), edge_wrap=wrap)


def from_nest(rule, positions, seed=11):
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.rng_seed = seed
    where = nest.spatial.free(positions.array.tolist(), extent=list(positions.extent), edge_wrap=positions.edge_wrap)
    layer = nest.Create("parrot_neuron", positions=where)
    given = {"p": nest_kernel(rule.p), "allow_autapses": rule.allow_autapses}
    if rule.mask is not None:
        given["mask"] = nest_mask(rule.mask)
    if isinstance(rule, SpatialFixedIndegree):
        given |= {"rule": "fixed_indegree", "indegree": rule.indegree, "allow_multapses": rule.allow_multapses}
    else:
        given |= {"rule": "pairwise_bernoulli", "allow_multapses": False}
    nest.Connect(layer, layer, given)
    found = nest.GetConnections()
    return np.array([list(found.sources()), list(found.targets())]) - 1


def from_simcore(rule, positions, seed=5):
    n = len(positions.array)
    network = Network([Population("A", n, positions=positions)], [Projection("A", "A", rule, weight=1.0)])
    emitter = emitter_of(rule, network.wiring(0, seed), Targets(0, 1, n, 0))
    chunk, item, pieces = Chunk.of_size(max(1000, emitter.largest_item)), 0, []
    while item < emitter.n_items:
        made, item = emitter.emit(item, chunk)
        pieces.append(np.stack((chunk.sources[:made], chunk.targets[:made])).astype(np.int64))
    return np.concatenate(pieces, axis=1)


def displacements(edges, positions):
    at = positions.array
    moved = at[edges[0]] - at[edges[1]]
    return moved - EXTENT * np.rint(moved / EXTENT) if positions.edge_wrap else moved


def features(edges, positions):
    """What is compared: distances, displacements along both axes, degrees."""
    moved = displacements(edges, positions)
    yield np.sqrt((moved**2).sum(axis=1))
    yield from moved.T
    for ends in edges:
        yield np.bincount(ends, minlength=N)


def p_values(first, second, positions):
    pairs = zip(features(first, positions), features(second, positions), strict=True)
    return [stats.ks_2samp(one, other).pvalue for one, other in pairs]


RULES = [
    SpatialPairwiseBernoulli(GaussianKernel(0.15, scale=0.7), CircularMask(0.4), allow_autapses=False),
    SpatialPairwiseBernoulli(ExponentialKernel(0.1, 0.8)),
    SpatialPairwiseBernoulli(GammaKernel(3.0, 0.05, 0.1), DoughnutMask(0.1, 0.4)),
    SpatialPairwiseBernoulli(LinearKernel(-2.0, 0.9)),
    SpatialPairwiseBernoulli(Gaussian2DKernel(0.2, 0.1, mean_x=0.1, rho=0.5, scale=0.8)),
    SpatialPairwiseBernoulli(0.3, EllipticalMask(0.9, 0.3, azimuth_angle=35.0)),
    SpatialPairwiseBernoulli(0.4, RectangularMask((0.05, -0.1), (0.5, 0.3))),
    SpatialPairwiseBernoulli(0.4, CircularMask(0.2, anchor=(0.3, 0.1))),
    SpatialFixedIndegree(30, GaussianKernel(0.15, scale=0.7)),
    SpatialFixedIndegree(30, ExponentialKernel(0.1), CircularMask(0.5), allow_autapses=False, allow_multapses=False),
]


@pytest.mark.parametrize(
    ("rule", "wrap"),
    # Turn by turn with and without edges of the extent; the kernel that has a direction with both.
    [*((rule, index % 2 == 1) for index, rule in enumerate(RULES)), (RULES[4], True)],
    ids=lambda value: f"{type(value).__name__[7:]}-{type(value.p).__name__}" if hasattr(value, "p") else str(value),
)
def test_edges_have_nests_distribution(rule, wrap):
    positions = places(wrap)
    reference, found = from_nest(rule, positions), from_simcore(rule, positions)
    assert found.shape[1] == pytest.approx(reference.shape[1], rel=0.03)
    assert min(p_values(reference, found, positions)) > LEVEL


def test_masks_that_point_somewhere_point_where_nests_do():
    """With a probability of 1 there is nothing random: the same edges."""
    positions = places(True, 400)
    for mask in (RectangularMask((0.05, -0.1), (0.5, 0.3)), EllipticalMask(0.9, 0.3, None, 35.0, (0.1, -0.1))):
        rule = SpatialPairwiseBernoulli(1.0, mask)
        both = (from_nest(rule, positions), from_simcore(rule, positions))
        first, second = (edges[:, np.lexsort(edges)] for edges in both)
        assert np.array_equal(first, second)


@pytest.mark.parametrize("mask", [RectangularMask((0.05, -0.1), (0.5, 0.3)), CircularMask(0.1, (0.3, 0.1))], ids=str)
def test_masks_of_fixed_indegree_are_around_the_target(mask):
    positions = places(True)
    rule = SpatialFixedIndegree(20, 1.0, mask)
    ends = [
        [displacements(edges, positions).min(axis=0), displacements(edges, positions).max(axis=0)]
        for edges in (from_nest(rule, positions), from_simcore(rule, positions))
    ]
    assert np.allclose(*ends, atol=0.01)


@pytest.mark.parametrize(
    ("rule", "other"),
    [
        (RULES[0], SpatialPairwiseBernoulli(GaussianKernel(0.16, scale=0.65), CircularMask(0.4), allow_autapses=False)),
        (RULES[8], SpatialFixedIndegree(30, GaussianKernel(0.16))),
        (RULES[7], SpatialPairwiseBernoulli(0.4, CircularMask(0.2, anchor=(0.29, 0.1)))),
    ],
    ids=["narrower", "narrower-indegree", "anchor"],
)
def test_other_kernels_and_masks_are_found_out(rule, other):
    positions = places(True)
    assert min(p_values(from_nest(rule, positions), from_simcore(other, positions), positions)) < LEVEL


def test_kernels_equal_nests():
    """A weight is a kernel: NEST's weights of given pairs, to the 0.012 % of a bin of distance."""
    positions, edges = places(True), None
    for kernel in (
        ExponentialKernel(0.2, 3.0),
        GaussianKernel(0.3, 0.1, 2.0),
        GammaKernel(2.5, 0.2),
        LinearKernel(2.0, 1.0),
    ):
        nest.ResetKernel()
        nest.set_verbosity("M_ERROR")
        where = nest.spatial.free(positions.array.tolist(), extent=list(EXTENT), edge_wrap=True)
        layer = nest.Create("parrot_neuron", positions=where)
        given = {"rule": "pairwise_bernoulli", "p": 1.0, "mask": {"circular": {"radius": 0.1}}}
        nest.Connect(layer, layer, given, {"weight": nest_kernel(kernel)})
        found = nest.GetConnections()
        edges = np.array([list(found.sources()), list(found.targets())]) - 1
        distances = np.sqrt((displacements(edges, positions) ** 2).sum(axis=1))
        assert np.allclose(found.weight, kernel.values(distances), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", [(5, 4), (3, 4, 2)])
def test_grids_are_nests(shape):
    nest.ResetKernel()
    extent, center = [2.0, 1.0, 3.0][: len(shape)], [0.5, -1.0, 2.0][: len(shape)]
    layer = nest.Create("parrot_neuron", positions=nest.spatial.grid(list(shape), center=center, extent=extent))
    found = GridPositions(shape, extent, center).coordinates(0, 1, np.arange(int(np.prod(shape))))
    assert np.allclose(found[: len(shape)].T, nest.GetPosition(layer), rtol=0.0, atol=1e-12)
