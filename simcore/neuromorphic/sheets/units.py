"""The closed list of units in which a sheet may state a number, and their conversion to SI."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Unit:
    """A unit: its dimension, named by the SI unit, and its value in SI units."""

    dimension: str
    factor: Decimal


def _prefixed(dimension: str, prefixes: Mapping[str, str]) -> dict[str, Unit]:
    return {f"{prefix}{dimension}": Unit(dimension, Decimal(factor)) for prefix, factor in prefixes.items()}


_RATES = (("k", "1e3"), ("M", "1e6"), ("G", "1e9"), ("T", "1e12"))

UNITS: Mapping[str, Unit] = {
    "1": Unit("1", Decimal(1)),
    "Ki": Unit("1", Decimal(1024)),
    "M": Unit("1", Decimal("1e6")),
    "bit": Unit("bit", Decimal(1)),
    "B": Unit("bit", Decimal(8)),
    "kB": Unit("bit", Decimal("8e3")),
    "MB": Unit("bit", Decimal("8e6")),
    "KiB": Unit("bit", Decimal(8 * 1024)),
    "MiB": Unit("bit", Decimal(8 * 1024**2)),
    **_prefixed("s", {"": "1", "m": "1e-3", "u": "1e-6", "n": "1e-9", "p": "1e-12"}),
    **_prefixed("J", {"": "1", "m": "1e-3", "u": "1e-6", "n": "1e-9", "p": "1e-12", "f": "1e-15"}),
    # Power per clock frequency is energy per clock cycle.
    "uW/MHz": Unit("J", Decimal("1e-12")),
    **_prefixed("W", {"": "1", "m": "1e-3", "u": "1e-6", "n": "1e-9"}),
    "1/s": Unit("1/s", Decimal(1)),
    **{f"{prefix}/s": Unit("1/s", Decimal(factor)) for prefix, factor in _RATES},
    "Hz": Unit("1/s", Decimal(1)),
    "MHz": Unit("1/s", Decimal("1e6")),
    "GHz": Unit("1/s", Decimal("1e9")),
    "bit/s": Unit("bit/s", Decimal(1)),
    **{f"{prefix}bit/s": Unit("bit/s", Decimal(factor)) for prefix, factor in _RATES},
    **{f"{prefix}B/s": Unit("bit/s", 8 * Decimal(factor)) for prefix, factor in _RATES},
    # Events per second and watt.
    **{f"{prefix}/J": Unit("1/J", Decimal(factor)) for prefix, factor in (("", "1"), *_RATES)},
    **_prefixed("Ohm", {"": "1", "k": "1e3", "M": "1e6"}),
    **_prefixed("V", {"": "1", "m": "1e-3"}),
    **_prefixed("A", {"": "1", "m": "1e-3", "u": "1e-6", "n": "1e-9"}),
    "um2": Unit("m2", Decimal("1e-12")),
    "mm2": Unit("m2", Decimal("1e-6")),
    "cm2": Unit("m2", Decimal("1e-4")),
    "%": Unit("share", Decimal("0.01")),
    # An energy in a unit that its source does not state, so that only ratios are meaningful.
    "relative": Unit("relative", Decimal(1)),
}


def units_of(dimension: str) -> list[str]:
    """The units of one dimension."""
    return [name for name, unit in UNITS.items() if unit.dimension == dimension]
