"""Reads the sheets of chips, those that come with the simulator and those of a user, and refuses what is wrong.

A sheet is a TOML file; docs/chips.md says how to write one. Nothing that it does not state is assumed.
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
"""Name -> sheet, of the chips that plug-ins add."""


def chip_names() -> list[str]:
    """Names of the sheets that come with the simulator.

    Returns
    -------
    list of str
        The names, in alphabetical order.
    """
    return _SHELF.names()


def load_chip(name_or_path: str | Path) -> Chip:
    """Read a sheet.

    Parameters
    ----------
    name_or_path
        One of `chip_names`, the name of a plug-in, or the path of a file of one's own, which ends in ``.toml``.

    Returns
    -------
    Chip
        Everything that the sheet states.

    Raises
    ------
    InputError
        If there is no such chip, or its sheet is wrong; names the file, the key, the value and what is allowed.
    """
    path = _SHELF.path(name_or_path)
    raw, sha256 = read_toml(path, CHIPS.thing)
    statements = read_statements(path.name, raw, CHIPS)
    sources = dict(statements["sources"])
    if "synapse_read_s" in raw.get("times", {}):
        rule = raw.get("packing", {}).get("rule")
        require(rule == "loihi", f"{path.name}: packing.rule", rule, "synapse_read_s needs a rule of words, loihi")
    packing = _packing(raw["packing"], path.name, sources) if "packing" in raw else None
    networks = tuple(
        _network(model, content, f"{path.name}: networks.{model}", sources)
        for model, content in raw.get("networks", {}).items()
    )
    return Chip(path.stem, packing=packing, networks=networks, sha256=sha256, **statements)


def chip_plug_in(name_or_path: str | Path) -> PlugIn | None:
    """The plug-in that a sheet is of; None for one that comes with the simulator, and for a file.

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
        If there is no such chip.
    """
    return _SHELF.plug_in(name_or_path)


def _packing(raw: Mapping[str, Any], file: str, sources: Mapping[str, str]) -> Packing:
    rule = text_of(raw.get("rule"), f"{file}: packing.rule")
    require(rule in PACKINGS, f"{file}: packing.rule", rule, f"use {either(PACKINGS)}")
    parameters = {quantity.key: quantity for quantity in PACKINGS[rule]}
    require_known(raw, ("rule", *parameters), f"{file}: packing", f"{rule} has")
    missing = [key for key in parameters if key not in raw]
    if missing:
        raise InputError(f"{file}: packing lacks {', '.join(missing)}, which the rule {rule} needs")
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
