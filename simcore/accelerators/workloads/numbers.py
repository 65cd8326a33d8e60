"""Numbers of layers, each checked: sizes, bits and shares."""

from collections.abc import Sequence
from typing import Any

from simcore.errors import integer, number, require

LARGEST_SIZE = 1 << 31
MOST_BITS = 64


MOST_STEPS = 10_000
"""Of an inference."""


def count(value: object, where: str) -> int:
    """A size or a number of things, in [1, 2**31].

    Raises
    ------
    InputError
        If it is something else; so do the other functions of this module.
    """
    return integer(value, where, 1, LARGEST_SIZE)


def bits(value: object, where: str) -> int:
    """Width of a number, in [1, 64]."""
    return integer(value, where, 1, MOST_BITS)


def pair(value: Any, where: str) -> tuple[int, int]:
    """Height and width, which one number may stand for, each at least 1."""
    return _pair(value, where, 1)


def padding(value: Any, where: str) -> tuple[int, int]:
    """The same, each at least 0."""
    return _pair(value, where, 0)


def _pair(value: Any, where: str, low: int) -> tuple[int, int]:
    sides = value if isinstance(value, list | tuple) else [value, value]
    require(len(sides) == 2, where, value, "give one number, or height and width")
    height, width = (integer(side, where, low, LARGEST_SIZE) for side in sides)
    return height, width


def share(value: object, where: str) -> float:
    """A number in [0, 1]."""
    converted = number(value, where)
    require(0.0 <= converted <= 1.0, where, value, "a share is in [0, 1]")
    return converted


def shares(value: float | Sequence[float] | None, where: str) -> tuple[float, ...] | None:
    """One share or several; None is kept."""
    if value is None:
        return None
    given = value if isinstance(value, list | tuple) else [value]
    require(len(given) > 0, where, value, "give one number, or one for each step")
    require(len(given) <= MOST_STEPS, f"len({where})", len(given), f"can be at most {MOST_STEPS}")
    return tuple(share(entry, where) for entry in given)
