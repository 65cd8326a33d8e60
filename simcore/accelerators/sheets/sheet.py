"""The sheet of an accelerator: its published figures, every number with its source, evidence and node."""

from dataclasses import dataclass
from typing import ClassVar

from simcore.accelerators.sheets.quantities import ACCELERATORS
from simcore.neuromorphic.sheets.catalogue import Catalogue
from simcore.neuromorphic.sheets.sheet import Fact, Sheet, Word


@dataclass(frozen=True)
class Accelerator(Sheet):
    """The published figures of an accelerator; figures that are not published are absent, never 0.

    Parameters
    ----------
    name
        Name of the sheet.
    title, kind
        Full name, and one of `simcore.accelerators.sheets.quantities.KINDS`.
    facts, words
        Statements of the sheet, in the order of `simcore.accelerators.sheets.quantities`.
    sources
        Key and full citation.
    unpublished
        Keys of quantities and words that are not published, with a remark.
    sha256
        SHA-256 of the file of the sheet; None without a file.
    """

    catalogue: ClassVar[Catalogue] = ACCELERATORS

    name: str
    title: str
    kind: str
    facts: tuple[Fact, ...]
    words: tuple[Word, ...]
    sources: tuple[tuple[str, str], ...]
    unpublished: tuple[tuple[str, str], ...] = ()
    sha256: str | None = None
