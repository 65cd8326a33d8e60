"""The few error classes of the simulator, and the checks that raise them."""

import math
from collections.abc import Sequence
from numbers import Integral, Number, Real
from typing import Any
from unicodedata import category


class BenchnnError(Exception):
    """Base of all errors that are not faults of the program.

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


LONGEST_VALUE = 200


def shown(value: object) -> str:
    """A value as a message shows it, in one line; long ones are cut."""
    text = repr(value)
    if not text.isprintable():
        text = printable(" ".join(text.split()))
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def printable(text: str) -> str:
    """A text with escapes in place of what a terminal obeys: control and direction characters, halves of characters."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or category(letter) == "Zs" else letter.encode("unicode_escape").decode()
        for letter in text
    )


def printable_lines(text: str) -> str:
    """A text of several lines, each as `printable` makes it."""
    return "\n".join(map(printable, text.split("\n")))


def require(condition: bool, field: str, value: object, allowed: str) -> None:
    """Raise `InputError` naming `field`, `value` and what is `allowed` unless `condition` holds."""
    if not condition:
        raise InputError(f"{field} = {shown(value)} is not allowed: {allowed}", field, value)


def integer(value: object, field: str, low: int, high: int = 2**63 - 1) -> int:
    """Return `value` as an int; anything but an integer in [low, high] is refused, also True and 2.0."""
    if isinstance(value, Integral) and not isinstance(value, bool) and low <= int(value) <= high:
        return int(value)
    bounds = f">= {low}" if high == 2**63 - 1 else f"in [{low}, {high}]"
    raise InputError(f"{field} = {shown(value)} is not allowed: must be an integer {bounds}", field, value)


def truth(value: object, field: str) -> bool:
    """Return `value`, which must be True or False; words and numbers, which Python takes for either, are refused."""
    require(isinstance(value, bool), field, value, "use True or False")
    return bool(value)


def choice(value: object, field: str, choices: Sequence[str]) -> str:
    """Return `value`, which must be one of the texts of `choices`."""
    if isinstance(value, str) and value in choices:
        return value
    *others, last = choices
    listed = f"{', '.join(others)} or {last}" if others else last
    raise InputError(f"{field} = {shown(value)} is not allowed: use {listed}", field, value)


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
    raise InputError(f"{field} = {shown(value)} is not allowed: {allowed}", field, value)
