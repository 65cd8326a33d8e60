"""Checks of the numbers of layers: sizes, bits and shares."""

from collections.abc import Sequence
from typing import Any

from simcore.errors import integer, number, require

LARGEST_SIZE = 1 << 31
MOST_BITS = 64


MOST_STEPS = 10_000
"""Largest number of steps of an inference."""


def count(value: object, where: str) -> int:
    """A size or a count, in [1, 2**31].

    Raises
    ------
    InputError
        If the value is not such a number; this also applies to the other functions of this module.
    """
    return integer(value, where, 1, LARGEST_SIZE)


def bits(value: object, where: str) -> int:
    """Width of a number, in [1, 64]."""
    return integer(value, where, 1, MOST_BITS)


def pair(value: Any, where: str) -> tuple[int, int]:
    """Height and width, each at least 1, from two numbers or one number for both."""
    return _pair(value, where, 1)


def padding(value: Any, where: str) -> tuple[int, int]:
    """As `pair`, but each at least 0."""
    return _pair(value, where, 0)


def _pair(value: Any, where: str, low: int) -> tuple[int, int]:
    sides = value if isinstance(value, list | tuple) else [value, value]
    require(len(sides) == 2, where, value, "use one number, or height and width")
    height, width = (integer(side, where, low, LARGEST_SIZE) for side in sides)
    return height, width


def share(value: object, where: str) -> float:
    """A number in [0, 1]."""
    converted = number(value, where)
    require(0.0 <= converted <= 1.0, where, value, "must be in [0, 1]")
    return converted


def shares(value: float | Sequence[float] | None, where: str) -> tuple[float, ...] | None:
    """One or several shares, or None."""
    if value is None:
        return None
    given = value if isinstance(value, list | tuple) else [value]
    require(len(given) > 0, where, value, "use one number, or one for each step")
    require(len(given) <= MOST_STEPS, f"len({where})", len(given), f"must be at most {MOST_STEPS}")
    return tuple(share(entry, where) for entry in given)
