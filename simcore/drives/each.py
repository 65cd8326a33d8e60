"""Values of drives with one entry for each neuron: rates, weights, currents."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from simcore.drives.drive import EventDrive, FloatArray, IntArray, ValueOfEach, listed_numbers
from simcore.errors import InputError

DriveKind = TypeVar("DriveKind", bound=EventDrive)


def number_or_array(value: ValueOfEach, field: str) -> ValueOfEach:
    """Convert a list or an array of numbers to a read-only array; return anything else unchanged.

    Raises
    ------
    InputError
        If a list or an array contains anything but numbers.
    """
    listed = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    return listed_numbers(value, field) if listed or (isinstance(value, np.ndarray) and value.ndim) else value  # type: ignore[arg-type]


def arrays_among(values: Mapping[str, ValueOfEach]) -> dict[str, FloatArray]:
    """Return the values that are arrays."""
    return {name: np.asarray(value, dtype=np.float64) for name, value in values.items() if np.ndim(value)}


def check_one_dimension(value: ValueOfEach, field: str) -> None:
    """Require arrays with one entry for each neuron.

    Raises
    ------
    InputError
        Naming the field.
    """
    if np.ndim(value) > 1:
        raise InputError(f"{field} is not allowed: an array must have one dimension, not {np.ndim(value)}")


def by_sign(drive: DriveKind) -> tuple[DriveKind, ...]:
    """Return the drive or, if weights have both signs, one drive for each sign, as they act on different receptors."""
    weights = np.asarray(drive.weight)
    if not (np.any(weights < 0.0) and np.any(weights >= 0.0)):
        return (drive,)
    signs = (np.where(weights >= 0.0, weights, 0.0), np.where(weights < 0.0, weights, 0.0))
    return tuple(replace(drive, weight=own) for own in signs)  # type: ignore[type-var] # a dataclass


def largest_weight(weight: int | IntArray) -> int:
    """Return the integer weight of the largest magnitude."""
    codes: npt.NDArray[np.int64] = np.atleast_1d(np.asarray(weight, dtype=np.int64))
    return int(codes[np.argmax(np.abs(codes))]) if len(codes) else 0
