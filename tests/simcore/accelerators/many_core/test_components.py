"""Components: sums of synthesised parts, shares of a chip, and their published ratio."""

import pytest

from simcore.accelerators.figures import Unpublished
from simcore.accelerators.many_core.components import chip_unit, memory_areas, synthesised_unit
from simcore.accelerators.sheets.parser import load_accelerator

SATA, TPU = load_accelerator("sata"), load_accelerator("tpu_v1")


def test_a_synthesised_unit():
    unit = synthesised_unit(SATA)
    assert unit.area_m2 == pytest.approx((101.472 + 90.72 + 3 * 34.27 + 135.07) * 1e-12, rel=1e-12)
    power = (0.0821 + 0.0758 + 3 * 0.01249 + 0.04975) * 1e-3
    assert unit.energy_j == {400e6: pytest.approx(power / 400e6), 250e6: pytest.approx(power / 250e6)}
    assert unit.energy_j[400e6] == pytest.approx(0.61e-12, rel=5e-3)


def test_a_unit_of_a_chip():
    unit = chip_unit(TPU)
    assert unit.area_m2 == pytest.approx(1212e-12, rel=1e-3)
    assert unit.energy_j == {700e6: pytest.approx(0.915e-12, rel=1e-3)}


def test_silicon_needs_more_area_than_synthesis_and_the_modelled_energy_depends_on_the_clock():
    synthesised, chip = synthesised_unit(SATA), chip_unit(TPU)
    assert chip.area_m2 / synthesised.area_m2 == pytest.approx(2.82, abs=0.005)
    assert chip.energy_j[700e6] / synthesised.energy_j[400e6] == pytest.approx(1.49, abs=0.005)
    assert chip.energy_j[700e6] / synthesised.energy_j[250e6] == pytest.approx(0.93, abs=0.005)


def test_memory_of_a_chip():
    areas = memory_areas(TPU)
    assert areas == {"global_buffer": pytest.approx(4.0e-6, rel=1e-3), "accumulator": pytest.approx(5.0e-6, rel=1e-2)}


def test_what_is_not_published_is_named():
    with pytest.raises(Unpublished, match="tpu_v2: array_area_share"):
        chip_unit(load_accelerator("tpu_v2"))
    with pytest.raises(Unpublished, match="tpu_v1: multiplier_m2 for 8 bits"):
        synthesised_unit(TPU)
