"""Mapping files of the command line: the options that they determine, and their contents."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simcore.errors import require
from simcore.network import Network
from simcore.values import usable_path

if TYPE_CHECKING:
    from simcore.neuromorphic.fitting import FitOptions
    from simcore.neuromorphic.mapping.adaptation import Fitted
    from simcore.neuromorphic.mapping.files import MappingFile
    from simcore.neuromorphic.sheets.sheet import Chip

GIVEN_BY_MAPPING = {"mapper": "in_order", "place": "in_order", "neurons_per_core": None}
"""Options that a mapping file determines, with their defaults."""
HOPS = "hops"
"""Objective of placement."""


def refuse_beside_mapping(asked: Mapping[str, Any]) -> None:
    """Refuse options that a mapping file determines.

    Parameters
    ----------
    asked
        The options of `GIVEN_BY_MAPPING`.

    Raises
    ------
    InputError
        If an option differs from its default.
    """
    for name, default in GIVEN_BY_MAPPING.items():
        allowed = "omit it, because the mapping file (--mapping) determines it"
        require(asked[name] in (None, default), name, asked[name], allowed)


def given_mapping(path: str | None, asked: Mapping[str, Any]) -> "MappingFile | None":
    """Read the mapping file, if one is given.

    Raises
    ------
    InputError
        If the file cannot be read or is damaged, or another option is given that it determines.
    """
    from simcore.neuromorphic.mapping.files import read_mapping

    if path is None:
        return None
    refuse_beside_mapping(asked)
    return read_mapping(usable_path(path, "mapping"))


def mapping_of(network: Network, chip: "Chip", options: "FitOptions", fitted: "Fitted") -> "MappingFile":
    """The mapping of a fitted network, ready to be written to a file.

    Parameters
    ----------
    network
        The described network, not the adapted one.
    chip, options, fitted
        See `simcore.neuromorphic.fitting.examine_on_chip`.
    """
    from simcore.neuromorphic.mapping.files import MappingFile
    from simcore.neuromorphic.mapping.network_digest import network_sha256

    given = options.given
    return MappingFile(
        fitted.mapping,
        network_sha256(network),
        chip.sha256 or "",
        options.place if given is None else given.place,
        HOPS if given is None else given.objective,
        options.seed if given is None else given.seed,
    )
