"""Numbers as text, with units."""

ABSENT = "\N{EN DASH}"
SI = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
PREFIXES = (*SI, (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"))


def count(value: float | None) -> str:
    """A whole number with separators."""
    return ABSENT if value is None else f"{value:,.0f}"


def figures(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits, without an exponent where that can be read."""
    if value is None:
        return ABSENT
    return f"{value:,.{digits}g}" if abs(value) < 10**digits or abs(value) >= 1e12 else f"{value:,.0f}"


def seconds(value: float | None) -> str:
    """A time in s."""
    return ABSENT if value is None else f"{value:,.3f} s"


def milliseconds(value: float | None) -> str:
    """A model time in ms."""
    return ABSENT if value is None else f"{value:,.10g} ms"


def bytes_(value: float | None) -> str:
    """A size with a prefix of a thousand."""
    return ABSENT if value is None else f"{scaled(value)}B"


def scaled(value: float) -> str:
    """A number with an SI prefix and three significant digits, such as ``1.23 M``."""
    factor, prefix = next(((factor, prefix) for factor, prefix in SI if abs(value) >= factor), SI[-1])
    return f"{value / factor:.3g} {prefix}"


def percent(part: float | None, whole: float | None) -> str:
    """A share."""
    return ABSENT if part is None or not whole else f"{100.0 * part / whole:.1f} %"


def energy(value: float | None) -> str:
    """An energy in J."""
    return ABSENT if value is None else f"{value:,.4g} J"


def prefixed(value: float | None, unit: str) -> str:
    """A number with four significant digits and its unit, which has a prefix from p on, such as ``4.126 µs``."""
    if value is None:
        return ABSENT
    rounded = float(f"{value:.4g}")
    factor, prefix = next(((factor, prefix) for factor, prefix in PREFIXES if abs(rounded) >= factor), PREFIXES[-1])
    return f"{rounded / factor:,.4g} {prefix}{unit}" if rounded else f"0 {unit}"
