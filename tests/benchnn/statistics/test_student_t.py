"""Student's t distribution against SciPy and closed forms."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchnn.statistics.student_t import incomplete_beta, quantile, two_sided_p

stats = pytest.importorskip("scipy.stats")


@settings(max_examples=60, deadline=None)
@example(t=1.192092896e-07, degrees=15.0)
@given(t=st.floats(-50.0, 50.0), degrees=st.floats(0.5, 5000.0))
def test_probabilities_equal_scipy(t, degrees):
    assert float(two_sided_p(t, degrees)) == pytest.approx(2.0 * stats.t.sf(abs(t), degrees), rel=1e-9, abs=1e-300)


def test_one_and_two_degrees_have_closed_forms():
    t = np.array([0.0, 0.3, 1.0, 12.706])
    np.testing.assert_allclose(two_sided_p(t, 1.0), 1.0 - 2.0 / np.pi * np.arctan(t), rtol=1e-12)
    np.testing.assert_allclose(two_sided_p(t, 2.0), 1.0 - t / np.sqrt(t * t + 2.0), rtol=1e-12)
    assert float(two_sided_p(np.inf, 3.0)) == 0.0


def test_quantiles_equal_scipy_and_tables():
    degrees = np.array([0.7, 1.0, 2.0, 7.0, 28.3, 29.0, 1e4])
    np.testing.assert_allclose(quantile(degrees), stats.t.ppf(0.975, degrees), rtol=1e-10)
    assert [round(float(quantile(n)), 3) for n in (1, 7, 29)] == [12.706, 2.365, 2.045]
    assert float(quantile(0.0)) == np.inf


def test_the_incomplete_beta_function_is_symmetric():
    x, a, b = np.random.default_rng(1).uniform(0.01, [[1.0], [30.0], [30.0]], (3, 50))
    np.testing.assert_allclose(incomplete_beta(x, a, b) + incomplete_beta(1.0 - x, b, a), 1.0, rtol=1e-12)
