"""Costs under shares of steps: the two energy-delay products, and the bounds of a mean that the mean steps leave."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.accelerators.answer import Answer
from simcore.accelerators.early_exit import bounds_of_mean, exit_costs
from simcore.errors import InputError

SLOPE = 0.7416
"""Of energy and of latency, over those of one step: (1 + 3 x 0.7416)^2 = 10.4, the published ratio of 4 steps to 1."""
MEAN = 2.14


def answers(energies, latencies):
    return [Answer("a", "m", {"part": energy}, latency) for energy, latency in zip(energies, latencies, strict=True)]


LINES = [1 + SLOPE * step for step in range(4)]
PRODUCTS = [line**2 for line in LINES]


def shares_with_mean_of_214():
    return [(0.0, 0.86, 0.14, 0.0), (0.62, 0.0, 0.0, 0.38), (0.3, 0.36, 0.24, 0.1)]


def test_the_published_factor_lies_within_the_bounds_and_is_not_the_product_of_means():
    low, high = bounds_of_mean(PRODUCTS, MEAN)
    assert PRODUCTS[3] == pytest.approx(10.4, abs=0.001)
    assert PRODUCTS[3] / high == pytest.approx(2.275, abs=0.001)
    assert PRODUCTS[3] / low == pytest.approx(2.995, abs=0.001)
    assert PRODUCTS[3] / high < 2.54 < PRODUCTS[3] / low
    costs = exit_costs(shares_with_mean_of_214()[2], answers(LINES, LINES))
    assert costs.mean_steps == pytest.approx(MEAN)
    assert PRODUCTS[3] / costs.product_of_means_js == pytest.approx(3.05, abs=0.005)


@pytest.mark.parametrize("shares", shares_with_mean_of_214())
def test_the_published_saving_is_energy_in_proportion_to_mean_steps(shares):
    costs = exit_costs(shares, answers([1, 2, 3, 4], [1, 1, 1, 1]))
    assert 1 - costs.energy_j / 4 == pytest.approx(0.465)


def test_both_products_are_named_and_differ():
    costs = exit_costs((0.5, 0.5), answers([1.0, 3.0], [1.0, 5.0]))
    assert (costs.mean_steps, costs.energy_j, costs.latency_s) == (1.5, 2.0, 3.0)
    assert costs.mean_of_products_js == 0.5 * 1.0 + 0.5 * 15.0
    assert costs.product_of_means_js == 6.0
    assert not costs.reasons


def test_steps_that_do_not_occur_need_no_answer_and_others_do():
    unknown = Answer("a", "m", {"part": 2.0}, reasons={"latency_s": "no clock"})
    known = answers([1.0], [1.0])
    assert exit_costs((1.0, 0.0), [*known, unknown]).latency_s == 1.0
    costs = exit_costs((0.5, 0.5), [*known, unknown])
    assert costs.energy_j == 1.5 and costs.latency_s is None
    assert costs.mean_of_products_js is None and costs.product_of_means_js is None
    assert costs.reasons == dict.fromkeys(("latency_s", "mean_of_products_js", "product_of_means_js"), "no clock")


@pytest.mark.parametrize(
    ("shares", "match"),
    [
        ((), "shares"),
        ((0.5, 0.6), "sum of shares"),
        ((1.5, -0.5), r"shares\[1\]"),
        ((0.5, float("nan")), r"shares\[1\]"),
        ((0.5, 0.25, 0.25), r"len\(answers\)"),
    ],
)
def test_shares_that_are_none_are_refused(shares, match):
    with pytest.raises(InputError, match=match):
        exit_costs(shares, answers([1.0, 2.0], [1.0, 2.0]))


@pytest.mark.parametrize(("values", "mean"), [((), 1.0), ((1.0, 2.0), 0.5), ((1.0, 2.0), 2.1), ((1.0, None), 1.5)])
def test_bounds_need_values_and_a_mean_within_them(values, mean):
    with pytest.raises(InputError):
        bounds_of_mean(values, mean)


def test_bounds_at_the_ends_are_the_values_there():
    assert bounds_of_mean([3.0, 1.0, 2.0], 1) == (3.0, 3.0)
    assert bounds_of_mean([3.0, 1.0, 2.0], 3) == (2.0, 2.0)
    assert bounds_of_mean([3.0, 1.0, 2.0], 2) == (1.0, 2.5)


def test_bounds_are_those_of_a_linear_program():
    linprog = pytest.importorskip("scipy.optimize").linprog
    rng = np.random.default_rng(1)
    for most in (2, 3, 4, 7):
        values, mean = rng.normal(size=most), float(rng.uniform(1, most))
        equations = {"A_eq": [np.ones(most), np.arange(1, most + 1)], "b_eq": [1.0, mean], "bounds": (0, 1)}
        low, high = bounds_of_mean(values.tolist(), mean)
        assert low == pytest.approx(linprog(values, **equations).fun)
        assert high == pytest.approx(-linprog(-values, **equations).fun)


weights = st.lists(st.integers(0, 20), min_size=1, max_size=6).filter(any)


@given(weights, st.data())
def test_every_distribution_lies_within_the_bounds_of_its_mean(counts, data):
    shares = [count / sum(counts) for count in counts]
    costs = st.lists(st.floats(0.001, 1e3), min_size=len(shares), max_size=len(shares))
    energies, latencies = data.draw(costs), data.draw(costs)
    found = exit_costs(shares, answers(energies, latencies))
    for value, costs_of in (
        (found.energy_j, energies),
        (found.latency_s, latencies),
        (found.mean_of_products_js, [a * b for a, b in zip(energies, latencies, strict=True)]),
    ):
        low, high = bounds_of_mean(costs_of, found.mean_steps)
        assert low * (1 - 1e-6) - 1e-9 <= value <= high * (1 + 1e-6) + 1e-9


@given(weights, st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_with_growing_costs_the_mean_of_products_is_at_least_the_product_of_means(counts, energy, latency):
    shares = [count / sum(counts) for count in counts]
    steps = range(len(shares))
    found = exit_costs(shares, answers([1 + energy * step for step in steps], [1 + latency * step for step in steps]))
    assert found.mean_of_products_js >= found.product_of_means_js * (1 - 1e-12)
