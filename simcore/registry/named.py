"""``FILE.py:NAME``, ``FILE.nir`` and ``FILE.json``: how users name what files of their own define."""

from dataclasses import dataclass
from pathlib import Path

NIR = ".nir"
NETWORK_FILES = (NIR, ".json")
"""Suffixes of files that hold networks."""


@dataclass(frozen=True)
class NameInFile:
    """What a Python file of the user defines under a name.

    Parameters
    ----------
    file
        The file, as given.
    name
        Of a function, a class or an object there; may be empty or wrong, which whoever imports the file refuses.
    """

    file: Path
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.name}"

    @property
    def without_folder(self) -> str:
        """The same on every machine; the digest of the file says which file it is."""
        return f"{self.file.name}:{self.name}"


def name_in_file(text: object) -> NameInFile | None:
    """Split ``FILE.py:NAME`` at its last colon; None for anything else, such as a registered name.

    Parameters
    ----------
    text
        What stands where a name is expected. A description may have anything there, a number too.
    """
    path, colon, name = str(text).rpartition(":")
    return NameInFile(Path(path), name) if colon and path.endswith(".py") else None


def network_file(text: object) -> Path | None:
    """The path of a file that holds a network, not a program, see `NETWORK_FILES`; None for any other name."""
    return Path(str(text)) if str(text).endswith(NETWORK_FILES) else None


def nir_file(text: object) -> Path | None:
    """The path of a file in the format NIR: ``FILE.nir``; None for any other name of a network."""
    return Path(str(text)) if str(text).endswith(NIR) else None


def own_file(text: object) -> bool:
    """Whether a name of a network stands for a file of the user's own."""
    return name_in_file(text) is not None or network_file(text) is not None


def without_folder(text: str) -> str:
    """A name as it is on every machine: that of a file without its folder, others unchanged."""
    found, file = name_in_file(text), network_file(text)
    if file is not None:
        return file.name
    return text if found is None else found.without_folder
