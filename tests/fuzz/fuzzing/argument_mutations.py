"""Changes to the words of a command line."""

from collections.abc import Sequence

from fuzzing.dice import Dice
from fuzzing.hostile import ARGUMENTS


def mutated_arguments(arguments: Sequence[str], pool: Sequence[str], dice: Dice) -> tuple[str, ...]:
    """The words after one to four changes, most often one.

    Parameters
    ----------
    arguments
        A valid command line.
    pool
        Options and values of all valid command lines.
    dice
        What is changed.
    """
    words = list(arguments)
    while True:
        _change(words, pool, dice)
        if not dice.chance(0.35):
            return tuple(words)


def _change(words: list[str], pool: Sequence[str], dice: Dice) -> None:
    place = dice.below(len(words) + 1)
    what = dice.below(8)
    if what <= 1 or not words:
        words.insert(place, dice.pick((dice.pick(pool), dice.pick(ARGUMENTS))))
        return
    place = min(place, len(words) - 1)
    if what <= 3:
        words[place] = dice.pick(ARGUMENTS)
    elif what == 4:
        words[place] = dice.pick(pool)
    elif what == 5:
        del words[place]
    elif what == 6:
        words[place:place] = words[place : place + 2]
    else:
        # A value behind an equals sign, or a part of a value.
        head, mark, _ = words[place].partition(dice.pick(("=", ",", ":", "-")))
        words[place] = head + mark + dice.pick(ARGUMENTS)
