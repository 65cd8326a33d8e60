"""The output of ``benchnn chips``: the known chips, or one chip with the source of every number."""

from dataclasses import asdict
from typing import Any

from benchnn.chips.sheets import fact_record, sheet_list, sheet_page, sheet_record, usable_names, written
from simcore.display.numbers import TEXT
from simcore.display.words import counted
from simcore.neuromorphic import Chip, chip_names, chip_plug_ins, load_chip
from simcore.neuromorphic.sheets.sheet import PublishedNetwork

COLUMNS = ("name", "title", "process", "cores/chip", "neurons/core", "synapse memory/core", "topology", "energy/synop")
SHOW = "benchnn chips show NAME|FILE.toml shows all numbers of a chip"


def chip_list() -> str:
    """All known chips, one per line, and the plug-ins that cannot be used."""
    return sheet_list([COLUMNS, *map(_row, _chips())], "lllrrrll", chip_plug_ins, SHOW)


def list_record() -> list[dict[str, Any]]:
    """All known chips, as JSON."""
    return [chip_record(chip) for chip in _chips()]


def chip_page(chip: Chip) -> str:
    """One chip: its published figures, the figures that are not published, and the sources."""
    packing = chip.packing
    blocks = [] if packing is None else [(f"packing of synapses: {packing.rule}", packing.facts)]
    networks = [(network.model, _network_line(network)) for network in chip.networks]
    others = [("networks that others have mapped onto it", networks)] if networks else []
    return sheet_page(chip, f"{chip.kind}; neurons: {chip.neurons}", *blocks, others=others)


def chip_record(chip: Chip) -> dict[str, Any]:
    """One chip, as JSON: values in SI units, or null if absent."""
    packing = None
    if chip.packing is not None:
        facts = {fact.quantity.key: fact_record(fact, with_node=False) for fact in chip.packing.facts}
        packing = {"rule": chip.packing.rule, **facts}
    return sheet_record(chip, packing=packing, networks={network.model: asdict(network) for network in chip.networks})


def _network_line(network: PublishedNetwork) -> str:
    note = "" if network.note is None else f"; {network.note}"
    return f"{counted(network.chips, 'chip')} [{', '.join(network.sources)}]{note}"


def _chips() -> list[Chip]:
    return [load_chip(name) for name in (*chip_names(), *usable_names(chip_plug_ins))]


def _row(chip: Chip) -> list[str]:
    energy = chip.fact("synop_j")
    return [
        chip.name,
        chip.title,
        str(chip.word("process") or TEXT.absent),
        *(written(chip, key) for key in ("cores_per_chip", "neurons_per_core")),
        _memory(chip.count("synapse_memory_bits_per_core")),
        str(chip.word("topology") or TEXT.absent),
        TEXT.absent if energy is None else f"{energy.written}, {energy.scope}, {energy.evidence}",
    ]


def _memory(bits: int | None) -> str:
    return TEXT.absent if bits is None else f"{bits / 8192:,.4g} KiB"
