"""Seeds of an array, such as ``1-10,20``."""

import re

from simcore.errors import require
from simcore.random import MAX_SEED

PART = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?")
MAX_TASKS = 10_000


def seeds_of(text: str) -> tuple[int, ...]:
    """Different seeds, in the order in which they are given.

    Parameters
    ----------
    text
        Whole numbers and ranges, separated by commas.

    Raises
    ------
    InputError
        If it is none, or a seed is there twice.
    """
    allowed = f"give seeds in [0, {MAX_SEED}] and ranges, such as 1-10,20, at most {MAX_TASKS}"
    seeds: list[int] = []
    for part in text.split(","):
        found = PART.fullmatch(part.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        require(first <= last <= MAX_SEED and last - first < MAX_TASKS - len(seeds), "seeds", text, allowed)
        seeds.extend(range(first, last + 1))
    require(len(set(seeds)) == len(seeds), "seeds", text, "a seed is there twice")
    return tuple(seeds)
