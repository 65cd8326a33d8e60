"""Error classes of the simulator, and the checks that raise them."""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from numbers import Integral, Number, Real
from typing import Any, TypeVar
from unicodedata import category

Called = TypeVar("Called", bound=Callable[..., Any])


class BenchnnError(Exception):
    """Base class of all errors that are not faults of the program.

    Parameters
    ----------
    message
        One sentence for the user.
    field, value
        Wrong field of the description, or wrong option, and its value; None if the error has neither.
    """

    def __init__(self, message: str = "", field: str | None = None, value: object = None) -> None:
        super().__init__(message)
        self.field = field
        self.value = value

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors are sent between ranks, but not every value can be pickled: all but numbers and strings become strings.
        plain = self.value is None or isinstance(self.value, Number | str)
        return type(self), (str(self), self.field, self.value if plain else repr(self.value))


class InputError(BenchnnError, ValueError):
    """Error in the description or in a run option; names the field, the value and the allowed values."""


class KeywordError(InputError, TypeError):
    """Unknown keyword argument; also a TypeError, as in Python."""


class UnavailableError(BenchnnError, RuntimeError):
    """Known component that cannot be used on this machine; the message states the reason."""


class ResourceError(InputError):
    """Insufficient resources of the machine; the message states the required and the available amount."""


class WriteError(BenchnnError, RuntimeError):
    """Failure to write simulated data."""


LONGEST_VALUE = 200


def shown(value: object) -> str:
    """Return a value as one line for a message; long values are cut."""
    try:
        text = repr(value)
    except ValueError:
        # Python does not print integers of more than some thousand digits.
        text = "a number with too many digits"
    if not text.isprintable():
        text = printable(" ".join(text.split()))
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def printable(text: str) -> str:
    """Return a text with control and direction characters and surrogates replaced by escapes, for terminals."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or category(letter) == "Zs" else letter.encode("unicode_escape").decode()
        for letter in text
    )


def printable_lines(text: str) -> str:
    """Apply `printable` to each line of a text."""
    return "\n".join(map(printable, text.split("\n")))


def require(condition: bool, field: str, value: object, allowed: str) -> None:
    """Raise `InputError` naming `field`, `value` and what is `allowed` unless `condition` holds.

    Parameters
    ----------
    condition
        Whether the value is allowed.
    field
        Name of the field or of the option.
    value
        Its value.
    allowed
        The values that are allowed, in words.

    Raises
    ------
    InputError
        If `condition` is false.
    """
    if not condition:
        raise InputError(f"{field} = {shown(value)} is not allowed: {allowed}", field, value)


def integer(value: object, field: str, low: int, high: int = 2**63 - 1) -> int:
    """Return `value` as an int; refuse anything but an integer in [low, high], including True and 2.0.

    Parameters
    ----------
    value
        Any object.
    field
        Name of the field, for the message.
    low, high
        Smallest and largest number that is allowed.

    Returns
    -------
    int
        The number.

    Raises
    ------
    InputError
        If the value is not such an integer.
    """
    if isinstance(value, Integral) and not isinstance(value, bool) and low <= int(value) <= high:
        return int(value)
    bounds = f">= {low}" if high == 2**63 - 1 else f"in [{low}, {high}]"
    raise InputError(f"{field} = {shown(value)} is not allowed: must be an integer {bounds}", field, value)


def truth(value: object, field: str) -> bool:
    """Return `value`, which must be True or False; refuse other values, even if Python treats them as Booleans.

    Parameters
    ----------
    value
        Any object.
    field
        Name of the field, for the message.

    Returns
    -------
    bool
        The value.

    Raises
    ------
    InputError
        If the value is not True or False.
    """
    require(isinstance(value, bool), field, value, "use True or False")
    return bool(value)


def choice(value: object, field: str, choices: Sequence[str]) -> str:
    """Return `value`, which must be one of the strings in `choices`.

    Parameters
    ----------
    value
        Any object.
    field
        Name of the field, for the message.
    choices
        The texts that are allowed.

    Returns
    -------
    str
        The value.

    Raises
    ------
    InputError
        If the value is not one of the texts.
    """
    if isinstance(value, str) and value in choices:
        return value
    *others, last = choices
    listed = f"{', '.join(others)} or {last}" if others else last
    raise InputError(f"{field} = {shown(value)} is not allowed: use {listed}", field, value)


def number(value: object, field: str, infinite: bool = False) -> float:
    """Return `value` as a float; refuse anything but one real number, which must be finite unless `infinite`.

    Parameters
    ----------
    value
        Any object.
    field
        Name of the field, for the message.
    infinite
        Whether the number may be infinite.

    Returns
    -------
    float
        The number.

    Raises
    ------
    InputError
        If the value is not such a number.
    """
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            converted = float(value)
        except OverflowError:
            converted = math.nan
        if math.isfinite(converted) or (infinite and math.isinf(converted)):
            return converted
    allowed = f"use one {'' if infinite else 'finite '}number"
    raise InputError(f"{field} = {shown(value)} is not allowed: {allowed}", field, value)


def suggestion(given: str, known: Iterable[str]) -> str:
    """Suggest known names close to an unknown one, or equal to it with a unit; empty if there are none."""
    from difflib import get_close_matches

    names = list(known)
    near = [name for name in names if name.startswith(f"{given}_") or name.endswith(f"_{given}")]
    near = near or get_close_matches(given, names, n=3)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def keywords_known(called: Called) -> Called:
    """Decorate a function or, above `dataclass`, a class, so that unknown keywords raise an error with similar ones.

    Parameters
    ----------
    called
        A function, or a class with an ``__init__``.

    Returns
    -------
    callable
        The function or class with checked keywords.

    Raises
    ------
    KeywordError
        If the decorated object is called with an unknown keyword.
    """
    # Decorated modules have already imported inspect through dataclasses; the --help of a command has not.
    from inspect import Parameter, signature

    original = called.__init__ if isinstance(called, type) else called  # type: ignore[misc]
    names = [name for name, entry in signature(original).parameters.items() if entry.kind != Parameter.POSITIONAL_ONLY]
    known = frozenset(names)

    @wraps(original)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not kwargs.keys() <= known:
            wrong = next(name for name in kwargs if name not in known)
            listed = ", ".join(name for name in names if name != "self")
            near = suggestion(wrong, names) or (f"; its arguments are {listed}" if listed else "")
            raise KeywordError(f"{called.__qualname__} has no argument {printable(wrong)!r}{near}", wrong)
        return original(*args, **kwargs)

    if not isinstance(called, type):
        return checked  # type: ignore[return-value]
    setattr(called, "__init__", checked)  # noqa: B010 - a type checker takes it for a mistake
    return called
