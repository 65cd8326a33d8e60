"""Quantile tables against the analytical distributions."""

import math

import numpy as np
import pytest
from scipy import stats

from simcore.distributions import (
    TABLE_SIZE,
    Exponential,
    Lognormal,
    Normal,
    Tabulated,
    Uniform,
    quantile_table,
    table_ends,
)
from simcore.errors import InputError

CASES = [
    (Normal(mean=-58.0, std=10.0), stats.norm(-58, 10)),
    (Normal(mean=1.5, std=0.75, low=0.05), stats.truncnorm((0.05 - 1.5) / 0.75, np.inf, 1.5, 0.75)),
    (Normal(mean=0.0, std=1.0, low=-0.5, high=2.0), stats.truncnorm(-0.5, 2.0)),
    (Uniform(low=-1.0, high=3.0), stats.uniform(-1, 4)),
    (Exponential(scale=2.0), stats.expon(scale=2.0)),
    (Lognormal(mean=0.3, std=0.5), stats.lognorm(0.5, scale=math.exp(0.3))),
    (Lognormal(mean=0.0, std=1.0), stats.lognorm(1.0)),
]


@pytest.mark.parametrize(("distribution", "reference"), CASES)
def test_the_table_has_the_mean_and_nearly_the_deviation(distribution, reference):
    table = quantile_table(distribution, "x")
    assert len(table) == TABLE_SIZE
    assert np.mean(table) == pytest.approx(reference.mean(), rel=1e-6, abs=1e-6)
    assert 0.995 * reference.std() <= np.std(table) <= reference.std() * (1 + 1e-9)


@pytest.mark.parametrize(("distribution", "reference"), CASES)
def test_each_entry_lies_in_its_bin(distribution, reference):
    table = quantile_table(distribution, "x")
    edges = reference.ppf(np.arange(TABLE_SIZE + 1) / TABLE_SIZE)
    slack = 1e-9 * reference.std()
    assert np.all(table >= edges[:-1] - slack)
    assert np.all(table <= edges[1:] + slack)
    assert np.all(np.diff(table) >= 0)


@pytest.mark.parametrize("outside", ["redraw", "clip"])
@pytest.mark.parametrize("bounds", [{}, {"low": 0.4}, {"high": 2.5}, {"low": 0.4, "high": 2.5}])
@pytest.mark.parametrize(
    ("kind", "values"),
    [(Normal, {"mean": 1.5, "std": 0.75}), (Lognormal, {"mean": 0.3, "std": 0.5}), (Exponential, {"scale": 2.0})],
)
def test_the_ends_of_a_table_are_known_without_it(kind, values, bounds, outside):
    distribution = kind(**values, **bounds, outside=outside)
    table = quantile_table(distribution, "x")
    assert table_ends(distribution, "x") == (table[0], table[-1])


def test_the_ends_of_other_tables_are_known_too():
    ascending = np.linspace(-1.0, 3.0, TABLE_SIZE)
    assert table_ends(Tabulated(values=ascending), "x") == (-1.0, 3.0)
    uniform = Uniform(low=-1.0, high=3.0)
    table = quantile_table(uniform, "x")
    assert table_ends(uniform, "x") == (table[0], table[-1])
    with pytest.raises(InputError, match=r"V_m = .*probability"):
        table_ends(Normal(mean=0.0, std=1.0, low=9.0), "V_m")


def test_clipping_puts_the_tails_on_the_bounds():
    table = quantile_table(Normal(mean=0.0, std=1.0, low=-1.0, high=2.0, outside="clip"), "x")
    assert np.mean(table == -1.0) == pytest.approx(stats.norm.cdf(-1), abs=1e-4)
    assert np.mean(table == 2.0) == pytest.approx(stats.norm.sf(2), abs=1e-4)
    sample = np.clip(stats.norm.ppf((np.arange(10**6) + 0.5) / 10**6), -1, 2)
    assert np.mean(table) == pytest.approx(np.mean(sample), abs=1e-5)


def test_a_tail_that_the_table_would_lose_is_refused():
    with pytest.raises(InputError, match=r"weight = Lognormal.*would lose 1\.2 %.*'high'"):
        quantile_table(Lognormal(mean=0.0, std=1.5), "weight")
    quantile_table(Lognormal(mean=0.0, std=1.5, high=20.0), "weight")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Normal(mean=0.0, std=0.0), "std = 0.0"),
        (lambda: Normal(mean=math.nan, std=1.0), "mean = nan"),
        (lambda: Normal(mean=0.0, std=1.0, low=1.0, high=1.0), "low = 1.0"),
        (lambda: Uniform(low=0.0), "high = inf"),
        (lambda: Exponential(scale=-1.0), "scale = -1.0"),
        (lambda: Lognormal(mean=0.0, std=1.0, high=0.0), "high = 0.0"),
        (lambda: Normal(mean=0.0, std=1.0, outside="wrap"), "outside = 'wrap'"),
        (lambda: quantile_table(Normal(mean=0.0, std=1.0, low=9.0), "V_m"), "V_m = .*probability"),
    ],
)
def test_wrong_distributions_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_a_table_is_its_own():
    values = np.sort(np.random.default_rng(1).integers(0, 9, TABLE_SIZE)).astype(float)
    assert np.array_equal(quantile_table(Tabulated(values=values), "weight"), values)
    assert np.array_equal(quantile_table(Tabulated(values=np.ones(TABLE_SIZE)), "weight"), np.ones(TABLE_SIZE))
    for wrong, why in ((values[1:], r"must be \(65536,\)"), (values[::-1], "ascending order")):
        with pytest.raises(InputError, match=why):
            Tabulated(values=wrong)
    with pytest.raises(InputError, match="between low and high"):
        Tabulated(values=values, low=1.0)


@pytest.mark.parametrize(
    "distribution",
    [
        Normal(mean=1e308, std=1e308),
        Normal(mean=1e200, std=1.0),
        Uniform(low=-1e308, high=1e308),
        Lognormal(mean=800.0, std=0.1),
        Exponential(scale=1e200),
        Lognormal(mean=360.0, std=1.0, high=1e300, outside="clip"),
    ],
)
def test_values_whose_squares_exceed_float64_are_refused(distribution):
    with pytest.raises(InputError, match=r"x = .*exceed float64's range"):
        quantile_table(distribution, "x")


@pytest.mark.parametrize("values", [None, [1.0] * TABLE_SIZE, "table", np.full(TABLE_SIZE, np.inf), np.full(3, 1.0)])
def test_a_table_is_a_finite_array(values):
    with pytest.raises(InputError, match="values"):
        Tabulated(values=values)
