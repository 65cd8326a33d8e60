"""Numbers that a model needs of a sheet, and the error that carries the sheet's reason where there is none."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from simcore.errors import UnavailableError

Value = TypeVar("Value")


class Figures(Protocol):
    """As much of an accelerator's sheet as a model reads."""

    @property
    def name(self) -> str:
        """Name of the sheet."""

    def value(self, key: str) -> float | None:
        """A quantity that is one number, in SI."""

    def row(self, key: str, at: int) -> float | None:
        """The number of a table's row, in SI."""

    def values(self, key: str) -> tuple[float, ...]:
        """A quantity that is a list of numbers, in SI."""

    def word(self, key: str) -> str | bool | None:
        """A property in a word."""

    def why_absent(self, key: str) -> str:
        """Why the sheet does not state a quantity or word."""


class Unpublished(UnavailableError):  # noqa: N818 - reads as the reason that it is
    """A sheet does not state what a model needs; the message is the reason, for `Answer.reasons`."""


def figure(sheet: Figures, key: str, at: int | None = None) -> float:
    """A number of a sheet, in SI.

    Parameters
    ----------
    sheet
        Of an accelerator.
    key
        Of the quantity.
    at
        First column of a table's row, such as a number of bits; None for a quantity that is one number. Nothing is
        interpolated between rows.

    Raises
    ------
    Unpublished
        If the sheet does not state it.
    """
    stated = sheet.value(key) if at is None else sheet.row(key, at)
    if stated is not None:
        return stated
    where = "" if at is None else f" of {at} bits"
    raise Unpublished(f"{sheet.name}: {key}{where}: {sheet.why_absent(key)}", key)


def figures(sheet: Figures, key: str) -> tuple[float, ...]:
    """The numbers of a sheet's list, in SI.

    Raises
    ------
    Unpublished
        If the sheet does not state it.
    """
    stated = sheet.values(key)
    if stated:
        return tuple(stated)
    raise Unpublished(f"{sheet.name}: {key}: {sheet.why_absent(key)}", key)


def whole(sheet: Figures, key: str) -> int:
    """A quantity of a sheet that counts something, or bits.

    Raises
    ------
    Unpublished
        If the sheet does not state it.
    """
    return round(figure(sheet, key))


def word(sheet: Figures, key: str) -> str:
    """A property of a sheet in a word.

    Raises
    ------
    Unpublished
        If the sheet does not state it.
    """
    stated = sheet.word(key)
    if stated is not None:
        return str(stated)
    raise Unpublished(f"{sheet.name}: {key}: {sheet.why_absent(key)}", key)


def or_reason(compute: Callable[[], Value], output: str, reasons: dict[str, str]) -> Value | None:
    """A value computed from a sheet; None, with the reason under `output`, if it needs a number that is absent."""
    try:
        return compute()
    except Unpublished as absent:
        reasons[output] = str(absent)
        return None
