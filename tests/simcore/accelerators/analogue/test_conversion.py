import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.accelerators.analogue.conversion import Converter, products
from simcore.accelerators.analogue.device import Device
from simcore.errors import InputError

OPEN = Device(base_ohm=19_139.0, off_ohm=1e12, top_level=15)


def test_codes_are_rounded_half_up_and_clipped():
    converter = Converter(4, 15e-6)
    assert converter.step_a == pytest.approx(1e-6) and converter.top_code == 15
    currents = np.array([-3.0, 0.0, 0.49, 0.51, 1.49, 14.6, 15.2, 1e9]) * 1e-6
    assert converter.codes(currents).tolist() == [0, 0, 0, 1, 1, 15, 15, 15]
    assert Converter(1, 1.0).codes([0.5, 0.25]).tolist() == [1, 0]
    assert converter.codes(currents).dtype == np.int64


def test_published_full_scales_are_steps_of_a_cell_of_level_1():
    current = 0.1 / 19_139.0
    assert Converter(4, 0.783736e-4).step_a == pytest.approx(current, rel=1e-5)
    assert Converter(8, 1.33236e-3).step_a == pytest.approx(current, rel=1e-5)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.sampled_from([10.0, 30.0, 1000.0, 1e7]))
def test_products_of_ideal_cells_are_exact_with_the_step_of_a_level(seed, rows, ratio):
    generator = np.random.default_rng(seed)
    device = OPEN.with_ratio(ratio)
    levels, inputs = generator.integers(0, 16, (rows, 6)), generator.integers(0, 2, (5, rows))
    converter = Converter.of_levels(12, device, 0.1)
    codes = converter.codes(0.1 * inputs @ device.nominal(levels))
    found = products(codes, inputs.sum(axis=1), converter, device, 0.1)
    # The current of the off state moves a code by up to half of one: one more where both are rounded up.
    assert abs(found - inputs @ levels).max() <= (0 if ratio == 1e7 else 1)


def test_products_beyond_the_full_scale_are_clipped():
    converter = Converter.of_levels(4, OPEN, 0.1)
    codes = converter.codes(0.1 * OPEN.nominal(np.full((4, 1), 15)).sum(axis=0))
    assert products(codes, 4, converter, OPEN, 0.1).tolist() == [15]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0, 1.0), "bits = 0"), ((25, 1.0), "bits = 25"), ((8, 0.0), "full_scale_a = 0.0"), ((8, "a"), "full_scale_a")],
)
def test_wrong_converters_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        Converter(*arguments)
