"""Units of time as other tools spell them."""

MS_PER_SYMBOL = {"s": 1000.0, "ms": 1.0, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ns": 1e-6}
"""Symbols tell capitals from small letters: ``Ms`` is a megasecond, ``mS`` a millisiemens."""
MS_PER_WORD = {
    **dict.fromkeys(("second", "sec"), 1000.0),
    **dict.fromkeys(("millisecond", "millisec", "msec"), 1.0),
    **dict.fromkeys(("microsecond", "microsec", "usec"), 1e-3),
    **dict.fromkeys(("nanosecond", "nanosec", "nsec"), 1e-6),
}
"""Words may stand in the plural and in capitals."""


def ms_per_unit(text: str) -> float | None:
    """How many milliseconds a unit of time has; None if the unit is not known.

    Parameters
    ----------
    text
        A symbol (``s``, ``ms``, ``us``, ``ns``) or a word (``milliseconds``, ``msec``).
    """
    symbol = text.strip()
    return MS_PER_SYMBOL.get(symbol, MS_PER_WORD.get(symbol.lower().removesuffix("s")))
