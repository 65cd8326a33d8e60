"""Checks of arrays of numbers from users."""

import numpy as np
import numpy.typing as npt

from simcore.errors import require

FloatArray = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def real_numbers(value: object, field: str, dimensions: int | None, allowed: str) -> FloatArray:
    """Finite numbers as float64.

    Parameters
    ----------
    value, field
        The value, and its name.
    dimensions
        Number of dimensions of the array; None for any number.
    allowed
        What is allowed, for the message.

    Raises
    ------
    InputError
        If the value is not such an array.
    """
    given = _array(value)
    right = given.dtype.kind in "iuf" and dimensions in (None, given.ndim) and bool(np.isfinite(given).all())
    require(right, field, value, allowed)
    return given.astype(np.float64)


def whole_numbers(value: object, field: str, dimensions: int | None, allowed: str) -> Integers:
    """Integers of at most 63 bits as int64; for parameters and errors see `real_numbers`."""
    given = _array(value)
    right = given.dtype.kind in "iu" and dimensions in (None, given.ndim)
    require(right and not (given.dtype.kind == "u" and (given > np.uint64(2**63 - 1)).any()), field, value, allowed)
    return given.astype(np.int64)


def _array(value: object) -> npt.NDArray[np.generic]:
    """An array of the given value; an array of text if the conversion fails."""
    try:
        return np.asarray(value)
    except (TypeError, ValueError, OverflowError):
        return np.array("")
