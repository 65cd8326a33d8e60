"""Reading and checking of the sheets of accelerators, both the included sheets and the sheets of a user.

A sheet is a TOML file; docs/accelerators.md describes its format. Figures that it does not state are not assumed.
"""

from pathlib import Path

from simcore.accelerators.sheets.quantities import ACCELERATORS
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.neuromorphic.sheets.reading import read_statements, read_toml
from simcore.neuromorphic.sheets.shelf import Shelf

FOLDER = Path(__file__).parent
_SHELF = Shelf("accelerator", FOLDER, "simcore.accelerators")
accelerator_plug_ins = _SHELF.plug_ins
"""Sheets of accelerators from plug-ins, by name."""


def accelerator_names() -> list[str]:
    """Names of the included sheets.

    Returns
    -------
    list of str
        The names, in alphabetical order.
    """
    return _SHELF.names()


def load_accelerator(name_or_path: str | Path) -> Accelerator:
    """Read the sheet of an accelerator.

    Parameters
    ----------
    name_or_path
        One of `accelerator_names`, the name of a plug-in, or the path of a file that ends in ``.toml``.

    Returns
    -------
    Accelerator
        Everything that the sheet states.

    Raises
    ------
    InputError
        If the accelerator is not known or its sheet is wrong; the message names file, key and value, and states what is
        allowed.
    """
    path = _SHELF.path(name_or_path)
    raw, sha256 = read_toml(path, ACCELERATORS.thing)
    return Accelerator(path.stem, sha256=sha256, **read_statements(path.name, raw, ACCELERATORS))
