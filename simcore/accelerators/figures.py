"""Figures of a sheet for a model, and the error with the reason of the sheet if a figure is missing."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from simcore.errors import UnavailableError

Value = TypeVar("Value")


class Figures(Protocol):
    """The interface of an accelerator sheet that models use."""

    @property
    def name(self) -> str:
        """Name of the sheet."""

    def value(self, key: str) -> float | None:
        """A quantity that is one number, in SI units."""

    def row(self, key: str, at: int) -> float | None:
        """The number in a row of a table, in SI units."""

    def values(self, key: str) -> tuple[float, ...]:
        """A quantity that is a list of numbers, in SI units."""

    def word(self, key: str) -> str | bool | None:
        """A property stated in a word."""

    def why_absent(self, key: str) -> str:
        """Why the sheet does not state a quantity or word."""


class Unpublished(UnavailableError):  # noqa: N818 - reads as the reason that it is
    """A sheet does not state what a model needs; the message is the reason, for `Answer.reasons`."""


def figure(sheet: Figures, key: str, at: int | None = None) -> float:
    """A number of a sheet, in SI units.

    Parameters
    ----------
    sheet
        Sheet of an accelerator.
    key
        Key of the quantity.
    at
        First column of a row of a table, such as a number of bits; None for a quantity that is one number. Rows are not
        interpolated.

    Raises
    ------
    Unpublished
        If the sheet does not state it.
    """
    stated = sheet.value(key) if at is None else sheet.row(key, at)
    if stated is not None:
        return stated
    where = "" if at is None else f" for {at} bits"
    raise Unpublished(f"{sheet.name}: {key}{where}: {sheet.why_absent(key)}", key)


def figures(sheet: Figures, key: str) -> tuple[float, ...]:
    """The numbers of a list of a sheet, in SI units.

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
    """A count, or a number of bits, of a sheet.

    Raises
    ------
    Unpublished
        If the sheet does not state it.
    """
    return round(figure(sheet, key))


def word(sheet: Figures, key: str) -> str:
    """A property of a sheet that is stated in a word.

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
    """A value computed from a sheet; None, with the reason under `output`, if a figure is missing."""
    try:
        return compute()
    except Unpublished as absent:
        reasons[output] = str(absent)
        return None
