from dataclasses import replace
from pathlib import Path

import pytest

from simcore.accelerators.analogue.sheet_values import (
    cell_levels,
    converter_of,
    device_of,
    read_voltage,
    wire_resistance,
)
from simcore.accelerators.figures import Unpublished
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.errors import InputError


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
    with pytest.raises(Unpublished, match="full_scale_a for 6 bits"):
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


SHEET = Path(load_accelerator.__code__.co_filename).parent / "spikesim_nice.toml"


def changed(folder, old, new):
    """The sheet of NICE with another text in place of one of its own, and with wires of 2.5 Ohm."""
    lines = [line for line in SHEET.read_text().splitlines() if not line.startswith("wire_resistance_ohm")]
    wires = 'wire_resistance_ohm = { value = 2.5, unit = "Ohm", source = "SpikeSim", evidence = "vendor" }'
    text = "\n".join(lines).replace("[cells]", f"{wires}\n\n[cells]")
    assert old in text
    (folder / "mine.toml").write_text(text.replace(old, new))
    return load_accelerator(folder / "mine.toml")


@pytest.mark.parametrize(
    ("old", "new", "ask", "message"),
    [
        ("value = 0.1,", "value = 1e5,", read_voltage, r"mine: read_voltage_v = 100000.0 .* \[0, 1000\] V"),
        ("value = 19.139,", "value = 0.0005,", device_of, "mine: base_resistance_ohm = 0.5 .* at least 80 Ohm"),
        ("value = 19.139,", "value = 1e19,", device_of, "mine: base_resistance_ohm = 1e.22"),
        ("value = 100,", "value = 1e-4,", device_of, "mine: off_ohm = 100.0 .* above 2392.38 Ohm"),
        ("[8, 1332.36]", "[8, 1e20]", converter_of, "mine: full_scale_a"),
        (
            "value = 2.5,",
            "value = 1e9,",
            wire_resistance,
            r"mine: wire_resistance_ohm = 1000000000.0 .* \[0, 10000\] Ohm",
        ),
    ],
)
def test_what_a_crossbar_cannot_have_is_refused_with_its_sheet(tmp_path, old, new, ask, message):
    with pytest.raises(InputError, match=message):
        ask(changed(tmp_path, old, new))


def test_wires_are_ideal_where_the_sheet_does_not_state_them(nice, tmp_path):
    assert wire_resistance(nice) == 0.0
    assert wire_resistance(changed(tmp_path, "title", "title")) == 2.5


def test_wrong_requests_are_refused(nice):
    for ask, arguments, message in (
        (device_of, (None,), "sheet = None"),
        (device_of, (nice, "a"), "cell_bits = 'a'"),
        (device_of, (nice, 0), "cell_bits = 0"),
        (cell_levels, (None,), "sheet = None"),
        (converter_of, (None,), "sheet = None"),
        (converter_of, (nice, "a"), "bits = 'a'"),
        (read_voltage, ("spikesim_nice",), "sheet = 'spikesim_nice'"),
        (wire_resistance, (None,), "sheet = None"),
    ):
        with pytest.raises(InputError, match=message):
            ask(*arguments)
