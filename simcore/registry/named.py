"""``FILE.py:NAME``: how users name what their own Python files define."""

from dataclasses import dataclass
from pathlib import Path


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


def without_folder(text: str) -> str:
    """A name as it is the same on every machine: of ``FOLDER/FILE.py:NAME`` ``FILE.py:NAME``, any other unchanged."""
    found = name_in_file(text)
    return text if found is None else found.without_folder
