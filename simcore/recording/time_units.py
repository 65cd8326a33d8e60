"""Spellings of units of time in other tools."""

MS_PER_SYMBOL = {"s": 1000.0, "ms": 1.0, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ns": 1e-6}
"""Symbols, which are case-sensitive: ``Ms`` is a megasecond, ``mS`` a millisiemens."""
MS_PER_WORD = {
    **dict.fromkeys(("second", "sec"), 1000.0),
    **dict.fromkeys(("millisecond", "millisec", "msec"), 1.0),
    **dict.fromkeys(("microsecond", "microsec", "usec"), 1e-3),
    **dict.fromkeys(("nanosecond", "nanosec", "nsec"), 1e-6),
}
"""Words, which can be in the plural and in capitals."""


def ms_per_unit(text: str) -> float | None:
    """Return the number of milliseconds in a unit of time; None for an unknown unit.

    Parameters
    ----------
    text
        A symbol (``s``, ``ms``, ``us``, ``ns``) or a word (``milliseconds``, ``msec``).
    """
    symbol = text.strip()
    return MS_PER_SYMBOL.get(symbol, MS_PER_WORD.get(symbol.lower().removesuffix("s")))
