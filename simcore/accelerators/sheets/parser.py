"""Reads the sheets of accelerators, those that come with the simulator and those of a user, and refuses what is wrong.

A sheet is a TOML file; docs/accelerators.md says how to write one. Nothing that it does not state is assumed.
"""

from pathlib import Path

from simcore.accelerators.sheets.quantities import ACCELERATORS
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.neuromorphic.sheets.reading import read_statements, read_toml
from simcore.neuromorphic.sheets.shelf import Shelf

FOLDER = Path(__file__).parent
_SHELF = Shelf("accelerator", FOLDER, "simcore.accelerators")
accelerator_plug_ins = _SHELF.plug_ins
"""Name -> sheet, of the accelerators that plug-ins add."""


def accelerator_names() -> list[str]:
    """Names of the sheets that come with the simulator.

    Returns
    -------
    list of str
        The names, in alphabetical order.
    """
    return _SHELF.names()


def load_accelerator(name_or_path: str | Path) -> Accelerator:
    """Read a sheet.

    Parameters
    ----------
    name_or_path
        One of `accelerator_names`, the name of a plug-in, or the path of a file of one's own, which ends in ``.toml``.

    Returns
    -------
    Accelerator
        Everything that the sheet states.

    Raises
    ------
    InputError
        If there is no such accelerator, or its sheet is wrong; names the file, the key, the value and what is allowed.
    """
    path = _SHELF.path(name_or_path)
    raw, sha256 = read_toml(path, ACCELERATORS.thing)
    return Accelerator(path.stem, sha256=sha256, **read_statements(path.name, raw, ACCELERATORS))
