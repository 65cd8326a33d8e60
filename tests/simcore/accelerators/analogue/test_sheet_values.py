from dataclasses import replace

import pytest

from simcore.accelerators.analogue.sheet_values import cell_levels, converter_of, device_of, read_voltage
from simcore.accelerators.figures import Unpublished
from simcore.accelerators.sheets.parser import load_accelerator


@pytest.fixture(scope="module")
def nice():
    return load_accelerator("spikesim_nice")


def test_the_cells_of_nice(nice):
    device = device_of(nice)
    assert cell_levels(nice) == (0, 1, 2, 4, 8) and device.top_level == 8
    assert device.base_ohm == 19_139.0 and device.off_ohm == 1e8
    assert (device.device_noise, device.read_noise, device.stuck_on, device.stuck_off) == (0.0, 0.0, 0.0, 0.0)
    # Level 0 and the levels of the release, to the small current of open cells.
    assert device.nominal([1, 2, 4, 8]) == pytest.approx([1 / 19139, 2 / 19139, 4 / 19139, 8 / 19139], rel=2e-4)
    assert read_voltage(nice) == 0.1


def test_cells_of_one_bit_have_an_off_state_of_their_own(nice):
    assert device_of(nice, 1).off_ohm == 200e3
    assert device_of(nice, 4).off_ohm == 1e8 and device_of(nice, 4).top_level == 15


def test_converters_have_the_full_scale_of_their_width(nice):
    assert (converter_of(nice).bits, converter_of(nice).full_scale_a) == (8, 1.33236e-3)
    assert converter_of(nice, 4).full_scale_a == 0.783736e-4
    with pytest.raises(Unpublished, match="full_scale_a of 6 bits"):
        converter_of(nice, 6)


def test_what_a_sheet_does_not_state_is_named(nice):
    for key, ask in (
        ("base_resistance_ohm", device_of),
        ("cell_levels", cell_levels),
        ("adc_bits", converter_of),
        ("read_voltage_v", read_voltage),
    ):
        without = replace(nice, facts=tuple(fact for fact in nice.facts if fact.quantity.key != key))
        with pytest.raises(Unpublished, match=f"spikesim_nice: {key}"):
            ask(without)
