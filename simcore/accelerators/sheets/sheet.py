"""The sheet of an accelerator: what is published about it, every number with its source, evidence and node."""

from dataclasses import dataclass
from typing import ClassVar

from simcore.accelerators.sheets.quantities import ACCELERATORS
from simcore.neuromorphic.sheets.catalogue import Catalogue
from simcore.neuromorphic.sheets.sheet import Fact, Sheet, Word


@dataclass(frozen=True)
class Accelerator(Sheet):
    """An accelerator, as far as it is published; what is not is absent, never 0.

    Parameters
    ----------
    name
        Of the sheet.
    title, kind
        Full name, and one of `simcore.accelerators.sheets.quantities.KINDS`.
    facts, words
        What the sheet states, in the order of `simcore.accelerators.sheets.quantities`.
    sources
        Key and full citation.
    unpublished
        Key of a quantity or word that is not published, and what is known about it.
    sha256
        SHA-256 of the file of the sheet; None if it is of none.
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
