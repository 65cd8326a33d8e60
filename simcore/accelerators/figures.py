"""Numbers that a model needs of a sheet, and the error that carries the sheet's reason where there is none."""

from typing import Protocol

from simcore.errors import UnavailableError


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

    def why_absent(self, key: str) -> str:
        """Why the sheet does not state a quantity."""


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
