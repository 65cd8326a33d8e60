"""Mapping files of the command line: what they decide, and what is written to them."""

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
"""What a mapping file decides, and the defaults of these options."""
HOPS = "hops"
"""At what places aim."""


def refuse_beside_mapping(asked: Mapping[str, Any]) -> None:
    """Refuse options that a mapping file leaves without a meaning.

    Parameters
    ----------
    asked
        The options of `GIVEN_BY_MAPPING`.

    Raises
    ------
    InputError
        If one has another value than its default.
    """
    for name, default in GIVEN_BY_MAPPING.items():
        require(asked[name] in (None, default), name, asked[name], "the file of --mapping decides it: leave out one")


def given_mapping(path: str | None, asked: Mapping[str, Any]) -> "MappingFile | None":
    """The mapping of the file that was given, if any.

    Raises
    ------
    InputError
        If it cannot be read, or is damaged, or one of the other options says the same.
    """
    from simcore.neuromorphic.mapping.files import read_mapping

    if path is None:
        return None
    refuse_beside_mapping(asked)
    return read_mapping(usable_path(path, "mapping"))


def mapping_of(network: Network, chip: "Chip", options: "FitOptions", fitted: "Fitted") -> "MappingFile":
    """The mapping of a fitted network, as it is written to a file.

    Parameters
    ----------
    network
        As it was described, not as it was adapted.
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
