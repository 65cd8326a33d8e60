"""Reading and checking of the sheets of chips, both the included sheets and the sheets of a user.

A sheet is a TOML file; docs/chips.md describes its format. Figures that it does not state are not assumed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simcore.errors import InputError, integer, require
from simcore.neuromorphic.sheets.facts import LARGEST_COUNT, read_fact, read_sources
from simcore.neuromorphic.sheets.quantities import CHIPS, PACKINGS
from simcore.neuromorphic.sheets.reading import read_statements, read_toml
from simcore.neuromorphic.sheets.sheet import Chip, Packing, PublishedNetwork
from simcore.neuromorphic.sheets.shelf import Shelf
from simcore.neuromorphic.sheets.toml_values import either, plain, require_known, text_of
from simcore.registry import PlugIn

FOLDER = Path(__file__).parent
_SHELF = Shelf("chip", FOLDER, "simcore.chips")
chip_plug_ins = _SHELF.plug_ins
"""Sheets of chips from plug-ins, by name."""


def chip_names() -> list[str]:
    """Names of the included sheets.

    Returns
    -------
    list of str
        The names, in alphabetical order.
    """
    return _SHELF.names()


def load_chip(name_or_path: str | Path) -> Chip:
    """Read the sheet of a chip.

    Parameters
    ----------
    name_or_path
        One of `chip_names`, the name of a plug-in, or the path of a file that ends in ``.toml``.

    Returns
    -------
    Chip
        Everything that the sheet states.

    Raises
    ------
    InputError
        If the chip is not known or its sheet is wrong; the message names file, key and value, and states what is
        allowed.
    """
    path = _SHELF.path(name_or_path)
    raw, sha256 = read_toml(path, CHIPS.thing)
    statements = read_statements(path.name, raw, CHIPS)
    sources = dict(statements["sources"])
    if "synapse_read_s" in raw.get("times", {}):
        rule = raw.get("packing", {}).get("rule")
        require(rule == "loihi", f"{path.name}: packing.rule", rule, "use loihi, since the sheet has synapse_read_s")
    packing = _packing(raw["packing"], path.name, sources) if "packing" in raw else None
    networks = tuple(
        _network(model, content, f"{path.name}: networks.{model}", sources)
        for model, content in raw.get("networks", {}).items()
    )
    return Chip(path.stem, packing=packing, networks=networks, sha256=sha256, **statements)


def chip_plug_in(name_or_path: str | Path) -> PlugIn | None:
    """The plug-in that provides a sheet; None for an included sheet, and for a file.

    Parameters
    ----------
    name_or_path
        As in `load_chip`.

    Returns
    -------
    PlugIn or None
        Distribution, version and hash of the sources.

    Raises
    ------
    InputError
        If the chip is not known.
    """
    return _SHELF.plug_in(name_or_path)


def _packing(raw: Mapping[str, Any], file: str, sources: Mapping[str, str]) -> Packing:
    rule = text_of(raw.get("rule"), f"{file}: packing.rule")
    require(rule in PACKINGS, f"{file}: packing.rule", rule, f"use {either(PACKINGS)}")
    parameters = {quantity.key: quantity for quantity in PACKINGS[rule]}
    require_known(raw, ("rule", *parameters), f"{file}: packing", f"{rule} has")
    missing = [key for key in parameters if key not in raw]
    if missing:
        raise InputError(f"{file}: packing.{missing[0]} is missing: the rule {rule} needs {', '.join(missing)}")
    facts = (
        read_fact(quantity, raw[key], f"{file}: packing.{key}", sources, CHIPS) for key, quantity in parameters.items()
    )
    return Packing(rule, tuple(facts))


def _network(model: str, raw: Any, where: str, sources: Mapping[str, str]) -> PublishedNetwork:
    require(isinstance(raw, dict), where, plain(raw), "write a table: { chips = ..., source = ... }")
    require_known(raw, ("chips", "source", "note"), where, "use")
    chips = integer(plain(raw.get("chips")), f"{where}.chips", 1, LARGEST_COUNT)
    note = text_of(raw["note"], f"{where}.note") if "note" in raw else None
    return PublishedNetwork(model, chips, read_sources(raw.get("source"), f"{where}.source", sources), note)
