"""The few error classes of the simulator, and the checks that raise them."""

import math
from numbers import Integral, Number, Real
from typing import Any


class BenchnnError(Exception):
    """Base of all errors that are no fault of the program.

    Parameters
    ----------
    message
        One sentence for the user.
    field, value
        The field of the description or the option that is wrong, and its value; None where there is none.
    """

    def __init__(self, message: str = "", field: str | None = None, value: object = None) -> None:
        super().__init__(message)
        self.field = field
        self.value = value

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross ranks, but not every value can be pickled: numbers and texts are kept, others become their text.
        plain = self.value is None or isinstance(self.value, Number | str)
        return type(self), (str(self), self.field, self.value if plain else repr(self.value))


class InputError(BenchnnError, ValueError):
    """The description or a run option is wrong: names the field, the value and what is allowed."""


class UnavailableError(BenchnnError, RuntimeError):
    """Something known by name cannot be used here; the message says why."""


class ResourceError(InputError):
    """The machine cannot hold what was asked for; says how much is needed and how much there is."""


class WriteError(BenchnnError, RuntimeError):
    """What was simulated could not be written."""


def require(condition: bool, field: str, value: object, allowed: str) -> None:
    """Raise `InputError` naming `field`, `value` and what is `allowed` unless `condition` holds."""
    if not condition:
        raise InputError(f"{field} = {value!r} is not allowed: {allowed}", field, value)


def integer(value: object, field: str, low: int, high: int = 2**63 - 1) -> int:
    """Return `value` as an int; anything but an integer in [low, high] is refused, also True and 2.0."""
    if isinstance(value, Integral) and not isinstance(value, bool) and low <= int(value) <= high:
        return int(value)
    bounds = f">= {low}" if high == 2**63 - 1 else f"in [{low}, {high}]"
    raise InputError(f"{field} = {value!r} is not allowed: must be an integer {bounds}", field, value)


def number(value: object, field: str, infinite: bool = False) -> float:
    """Return `value` as a float; anything but one real number, finite unless `infinite`, is refused."""
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            converted = float(value)
        except OverflowError:
            converted = math.nan
        if math.isfinite(converted) or (infinite and math.isinf(converted)):
            return converted
    allowed = f"use one {'' if infinite else 'finite '}number"
    raise InputError(f"{field} = {value!r} is not allowed: {allowed}", field, value)
