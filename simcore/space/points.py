"""Points and sides: two or three numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from simcore.errors import number, require

DIMENSIONS = (2, 3)


def is_point(value: Any) -> bool:
    """Whether a value is a list of two or three entries."""
    listed = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    listed = listed or (isinstance(value, np.ndarray) and value.ndim == 1)
    return listed and len(value) in DIMENSIONS


def as_point(value: Any, field: str, dimensions: int | None = None) -> tuple[float, ...]:
    """Return two or three finite numbers as a tuple, as many as `dimensions` if given.

    Raises
    ------
    InputError
        If the value is of another kind.
    """
    many = "two or three" if dimensions is None else str(dimensions)
    fits = is_point(value) and dimensions in (None, len(value))
    require(fits, field, value, f"use a list of {many} numbers")
    return tuple(number(one, field) for one in value)
