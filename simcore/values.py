"""Values of a description: constants, distributions or arrays."""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.distributions import Distribution, quantile_table
from simcore.errors import InputError, number, require, shown

FloatArray = npt.NDArray[np.float64]
LONGEST_MS = 1e9
"""Longest model time of a run, ms: 1e10 steps of 0.1 ms."""
Value = float | Distribution | FloatArray
ValueLike = float | Distribution | Sequence[float] | npt.NDArray[np.generic]


def plain_text(text: str) -> str:
    """Return a plain str for any subclass, such as a member of an enumeration, which may hash or print differently."""
    return str.__str__(text)


def usable_path(path: object, field: str = "path") -> Path:
    """Return the path of a file or folder given as a string or path object.

    Raises
    ------
    InputError
        If the value is of another type, empty, or not a valid file name.
    """
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    try:
        # A name may contain bytes that are not text, but no zero byte and no lone surrogate.
        usable = isinstance(name, str) and b"\0" not in os.fsencode(name) and name != ""
    except UnicodeEncodeError:
        usable = False
    require(usable, field, path, "use a file path as a string or path object")
    return Path(str(name))


UNITS = ("units", "unit", "dimensionality", "dimensions")
"""Attributes of values with a unit: from quantities, Neo or Pint, Astropy, and Brian2."""
UNIT_ADVICE = "Brian2: value / ms, quantities and Neo: value.rescale('ms').magnitude"


def plain_numbers(value: object, field: str, allowed: str) -> npt.NDArray[Any]:
    """Return one real number, or numbers in a list or an array, as an array of their type.

    NumPy would drop the unit of a quantity and the mask of a masked array, and treat Booleans as 0 and 1. Types are
    recognised by their attributes, so that no other package is imported.

    Parameters
    ----------
    value
        The given value.
    field, allowed
        Its name and the allowed values, for the message.

    Raises
    ------
    InputError
        If the value is of another type, has a unit, or has masked entries.
    """
    _require_plain(value, field)
    given = None
    kinds = {type(value)}
    if isinstance(value, list | tuple):
        # Check each type, not each of possibly millions of numbers.
        kinds = set(map(type, value))
        if not all(map(_is_plain, kinds)):
            for entry in value:
                _require_plain(entry, field)
    if kinds.isdisjoint((bool, np.bool_)):
        try:
            given = np.asarray(value)
        except (TypeError, ValueError, OverflowError):
            given = None
    if given is None or given.dtype.kind not in "iuf":
        raise InputError(f"{field} = {shown(value)} is not allowed: {allowed}", field, value)
    return given


def _is_plain(kind: type) -> bool:
    """Whether numbers of a type have neither a unit nor a mask; a subclass of float may have a unit."""
    return kind is float or kind is int or issubclass(kind, np.generic)


def _require_plain(value: object, field: str) -> None:
    """Refuse a unit and masked entries."""
    if _is_plain(type(value)):
        return
    if isinstance(value, np.ma.MaskedArray):
        missing = int(np.count_nonzero(value.mask))
        if missing:
            raise InputError(f"{field} is not allowed: {missing} entries are masked; give a number for each")
    elif any(hasattr(value, name) for name in UNITS):
        allowed = f"use plain numbers in the unit of the field ({UNIT_ADVICE}), without a unit"
        raise InputError(f"{field} = {shown(value)} is not allowed: {allowed}", field, value)


class ReadOnlyValues(Mapping[str, Value]):
    """Read-only values by name; can be copied and pickled, as required for sending them to ranks.

    Parameters
    ----------
    values
        Results of `as_value`.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)
        for value in self._values.values():
            if isinstance(value, np.ndarray):
                # An unpickled array is writeable.
                value.flags.writeable = False

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._values,)


def as_value(value: object, field: str) -> Value:
    """Convert to a float, a `Distribution` or a read-only float64 array, which is a copy unless the input is one.

    Raises
    ------
    InputError
        If the value is none of these, or not finite.
    """
    if isinstance(value, Distribution) and type(value) is not Distribution:
        return value
    if type(value) is float and math.isfinite(value):
        return value
    given = plain_numbers(value, field, "use a number, a distribution or an array")
    kept = isinstance(value, np.ndarray) and not value.flags.writeable and given.dtype == np.float64
    array = given if kept else np.array(given, dtype=np.float64)
    if array.ndim > 1:
        raise InputError(f"{field} is not allowed: an array must have one dimension, not {array.ndim}")
    # Minimum and maximum reveal any value that is not finite, without extra memory.
    if array.size and not (math.isfinite(array.min()) and math.isfinite(array.max())):
        raise InputError(f"{field} is not allowed: every value must be finite")
    if array.ndim == 0:
        return float(array)
    array.flags.writeable = False
    return array


def check_length(value: Value, length: int, field: str) -> None:
    """Require that an array value has `length` entries."""
    if isinstance(value, np.ndarray):
        require(len(value) == length, f"len({field})", len(value), f"must be {length}")


def value_range(value: Value, field: str) -> tuple[float, float]:
    """Return the smallest and largest possible value; for a distribution, of the entries of its table."""
    if isinstance(value, Distribution):
        table = quantile_table(value, field)
        return float(table[0]), float(table[-1])
    if isinstance(value, np.ndarray):
        return (float(value.min()), float(value.max())) if value.size else (math.nan, math.nan)
    return value, value


def _tics(time_ms: npt.ArrayLike) -> FloatArray:
    """Convert times to NEST's tics of 0.001 ms, rounded half up."""
    return np.asarray(np.floor(np.asarray(time_ms, dtype=np.float64) * 1000.0 + 0.5))


def delay_steps(delay_ms: npt.ArrayLike, resolution_ms: float) -> npt.NDArray[np.int64]:
    """Convert delays to steps, rounded half up as in NEST: with steps of 0.1 ms, 0.25 ms -> 3 but 0.2496 ms -> 2.

    NEST rounds a delay once, by a factor of steps per ms, and not to tics first. Values beyond 2**62 steps become
    2**62, which all checks of delays and times refuse.
    """
    steps = np.floor(np.asarray(delay_ms, dtype=np.float64) * steps_per_ms(resolution_ms) + 0.5)
    return np.asarray(np.clip(steps, -(2.0**62), 2.0**62), dtype=np.int64)


def steps_per_ms(resolution_ms: float) -> float:
    """Number of steps in a millisecond, computed as in NEST."""
    return float(1.0 / (_tics(resolution_ms) / 1000.0))


def duration_steps(duration_ms: npt.ArrayLike, resolution_ms: float) -> npt.NDArray[np.int64]:
    """Steps that cover a duration such as t_ref, rounded half up to tics of 0.001 ms, then up to steps, as in NEST."""
    return np.asarray(np.ceil(_tics(duration_ms) / _tics(resolution_ms)), dtype=np.int64)


def on_grid(time_ms: npt.ArrayLike, resolution_ms: float) -> npt.NDArray[np.bool_]:
    """Whether times are multiples of the resolution, to 1e-6 ms."""
    times = np.asarray(time_ms, dtype=np.float64)
    return np.asarray(np.abs(delay_steps(times, resolution_ms) * resolution_ms - times) <= 1e-6)


def whole_steps(model_time_ms: float, resolution_ms: float) -> int:
    """Convert a model time to steps.

    Raises
    ------
    InputError
        If the time is negative, more than 1e9 ms, or not on the grid.
    """
    model_time_ms = number(model_time_ms, "model_time_ms")
    require(model_time_ms >= 0.0, "model_time_ms", model_time_ms, "must be >= 0")
    require(model_time_ms <= LONGEST_MS, "model_time_ms", model_time_ms, "must be at most 1e9 ms")
    n_steps = round(model_time_ms / resolution_ms)
    multiple = abs(n_steps * resolution_ms - model_time_ms) < 1e-6 * max(resolution_ms, 1.0)
    require(multiple, "model_time_ms", model_time_ms, f"must be a multiple of the resolution {resolution_ms} ms")
    return n_steps
