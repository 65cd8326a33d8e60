"""Power and area of a processing element, from its synthesised components.

Components, by width, are register, comparator, adder (also for subtractors), AND gate and multiplier. Dynamic power is
gated (per operation) or ungated (per cycle); leakage is always present (SATA, 2023):

- ``spike_mac``: ungated an AND and an adder; gated the register that accumulates;
- ``lif``: ungated a comparator and a subtractor; gated two registers, the larger of which holds the potential;
- ``scratchpad``: registers of 8 bits for bits that are ungated (spikes, partial sums) and gated (weights).

Potentials of another width b (`ModelOptions.membrane_bits`; MINT) need a comparator, a subtractor and a register of b
bits. The power, leakage and area of a LIF unit that n channels share (C#n) are divided by n.

An element that multiplies, for dense networks, has other parts, and also a scratchpad:

- ``mac``: ungated the registers of its operands and an adder; gated a multiplier and the register that accumulates;
- ``relu``: ungated a comparator.
"""

from dataclasses import dataclass

from simcore.accelerators.figures import Figures, figure, figures, whole

BYTE = 8
MACS, LIFS = "macs", "lifs"
"""Kinds of operations of a part: accumulations of inputs that are not 0, and updates of neurons."""
Components = tuple[tuple[str, int, float], ...]
"""Kind of component, its width in bits, and the number of such components."""


@dataclass(frozen=True)
class Part:
    """A part of a processing element.

    Parameters
    ----------
    name
        Name of its energy.
    operations
        Operations of its gated components, ``macs`` or ``lifs``.
    ungated, gated
        Ungated and gated components.
    units
        Number of such parts per element.
    """

    name: str
    operations: str
    ungated: Components
    gated: Components = ()
    units: float = 1.0


@dataclass(frozen=True)
class Power:
    """Power of a part, W.

    Parameters
    ----------
    ungated_w, gated_w
        Dynamic power per cycle, and per operation.
    leakage_w
        Leakage power.
    """

    ungated_w: float
    gated_w: float
    leakage_w: float


def multiplies(sheet: Figures) -> bool:
    """Whether processing elements multiply, for dense networks."""
    return sheet.value("multiplier_bits") is not None


def parts_of(sheet: Figures, lif_sharing: int = 1, membrane_bits: int | None = None) -> tuple[Part, ...]:
    """Parts of a processing element from its sheet.

    Raises
    ------
    Unpublished
        If the sheet does not state a width.
    """
    sums = ("register", whole(sheet, "accumulator_register_bits"), 1.0)
    adder = ("adder", whole(sheet, "accumulator_bits"), 1.0)
    scratchpad = Part(
        "scratchpad", MACS, _bytes(sheet, "scratchpad_ungated_bits"), _bytes(sheet, "scratchpad_gated_bits")
    )
    if multiplies(sheet):
        operands = tuple(("register", round(bits), 1.0) for bits in figures(sheet, "operand_register_bits"))
        multiplier = ("multiplier", whole(sheet, "multiplier_bits"), 1.0)
        comparator = ("comparator", whole(sheet, "activation_bits"), 1.0)
        return Part("mac", MACS, (*operands, adder), (multiplier, sums)), Part("relu", LIFS, (comparator,)), scratchpad
    *others, membrane = lif_registers(sheet)
    operand = whole(sheet, "lif_operand_bits")
    if membrane_bits is not None:
        operand = membrane = membrane_bits
    gate = ("and", whole(sheet, "and_bits"), 1.0)
    compared = (("comparator", operand, 1.0), ("adder", operand, 1.0))
    registers = tuple(("register", bits, 1.0) for bits in (*others, membrane))
    return (
        Part("spike_mac", MACS, (gate, adder), (sums,)),
        Part("lif", LIFS, compared, registers, 1.0 / lif_sharing),
        scratchpad,
    )


def lif_registers(sheet: Figures) -> tuple[int, ...]:
    """Widths of the registers of a LIF unit in bits, smallest first; the last one holds the potential.

    Raises
    ------
    Unpublished
        If the sheet does not state them.
    """
    return tuple(sorted(round(bits) for bits in figures(sheet, "lif_register_bits")))


def power_of(sheet: Figures, part: Part, as_published: bool = False) -> Power:
    """Power of a part of a processing element.

    Parameters
    ----------
    sheet
        Sheet with the powers of components.
    part
        Part with its components.
    as_published
        Whether sums are rounded to 1e-6 mW, as in SATA's release.

    Raises
    ------
    Unpublished
        If the sheet does not state a component's power.
    """
    sums = (
        _sum(sheet, part.ungated, "{}_w"),
        _sum(sheet, part.gated, "{}_w"),
        _sum(sheet, part.ungated + part.gated, "{}_leakage_w"),
    )
    return Power(*((_rounded(power) if as_published else power) * part.units for power in sums))


def area_of(sheet: Figures, parts: tuple[Part, ...]) -> float:
    """Area of a processing element, m2.

    Raises
    ------
    Unpublished
        If the sheet does not state a component's area.
    """
    return sum(_sum(sheet, part.ungated + part.gated, "{}_m2") * part.units for part in parts)


def lif_share(sheet: Figures, parts: tuple[Part, ...]) -> float:
    """Share of the LIF unit in the dynamic power of an element without its scratchpads.

    Raises
    ------
    Unpublished
        If the sheet does not state a component's power.
    """
    powers = {part.name: _sum(sheet, part.ungated + part.gated, "{}_w") * part.units for part in parts}
    return powers["lif"] / (powers["lif"] + powers["spike_mac"])


def _bytes(sheet: Figures, key: str) -> Components:
    """A scratchpad: registers of a byte."""
    return (("register", BYTE, figure(sheet, key) / BYTE),)


def _sum(sheet: Figures, components: Components, key: str) -> float:
    """Sum of a quantity of components, whose key has their kind in place of the braces."""
    return sum(number * figure(sheet, key.format(kind), bits) for kind, bits, number in components)


def _rounded(power_w: float) -> float:
    """A power rounded to 1e-6 mW."""
    return round(power_w * 1e9) / 1e9
