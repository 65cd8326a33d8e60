"""What is fed: a reader, valid inputs of it, and how they are damaged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fuzzing.case import Case
from fuzzing.dice import Dice


@dataclass(frozen=True)
class Reader:
    """A reader.

    Parameters
    ----------
    name
        In tables.
    seeds
        Valid inputs, made of the results in a folder, see `fuzzing.results`.
    mutated
        A damaged copy of one.
    call
        Reads an input from the working folder; gets its arguments. Returns an exit code, or None for success.
    share
        Inputs of it, relative to others.
    codes
        Exit codes that are no faults.
    """

    name: str
    seeds: Callable[[Path], Sequence[Case]]
    mutated: Callable[[Case, Dice], Case]
    call: Callable[[Sequence[str]], int | None]
    share: float = 1.0
    codes: tuple[int, ...] = (0, 2)


def any_file(case: Case, dice: Dice, change: Callable[[bytes, Dice], bytes]) -> Case:
    """The case with a change of one of its files."""
    name = dice.pick(sorted(case.files))
    return case.changed(name, change(case.files[name], dice))
