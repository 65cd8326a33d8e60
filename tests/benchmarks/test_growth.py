"""The table of growth: exponents, and what each subject measures."""

import math
from itertools import pairwise

import pytest
from growth import PROJECTIONS, SUBJECTS, described, exponent, table


def test_the_exponent_is_that_of_the_two_largest_sizes():
    assert exponent((10, 100, 1000), (5.0, 1.0, 10.0)) == pytest.approx(1.0)
    assert exponent((1, 2), (3.0, 12.0)) == pytest.approx(2.0)
    assert exponent((1, 2), (3.0, 3.0)) == 0.0


def test_what_is_too_short_has_no_exponent():
    assert math.isnan(exponent((1, 2), (0.001, 0.02)))


def test_the_table_has_a_row_for_each_part():
    printed = table("runs", (10, 100), [{"add": 0.1, "show": 0.001}, {"add": 1.0, "show": 0.002}])
    assert printed.splitlines() == [
        "| runs | 10 | 100 | exponent |",
        "|---|---|---|---|",
        "| add | 0.100 | 1.000 | 1.00 |",
        "| show | 0.001 | 0.002 | - |",
    ]


def test_the_network_has_ten_projections_for_each_population():
    network = described(20)
    assert len(network.populations) == len(network.drives) == 20
    assert len(network.projections) == 20 * PROJECTIONS


def test_sizes_ascend_by_factors_that_show_an_exponent():
    for _, sizes, _ in SUBJECTS.values():
        assert len(sizes) >= 3 and all(later >= 2 * earlier for earlier, later in pairwise(sizes))
