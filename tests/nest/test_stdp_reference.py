"""The reference of plasticity equals NEST: weights after each presynaptic spike, the order at coincidence included."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from pairs import RESOLUTION_MS, Edge, transmitted_on_nest
from stdp_reference import PairRule, factors, stdp, stdp_pl, weights_after

DELAYS = (1, 15, 30)
TAU_MINUS = 17.0
BOUNDED = {"tau_plus": 12.0, "lambda": 0.07, "alpha": 1.3, "mu_plus": 0.6, "mu_minus": 0.4, "Wmax": 90.0}
POWER_LAW = {"tau_plus": 12.0, "lambda": 0.05, "alpha": 0.4, "mu": 0.4}
RULES: dict[str, tuple[str, dict[str, float]]] = {
    "stdp": ("stdp_synapse", BOUNDED),
    "additive": ("stdp_synapse", {**BOUNDED, "mu_plus": 0.0, "mu_minus": 0.0, "lambda": 0.15}),
    "stdp_hom": ("stdp_synapse_hom", BOUNDED),
    "multiplicative": ("stdp_synapse_hom", {**BOUNDED, "mu_plus": 1.0, "mu_minus": 1.0}),
    "power_law": ("stdp_pl_synapse_hom", POWER_LAW),
}


def rule(params: dict[str, float]) -> PairRule[float]:
    named: dict[str, Any] = {"lambda_" if name == "lambda" else name: value for name, value in params.items()}
    return stdp_pl(**named) if "mu" in params else stdp(**named)


def expected(trains: Sequence[Sequence[int]], edge: Edge, params: dict[str, float]) -> list[float]:
    pre, post = trains[edge.source], trains[edge.target]
    return weights_after(pre, post, edge.delay, edge.weight, rule(params), TAU_MINUS, RESOLUTION_MS)


def compare(trains: Sequence[Sequence[int]], edges: Sequence[Edge], name: str) -> list[list[float]]:
    """Weights of NEST, which are those of the reference."""
    model, params = RULES[name]
    found = transmitted_on_nest(trains, edges, model, params, TAU_MINUS)
    for edge, weights in zip(edges, found, strict=True):
        np.testing.assert_allclose(weights, expected(trains, edge, params), rtol=1e-12, atol=1e-12, err_msg=str(edge))
    return [weights.tolist() for weights in found]


def random_train(generator: np.random.Generator, steps: int, mean_interval: float) -> list[int]:
    """Steps from 2 on, at most one spike in each."""
    intervals = 1 + generator.poisson(mean_interval - 1.0, size=round(2 * steps / mean_interval))
    return [int(step) for step in 1 + np.cumsum(intervals) if step <= steps]


@pytest.mark.parametrize("name", RULES)
def test_random_trains(name: str) -> None:
    """Delays shorter and longer than the intervals, autapses, and three synapses between two neurons."""
    generator = np.random.default_rng(7)
    trains = [random_train(generator, 1500, mean) for mean in (3.0, 8.0, 25.0, 120.0) for _ in range(3)]
    ends = product(range(len(trains)), repeat=2)
    edges = [
        Edge(source, target, delay, float(generator.uniform(0.0, 90.0)))
        for (source, target), delay in product(ends, DELAYS)
    ]
    found = compare(trains, edges, name)
    assert len(found) == 432
    assert np.mean([weights[-1] != edge.weight for edge, weights in zip(edges, found, strict=True)]) > 0.99


@pytest.mark.parametrize("name", RULES)
def test_coincidences(name: str) -> None:
    """A postsynaptic spike at q, and a presynaptic one at q + delay + shift, after an earlier one or as the first."""
    trains: list[list[int]] = []
    edges = []
    for delay, shift, before in product(DELAYS, (-2, -1, 0, 1, 2), ([], [10], [10, 60])):
        trains += [[*before, 100 + delay + shift, 200], [100]]
        edges.append(Edge(len(trains) - 2, len(trains) - 1, delay, 50.0))
    compare(trains, edges, name)


def test_a_postsynaptic_spike_that_arrives_with_the_presynaptic_one_facilitates_and_does_not_depress() -> None:
    trains = [[50, 130], [129], [130], [128], [500]]
    early, equal, late, none = compare(trains, [Edge(0, target, 1, 50.0) for target in (3, 1, 2, 4)], "multiplicative")
    assert none == [50.0, 50.0]
    assert equal[1] > 50.0, "facilitates"
    assert late == [50.0, 50.0], "a step later neither"
    weights = weights_after([50, 130], [128], 1, 50.0, rule(BOUNDED | {"mu_plus": 1.0, "mu_minus": 1.0}), 17.0, 0.1)
    assert early[1] == pytest.approx(weights[1]) and early[1] < 50.0, "a step earlier depresses more"


def test_nothing_facilitates_before_the_second_spike_of_a_source() -> None:
    (weights,) = compare([[300], [20, 60, 299]], [Edge(0, 1, 1, 50.0)], "multiplicative")
    assert weights[0] < 50.0
    (weights,) = compare([[300, 301], [299]], [Edge(0, 1, 1, 50.0)], "multiplicative")
    assert weights[0] == 50.0 and weights[1] < 50.0, "the coincident one is not in time for the first"


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"U": 0.2},
        {"U": 0.2, "u": 0.2, "tau_fac": 300.0, "tau_rec": 50.0},
        {"U": 0.7, "x": 0.3, "u": 0.9, "tau_fac": 5.0, "tau_rec": 130.0},
    ],
    ids=["defaults", "u_is_not_U", "facilitating", "depleted"],
)
def test_resources(params: dict[str, float]) -> None:
    generator = np.random.default_rng(3)
    trains = [random_train(generator, 3000, mean) for mean in (3.0, 20.0, 90.0, 400.0) for _ in range(5)]
    edges = [Edge(source, 0, 1 + source, 80.0) for source in range(len(trains))]
    found = transmitted_on_nest(trains, edges, "tsodyks2_synapse", params)
    own = {"U": 0.5, "u": 0.5, "x": 1.0, "tau_rec": 800.0, "tau_fac": 0.0, **params}
    for train, weights in zip(trains, found, strict=True):
        np.testing.assert_allclose(weights / 80.0, factors(train, **own, resolution_ms=RESOLUTION_MS), rtol=1e-12)
