"""Names for the contents of users' files: ``FILE.py:NAME``, ``FILE.nir`` and ``FILE.json``."""

from dataclasses import dataclass
from pathlib import Path

NIR = ".nir"
NETWORK_FILES = (NIR, ".json")
"""Suffixes of files that contain networks."""


@dataclass(frozen=True)
class NameInFile:
    """Object that a user's Python file defines under a name.

    Parameters
    ----------
    file
        The file, as given.
    name
        Name of a function, a class or an object in the file; the import refuses an empty or wrong name.
    """

    file: Path
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.name}"

    @property
    def without_folder(self) -> str:
        """Name without the folder, equal on every machine; the digest of the file identifies the file."""
        return f"{self.file.name}:{self.name}"


def name_in_file(text: object) -> NameInFile | None:
    """Split ``FILE.py:NAME`` at its last colon; None for anything else, such as a registered name.

    Parameters
    ----------
    text
        Value that is used as a name; in a description, it can be of any type.
    """
    path, colon, name = str(text).rpartition(":")
    return NameInFile(Path(path), name) if colon and path.endswith(".py") else None


def network_file(text: object) -> Path | None:
    """Return the path of a file that contains a network, see `NETWORK_FILES`; None for any other name."""
    return Path(str(text)) if str(text).endswith(NETWORK_FILES) else None


def nir_file(text: object) -> Path | None:
    """Return the path of a file in NIR format, ``FILE.nir``; None for any other name of a network."""
    return Path(str(text)) if str(text).endswith(NIR) else None


def own_file(text: object) -> bool:
    """Whether a name of a network refers to a user's file."""
    return name_in_file(text) is not None or network_file(text) is not None


def without_folder(text: str) -> str:
    """Return a name that is equal on every machine: a file without its folder, or any other name unchanged."""
    found, file = name_in_file(text), network_file(text)
    if file is not None:
        return file.name
    return text if found is None else found.without_folder
