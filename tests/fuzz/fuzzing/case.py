"""One input of a reader: files of the working folder, and the arguments of a command line."""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """An input.

    Parameters
    ----------
    files
        Path below the working folder -> content.
    arguments
        Of the command line, or what else the reader takes as text.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the files, and characters of the arguments."""
        return sum(map(len, self.files.values())) + sum(map(len, self.arguments))

    def changed(self, name: str, content: bytes) -> "Case":
        """The same with other content of one file."""
        return Case({**self.files, name: content}, self.arguments)

    def write(self, folder: Path) -> None:
        """Make the files in a folder."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def to_json(case: Case, **about: object) -> str:
    """A case, and what is known about it, as text that `from_json` reads."""
    files = {name: base64.b64encode(content).decode() for name, content in case.files.items()}
    return json.dumps({**about, "arguments": case.arguments, "files": files}, indent=1)


def from_json(text: str) -> tuple[str, Case]:
    """Name of the reader, and the case."""
    fields = json.loads(text)
    files = {name: base64.b64decode(content) for name, content in fields["files"].items()}
    return fields["reader"], Case(files, tuple(fields["arguments"]))


def of_folder(folder: Path, *arguments: str, within: str = "") -> Case:
    """A case with all files of a folder, which lie in the folder `within` of the working folder."""
    files = {
        str(Path(within, path.relative_to(folder))): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return Case(files, arguments)
