"""Numbers in options of the command line."""

import math

from benchnn.declared_types import from_text
from simcore.errors import integer, number, require


def integer_of(field: str, text: str | None, low: int, high: int) -> int | None:
    """An integer; None if the option is not given."""
    if text is None:
        return None
    value = from_text(text, int, field)
    return integer(value, field, low, high)


def reals_of(field: str, text: str | None, low: float, high: float, above: bool = False) -> list[float]:
    """Numbers separated by commas; an empty list if the option is not given."""
    if text is None:
        return []
    bounds = f"{'>' if above else '>='} {low:g}" + ("" if math.isinf(high) else f" and <= {high:g}")
    values = []
    for part in text.split(","):
        value = from_text(part.strip(), float, field)
        real = number(value, field)
        fits = low <= real <= high and not (above and real == low)
        require(fits, field, part, f"must be {bounds}; separate several values with commas")
        values.append(real)
    return values
