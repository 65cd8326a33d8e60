"""The sources of sheets of one kind of thing: included sheets, plug-ins, and files of a user."""

from pathlib import Path

from simcore.errors import InputError, require, suggestion
from simcore.registry import PlugIn, Registry


class Shelf:
    """The sheets of one kind of thing.

    Parameters
    ----------
    thing
        Name of the thing, for messages.
    folder
        Folder of the included sheets, ``NAME.toml``.
    group
        Group of entry points with which plug-ins add sheets.
    """

    def __init__(self, thing: str, folder: Path, group: str) -> None:
        self.thing, self.folder = thing, folder
        self.plug_ins: Registry[Path] = Registry(thing, {}, group=group, fault=_fault, reserved=self.names())

    def names(self) -> list[str]:
        """Names of the included sheets."""
        return sorted(path.stem for path in self.folder.glob("*.toml"))

    def path(self, name_or_path: str | Path) -> Path:
        """Path of a sheet.

        Raises
        ------
        InputError
            If a name is not known. A path is not checked.
        """
        require(isinstance(name_or_path, str | Path), self.thing, name_or_path, "use a name, or the path of a sheet")
        if _is_path(name_or_path):
            return Path(name_or_path)
        text, names = str(name_or_path), self.names()
        if text in names:
            return self.folder / f"{text}.toml"
        if text in self.plug_ins:
            return self.plug_ins.get(text)
        names += self.plug_ins.known()
        near = suggestion(text, names) or f"; the known names are {', '.join(names)}"
        allowed = "use a known name, or the path of a sheet, FILE.toml"
        raise InputError(f"{self.thing} = {text!r} is unknown: {allowed}{near}")

    def plug_in(self, name_or_path: str | Path) -> PlugIn | None:
        """The plug-in that provides a sheet; None for an included sheet, and for a file.

        Raises
        ------
        InputError
            If the sheet is not known.
        """
        self.path(name_or_path)
        own = _is_path(name_or_path) or name_or_path in self.names()
        return None if own else self.plug_ins.plug_in(str(name_or_path))


def _is_path(name_or_path: str | Path) -> bool:
    return isinstance(name_or_path, Path) or name_or_path.endswith(".toml") or "/" in name_or_path


def _fault(name: str, implementation: object) -> str | None:
    """Why a plug-in is not a sheet with this name, or None."""
    if not isinstance(implementation, Path):
        return "is not the pathlib.Path of a sheet"
    return None if implementation.name == f"{name}.toml" else f"is the path of {implementation.name}, not {name}.toml"
