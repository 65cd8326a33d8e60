"""The few error classes of the simulator, and the checks that raise them."""

import math
from numbers import Integral, Real


class InputError(ValueError):
    """The description or a run option is wrong: names the field, the value and what is allowed."""


class UnavailableError(RuntimeError):
    """Something known by name cannot be used here; the message says why."""


class ResourceError(InputError):
    """The machine cannot hold what was asked for; says how much is needed and how much there is."""


def require(condition: bool, field: str, value: object, allowed: str) -> None:
    """Raise `InputError` naming `field`, `value` and what is `allowed` unless `condition` holds."""
    if not condition:
        raise InputError(f"{field} = {value!r} is not allowed: {allowed}")


def integer(value: object, field: str, low: int, high: int = 2**63 - 1) -> int:
    """Return `value` as an int; anything but an integer in [low, high] is refused, also True and 2.0."""
    if isinstance(value, Integral) and not isinstance(value, bool) and low <= int(value) <= high:
        return int(value)
    bounds = f">= {low}" if high == 2**63 - 1 else f"in [{low}, {high}]"
    raise InputError(f"{field} = {value!r} is not allowed: must be an integer {bounds}")


def number(value: object, field: str, infinite: bool = False) -> float:
    """Return `value` as a float; anything but one real number, finite unless `infinite`, is refused."""
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            converted = float(value)
        except OverflowError:
            converted = math.nan
        if math.isfinite(converted) or (infinite and math.isinf(converted)):
            return converted
    raise InputError(f"{field} = {value!r} is not allowed: use one {'' if infinite else 'finite '}number")


class WriteError(RuntimeError):
    """What was simulated could not be written."""
