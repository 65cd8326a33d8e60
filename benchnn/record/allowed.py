"""The values that the keys of a record may have: an object of names for each kind of record, checked in one pass.

Any value may be null. Keys that an object does not list are judged by their names: times, energies, powers, rates,
sizes and counts must not be negative.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from simcore.errors import InputError, shown

UNITS = ("_s", "_ms", "_j", "_uj", "_pj", "_w", "_hz", "_bytes")
"""Endings of keys of times, energies, powers, rates and sizes, and of objects that contain them."""
COUNTS = frozenset(
    (
        *("spikes", "active_neurons", "suppressed_spikes", "synaptic_events", "synapses", "neurons"),
        *("real_time_factor", "communication"),
    )
)
"""Other keys of objects without negative numbers."""
LARGEST_COUNT = 2**63 - 1
ANY_NAME = "*"


@dataclass(frozen=True)
class Kind:
    """The values that a key may have.

    Parameters
    ----------
    types
        Python types that the JSON reader returns; True and False are not numbers.
    name
        Description for messages.
    low, high
        Bounds of a number.
    above_low
        Whether a number must be above `low`.
    """

    types: tuple[type, ...]
    name: str
    low: float | None = None
    high: float | None = None
    above_low: bool = False

    def fault(self, value: Any) -> str | None:
        """Describe the fault of `value`; None if it is allowed."""
        if not isinstance(value, self.types) or (isinstance(value, bool) and bool not in self.types):
            return _is_not(self.name, value)
        if not isinstance(value, int | float):
            return None
        if self.low is not None and (value < self.low or (self.above_low and value == self.low)):
            return _must_be(f"{'>' if self.above_low else '>='} {self.low:g}", value)
        if self.high is not None and value > self.high:
            return _must_be(f"<= {self.high:g}", value)
        return None


def _is_not(name: str, value: Any) -> str:
    return f" is not {name}: it is {shown(value)}"


def _must_be(bounds: str, value: float) -> str:
    return f" = {value:g} is not allowed: must be {bounds}"


REAL = (int, float)
ANY = Kind((object,), "anything")
TEXT = Kind((str,), "a text")
WORD = Kind((str, *REAL), "a text or a number")
TRUTH = Kind((bool,), "true or false")
NUMBER = Kind(REAL, "a number")
AMOUNT = Kind(REAL, "a number", 0)
POSITIVE = Kind(REAL, "a number", 0, above_low=True)
SHARE = Kind(REAL, "a number", 0, 1)
CORRELATION = Kind(REAL, "a number", -1, 1)
COUNT = Kind((int,), "an integer", 0)
SIZE = Kind((int,), "an integer", 0, above_low=True)

Allowed: TypeAlias = "Kind | Mapping[str, Allowed] | Sequence[Allowed]"
"""A kind, an object by name (`ANY_NAME` for all other names), or a list of entries of the same kind."""

TEXTS: Allowed = [TEXT]
STATISTICS: Allowed = {"min": AMOUNT, "mean": AMOUNT, "max": AMOUNT, "sum": AMOUNT}


def require_allowed(values: Any, allowed: Allowed, source: str) -> None:
    """Refuse values of a wrong type, and impossible values.

    Parameters
    ----------
    values
        A record.
    allowed
        Allowed values of its keys.
    source
        Its file, for messages.

    Raises
    ------
    InputError
        If a value is not allowed.
    """
    # Of several faults, the outermost explains the others.
    worst = min(_faults(values, allowed, "", False), key=lambda fault: fault[0].count("."), default=None)
    if worst is not None:
        key, value, why = worst
        raise InputError(f"cannot use {source}: {key}{why}", key, value)


def _faults(value: Any, allowed: "Allowed | None", key: str, amount: bool) -> Iterator[tuple[str, Any, str]]:
    """Key, value and fault of everything that is not allowed; numbers of an `amount` must not be negative."""
    if value is None or allowed is ANY:
        return
    if isinstance(value, int) and abs(value) > LARGEST_COUNT:
        yield key, value, " is not allowed: must have at most 64 bits"
        return
    if isinstance(allowed, Kind):
        why = allowed.fault(value)
        if why is not None:
            yield key, value, why
    elif isinstance(allowed, Mapping) and not isinstance(value, dict):
        yield key, value, _is_not("an object", value)
    elif isinstance(allowed, Sequence) and not isinstance(value, list):
        yield key, value, _is_not("a list", value)
    if isinstance(value, dict):
        yield from _faults_of_object(value, allowed if isinstance(allowed, Mapping) else {}, key, amount)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _faults(entry, allowed[0] if isinstance(allowed, Sequence) else None, f"{key}.{index}", amount)
    elif isinstance(value, REAL) and amount and value < 0:
        yield key, value, _must_be(">= 0", value)


def _faults_of_object(
    value: Mapping[str, Any], allowed: "Mapping[str, Allowed]", key: str, amount: bool
) -> Iterator[tuple[str, Any, str]]:
    others = allowed.get(ANY_NAME)
    for name, entry in value.items():
        below = amount or name in COUNTS or name.endswith(UNITS)
        yield from _faults(entry, allowed.get(name, others), f"{key}.{name}" if key else name, below)
    low, high = value.get("min"), value.get("max")
    if isinstance(low, REAL) and isinstance(high, REAL) and low > high:
        yield f"{key}.min", low, _must_be(f"at most {key}.max = {high:g}", low)
