"""Names for the columns of integer arrays in kernels."""

from collections import namedtuple
from enum import IntEnum
from typing import Any


def plain(columns: type[IntEnum]) -> Any:
    """Convert the members of an enumeration to a named tuple of integers.

    In kernels these are constants; some versions of Numba do not accept members of an enumeration as indices.
    """
    named = namedtuple("Columns", columns.__members__)  # type: ignore[misc] # the fields are those of any enumeration
    return named(*(column.value for column in columns))
