"""Power and area of a processing element, from its synthesised components.

Components by their widths: register, comparator, adder (a subtractor is an adder) and AND gate. Dynamic power is gated,
which an operation needs, or ungated, which every cycle needs; leakage is always there (SATA, 2023):

- ``spike_mac``: ungated an AND and an adder; gated the register that accumulates;
- ``lif``: ungated a comparator and a subtractor; gated two registers, the larger of which holds the potential;
- ``scratchpad``: registers of 8 bits for bits that are ungated (spikes, partial sums) and gated (weights).

Potentials of another width b (`ModelOptions.membrane_bits`; MINT) need a comparator, a subtractor and a register of b
bits. A LIF unit that n channels share (C#n) is one n-th of a unit: its power, leakage and area are divided by n.
"""

from collections.abc import Callable
from dataclasses import dataclass

from simcore.accelerators.figures import Figures, figure, figures, whole

SPIKE_MAC, LIF, SCRATCHPAD = "spike_mac", "lif", "scratchpad"
PARTS = (SPIKE_MAC, LIF, SCRATCHPAD)
BYTE = 8
Components = tuple[tuple[str, int, float], ...]
"""Kind of component, its width in bits, and how many."""


@dataclass(frozen=True)
class Power:
    """Of a part of a processing element, W.

    Parameters
    ----------
    ungated_w, gated_w
        Dynamic power in every cycle, and of an operation.
    leakage_w
        At all times.
    """

    ungated_w: float
    gated_w: float
    leakage_w: float


@dataclass(frozen=True)
class Element:
    """What a processing element is made of.

    Parameters
    ----------
    ungated, gated
        Components by part.
    lif_sharing
        Channels that share a LIF unit.
    """

    ungated: dict[str, Components]
    gated: dict[str, Components]
    lif_sharing: int

    def units(self, part: str) -> float:
        """How many units of a part an element has."""
        return 1.0 / self.lif_sharing if part == LIF else 1.0


def element_of(sheet: Figures, lif_sharing: int = 1, membrane_bits: int | None = None) -> Element:
    """A processing element as its sheet describes it.

    Raises
    ------
    Unpublished
        If the sheet does not state a width.
    """
    *others, membrane = lif_registers(sheet)
    operand = whole(sheet, "lif_operand_bits")
    if membrane_bits is not None:
        operand = membrane = membrane_bits
    ungated: dict[str, Components] = {
        SPIKE_MAC: (("and", whole(sheet, "and_bits"), 1), ("adder", whole(sheet, "accumulator_bits"), 1)),
        LIF: (("comparator", operand, 1), ("adder", operand, 1)),
        SCRATCHPAD: (("register", BYTE, figure(sheet, "scratchpad_ungated_bits") / BYTE),),
    }
    gated: dict[str, Components] = {
        SPIKE_MAC: (("register", whole(sheet, "accumulator_register_bits"), 1),),
        LIF: tuple(("register", bits, 1) for bits in (*others, membrane)),
        SCRATCHPAD: (("register", BYTE, figure(sheet, "scratchpad_gated_bits") / BYTE),),
    }
    return Element(ungated, gated, lif_sharing)


def lif_registers(sheet: Figures) -> tuple[int, ...]:
    """Widths of the registers of a LIF unit in bits, smallest first; the last one holds the potential.

    Raises
    ------
    Unpublished
        If the sheet does not state them.
    """
    return tuple(sorted(round(bits) for bits in figures(sheet, "lif_register_bits")))


def power_of(sheet: Figures, element: Element, part: str, as_published: bool = False) -> Power:
    """Power of a part of a processing element.

    Parameters
    ----------
    sheet
        With the components' powers.
    element, part
        What it is made of; one of `PARTS`.
    as_published
        Whether sums are rounded to 1e-6 mW, as in SATA's release.

    Raises
    ------
    Unpublished
        If the sheet does not state a component's power.
    """
    ungated, gated = element.ungated[part], element.gated[part]
    sums = (
        _sum(sheet, ungated, "{}_w"),
        _sum(sheet, gated, "{}_w"),
        _sum(sheet, ungated + gated, "{}_leakage_w"),
    )
    rounded: Callable[[float], float] = _rounded if as_published else float
    return Power(*(rounded(power) * element.units(part) for power in sums))


def area_of(sheet: Figures, element: Element) -> float:
    """Area of a processing element, m2.

    Raises
    ------
    Unpublished
        If the sheet does not state a component's area.
    """
    return sum(
        _sum(sheet, element.ungated[part] + element.gated[part], "{}_m2") * element.units(part) for part in PARTS
    )


def lif_share(sheet: Figures, element: Element) -> float:
    """Share of the LIF unit in the dynamic power of what computes: all but the scratchpads.

    Raises
    ------
    Unpublished
        If the sheet does not state a component's power.
    """
    lif, accumulation = (
        _sum(sheet, element.ungated[part] + element.gated[part], "{}_w") * element.units(part)
        for part in (LIF, SPIKE_MAC)
    )
    return lif / (lif + accumulation)


def _sum(sheet: Figures, components: Components, key: str) -> float:
    """Sum of a quantity of components, whose key has their kind in place of the braces."""
    return sum(number * figure(sheet, key.format(kind), bits) for kind, bits, number in components)


def _rounded(power_w: float) -> float:
    """A power rounded to 1e-6 mW; 8.35e-5 mW, which lies between, is 8.4e-5 mW there."""
    return round(power_w * 1e9 + 1e-6) / 1e9
