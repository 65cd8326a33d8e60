"""Arrays of numbers as users give them, checked."""

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
        What was given, and its name.
    dimensions
        Of the array; None for any number.
    allowed
        In words, for the message.

    Raises
    ------
    InputError
        If they are something else.
    """
    given = _array(value)
    right = given.dtype.kind in "iuf" and dimensions in (None, given.ndim) and bool(np.isfinite(given).all())
    require(right, field, value, allowed)
    return given.astype(np.float64)


def whole_numbers(value: object, field: str, dimensions: int | None, allowed: str) -> Integers:
    """Integers of at most 63 bits as int64; parameters and errors as of `real_numbers`."""
    given = _array(value)
    right = given.dtype.kind in "iu" and dimensions in (None, given.ndim)
    require(right and not (given.dtype.kind == "u" and (given > np.uint64(2**63 - 1)).any()), field, value, allowed)
    return given.astype(np.int64)


def _array(value: object) -> npt.NDArray[np.generic]:
    """An array of whatever was given; of texts if it cannot be one."""
    try:
        return np.asarray(value)
    except (TypeError, ValueError, OverflowError):
        return np.array("")
