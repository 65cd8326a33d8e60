"""Names for the columns of integer arrays in kernels."""

from collections import namedtuple
from enum import IntEnum
from typing import Any


def plain(columns: type[IntEnum]) -> Any:
    """The members of an enumeration as a named tuple of integers.

    A kernel takes these as constants; members of an enumeration are not an index for every version of Numba.
    """
    named = namedtuple("Columns", columns.__members__)  # type: ignore[misc] # the fields are those of any enumeration
    return named(*(column.value for column in columns))
