"""Area and energy of the published parts of a many-core design: multiply-accumulate units, and memory.

Synthesis: a unit of 8 bits with a sum of 32 bits is a multiplier, an adder, three registers of 8 bits (input, weight,
the input that is passed on) and one of 32 bits::

    A = A_mul8 + A_add32 + 3 A_reg8 + A_reg32
    e = (P_mul8 + P_add32 + 3 P_reg8 + P_reg32) / f

Chip: the array of TPU v1 has 24 % of a die whose area is an upper bound, and 56 % of the thermal design power. The
share of the power is from NeuroMeter's model and not measured, and assumes that all units are busy::

    A = share of the array x die / units            e = share of the array x P / (units f)

Therefore only the ratio of the areas compares silicon with synthesis. The powers of the synthesised parts are dynamic
powers; their leakage is a thousandth, and is left out. The thermal design power includes leakage. The clock of the
synthesised powers is not stated, so that their energy is given at both clocks that others use: the energy of the chip
is 1.49 or 0.93 times as large. Figures are not interpolated, and not scaled to another node.

Sources: the sheets ``sata`` and ``tpu_v1``, with the source of each number.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from simcore.accelerators.figures import Figures, figure, whole

PARTS = (("multiplier", 8, 1), ("adder", 32, 1), ("register", 8, 3), ("register", 32, 1))
"""Components of a unit, with their width in bits and their number."""
MIB_BITS = 2**23


@dataclass(frozen=True)
class Unit:
    """A multiply-accumulate unit.

    Parameters
    ----------
    area_m2
        Area, m2.
    energy_j
        Energy of a multiplication with its addition, J, by the clock of its power, Hz.
    """

    area_m2: float
    energy_j: Mapping[float, float]


def synthesised_unit(components: Figures) -> Unit:
    """The unit as the sum of synthesised components.

    Parameters
    ----------
    components
        A sheet with areas and powers of components.

    Raises
    ------
    Unpublished
        If the sheet lacks a component.
    """
    area = sum(count * figure(components, f"{part}_m2", bits) for part, bits, count in PARTS)
    power = sum(count * figure(components, f"{part}_w", bits) for part, bits, count in PARTS)
    clocks = [figure(components, key) for key in ("clock_hz", "power_clock_hz")]
    return Unit(area, {clock: power / clock for clock in clocks})


def chip_unit(chip: Figures) -> Unit:
    """The unit as a share of a chip with all units busy; its area is an upper bound if the area of the die is one.

    Parameters
    ----------
    chip
        A sheet with the shares of its array.

    Raises
    ------
    Unpublished
        If the sheet lacks a share.
    """
    units = whole(chip, "multiply_accumulate_units")
    area = figure(chip, "array_area_share") * figure(chip, "die_area_m2") / units
    power, clock = figure(chip, "array_power_share") * figure(chip, "tdp_w"), figure(chip, "clock_hz")
    return Unit(area, {clock: power / (units * clock)})


def memory_areas(chip: Figures) -> dict[str, float]:
    """Area of a MiB of the buffer and of the accumulators of a chip, m2; upper bounds if the area of the die is one.

    Raises
    ------
    Unpublished
        If the sheet lacks a share.
    """
    memories = {"global_buffer": "global_buffer_bits", "accumulator": "accumulator_memory_bits"}
    die = figure(chip, "die_area_m2")
    return {
        name: figure(chip, f"{name}_area_share") * die * MIB_BITS / figure(chip, bits)
        for name, bits in memories.items()
    }
