"""Damage to the bytes of a file, and to the words and lines of a text."""

import re
from collections.abc import Callable

from fuzzing.dice import Dice
from fuzzing.hostile import BYTES

WORD = re.compile(rb"[A-Za-z0-9_.+-]+")
SEPARATORS = (b",", b";", b"\t", b" ", b"|", b":", b"\n", b"=")
LONGEST = 2_000
"""Bytes that are copied or cut at once."""


def mutated(content: bytes, dice: Dice, text: bool = True) -> bytes:
    """The content after one to four changes, most often one.

    Parameters
    ----------
    content
        Of a file.
    dice
        What is changed.
    text
        Whether the content has words and lines.
    """
    kinds = BINARY + TEXT if text else BINARY
    content = dice.pick(kinds)(content, dice)
    while dice.chance(0.35):
        content = dice.pick(kinds)(content, dice)
    return content


def _flip(content: bytes, dice: Dice) -> bytes:
    changed = bytearray(content)
    for _ in range(1 + dice.below(3)):
        if changed:
            changed[dice.below(len(changed))] ^= 1 << dice.below(8)
    return bytes(changed)


def _set(content: bytes, dice: Dice) -> bytes:
    changed = bytearray(content)
    if changed:
        changed[dice.below(len(changed))] = dice.pick((0, 255, 127, 128, 10, 13, 32, 34, 44, 45, 46, 48, 57, 91, 123))
    return bytes(changed)


def _truncate(content: bytes, dice: Dice) -> bytes:
    return content[: dice.below(len(content) + 1)]


def _delete(content: bytes, dice: Dice) -> bytes:
    cut = dice.span(len(content), LONGEST if dice.chance(0.3) else 8)
    return content[: cut.start] + content[cut.stop :]


def _duplicate(content: bytes, dice: Dice) -> bytes:
    piece = content[dice.span(len(content), LONGEST)]
    place = dice.below(len(content) + 1)
    return content[:place] + piece * (1 + dice.below(3)) + content[place:]


def _insert(content: bytes, dice: Dice) -> bytes:
    place = dice.below(len(content) + 1)
    return content[:place] + dice.pick(BYTES) + content[place:]


def _zero(content: bytes, dice: Dice) -> bytes:
    cut = dice.span(len(content), LONGEST)
    return content[: cut.start] + bytes(cut.stop - cut.start) + content[cut.stop :]


def _replace_word(content: bytes, dice: Dice) -> bytes:
    begin = dice.below(len(content) + 1)
    found = WORD.search(content, begin) or WORD.search(content)
    return content if found is None else content[: found.start()] + dice.pick(BYTES) + content[found.end() :]


def _move_lines(content: bytes, dice: Dice) -> bytes:
    lines = content.splitlines(keepends=True)
    piece = lines[dice.span(len(lines), 5)]
    place = dice.below(len(lines) + 1)
    return b"".join(lines[:place] + piece + lines[place:])


def _delete_lines(content: bytes, dice: Dice) -> bytes:
    lines = content.splitlines(keepends=True)
    cut = dice.span(len(lines), 5)
    return b"".join(lines[: cut.start] + lines[cut.stop :])


def _other_separator(content: bytes, dice: Dice) -> bytes:
    return content.replace(dice.pick(SEPARATORS), dice.pick(SEPARATORS))


def _other_encoding(content: bytes, dice: Dice) -> bytes:
    how = dice.below(5)
    if how < 2:
        return (b"\xef\xbb\xbf" if how else b"\xff\xfe") + content
    if how == 2:
        return content.replace(b"\n", b"\r\n")
    return content.decode("latin-1").encode("utf-16" if how == 3 else "utf-8")


Change = Callable[[bytes, Dice], bytes]
BINARY: tuple[Change, ...] = (_flip, _set, _truncate, _delete, _duplicate, _insert, _zero)
TEXT: tuple[Change, ...] = (
    *(_replace_word, _replace_word, _replace_word, _move_lines, _delete_lines, _other_separator, _other_encoding),
)  # fmt: skip
