"""Formatting of numbers in text and HTML: digits, separators, prefixes and the sign for null values."""

from dataclasses import dataclass

LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
SMALL = ((1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p"))
LEAST_PERCENT = 0.05
"""Smallest percentage that is not shown as 0.0 %."""
LEAST_SECONDS, MOST_WITH_MILLISECONDS = 0.1, 10.0
"""Wall times between these values, s, have three decimals; shorter ones have a prefix."""


@dataclass(frozen=True)
class Numbers:
    """Formatter of numbers; every method accepts None for a null value.

    Parameters
    ----------
    absent
        Sign for a null value.
    micro
        Prefix of 1e-6.
    ohm
        Unit of resistances.
    """

    absent: str
    micro: str
    ohm: str

    def count(self, value: float | None) -> str:
        """Format an integer with separators, such as ``77,169``."""
        return self.absent if value is None else f"{value:,.0f}"

    def counted(self, value: float | None, noun: str) -> str:
        """Format an integer with a noun, such as ``1 thread`` or ``128 threads``."""
        return f"{self.count(value)} {noun}{'' if value == 1 else 's'}"

    def figures(self, value: float | None, digits: int = 4) -> str:
        """Format a number with significant digits, without an exponent if that is readable."""
        if value is None:
            return self.absent
        return f"{value:,.{digits}g}" if abs(value) < 10**digits or abs(value) >= 1e12 else f"{value:,.0f}"

    def fixed(self, value: float | None, decimals: int) -> str:
        """Format a number with a fixed number of decimals, for columns of comparable numbers."""
        return self.absent if value is None else f"{value:,.{decimals}f}"

    def seconds(self, value: float | None) -> str:
        """Format a wall time with at most four digits, such as ``34.1 ms``, ``1.250 s`` or ``143.9 s``."""
        if value is None:
            return self.absent
        if abs(value) < LEAST_SECONDS:
            return self.prefixed(value, "s", 3)
        few = round(abs(value), 3) < MOST_WITH_MILLISECONDS
        return f"{value:.3f} s" if few else f"{self.figures(value)} s"

    def milliseconds(self, value: float | None) -> str:
        """Format a model time in ms exactly."""
        return self.absent if value is None else f"{value:,.10g} ms"

    def share(self, part: float | None, whole: float | None = 1.0) -> str:
        """Format a share in percent with one decimal, such as ``51.7 %``."""
        if part is None or not whole:
            return self.absent
        percent = 100.0 * part / whole
        return f"< {2 * LEAST_PERCENT} %" if 0.0 < percent < LEAST_PERCENT else f"{percent:.1f} %"

    def change(self, relative: float | None) -> str:
        """Format a relative change in percent with its sign and one decimal, such as ``+4.0 %``."""
        return self.absent if relative is None else f"{100.0 * relative:+.1f} %"

    def joules(self, value: float | None) -> str:
        """Format an energy in J with four significant digits."""
        return self.absent if value is None else f"{value:,.4g} J"

    def size(self, value: float | None) -> str:
        """Format bytes with a decimal prefix, such as ``1.44 GB``."""
        return self.absent if value is None else f"{self.scaled(value)}B"

    def scaled(self, value: float) -> str:
        """Format a number with three significant digits and a prefix from 1 on, such as ``1.23 M``."""
        factor, prefix = next((entry for entry in LARGE if abs(value) >= entry[0]), LARGE[-1])
        return f"{value / factor:.3g} {prefix}"

    def prefixed(self, value: float | None, unit: str, digits: int = 4) -> str:
        """Format a number with its unit, which has a prefix from p on, such as ``4.126 us``."""
        if value is None:
            return self.absent
        rounded = float(f"{value:.{digits}g}")
        factor, prefix = next((entry for entry in (*LARGE, *SMALL) if abs(rounded) >= entry[0]), SMALL[-1])
        prefix = self.micro if prefix == "u" else prefix
        return f"{rounded / factor:,.{digits}g} {prefix}{unit}" if rounded else f"0 {unit}"


TEXT = Numbers(absent="-", micro="u", ohm="Ohm")
HTML = Numbers(absent="\N{EN DASH}", micro="µ", ohm="Ω")
