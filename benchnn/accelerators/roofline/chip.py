"""A chip as a machine in a roofline, and a run on it as a point.

An operation is a synaptic event. ``P_peak = cores / t_event`` for the cores in use. The levels are the messages into
cores and the links of the network, with the bytes of a message if the sheet states its length. Time and energy are from
the record of the run: our model of the chip counted them, and they are not measured on the chip.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchnn.chips.floorline import ChipRun
from benchnn.record.keys import reason_of, value_of
from simcore.accelerators.roofline.machine import Level, Machine, Point
from simcore.errors import BenchnnError, InputError, printable
from simcore.neuromorphic import chip_names, chip_plug_ins, load_chip
from simcore.neuromorphic.sheets.sheet import Chip

BYTE = 8
CORES, LINKS = "messages into cores", "links"
NO_SHEET = "the sheet of the run is not available"


def chip_roofline(run: ChipRun) -> tuple[Machine, Point]:
    """The chip of a run as a machine, and the run as a point.

    Raises
    ------
    InputError
        If the record of the run is damaged.
    """
    sheet = _sheet(run)
    profile = run.traffic.profile
    cores, links = len(profile.core_synops), len(profile.link_messages)
    message = None if sheet is None else sheet.value("message_bits")
    message_bytes = None if message is None else message / BYTE
    reasons: dict[str, str] = {
        "static_w": "the static energy depends on the parts that are switched on; see the record of the run"
    }
    event_s = _value(sheet, "synop_s", reasons, "peak_ops_per_s")
    event_j = _value(sheet, "synop_j", reasons, "op_energy_j")
    entry_s = None if sheet is None else sheet.value("message_in_s")
    levels = (
        _level(CORES, sheet, "message_in_s", message_bytes, None if not entry_s else cores / entry_s),
        _level(LINKS, sheet, "link_bandwidth_spikes_per_s", message_bytes, _links_per_s(sheet, links)),
    )
    machine = Machine(
        _line(value_of(run.record, "chip.name")),
        f"{_line(value_of(run.record, 'chip.title'))}, {cores:,} cores",
        "synaptic event",
        None if not event_s else cores / event_s,
        levels,
        event_j,
        None,
        "the chip's sheet",
        reasons,
    )
    return machine, _point(run, message_bytes)


def _sheet(run: ChipRun) -> Chip | None:
    """The sheet that the run used; None if it is a sheet of a user, or has changed."""
    name, digest = value_of(run.record, "chip.name"), value_of(run.record, "chip.sheet_sha256")
    # Records may come from untrusted sources: they must not name a file to read.
    if name not in (*chip_names(), *chip_plug_ins.known()):
        return None
    try:
        sheet = load_chip(str(name))
    except BenchnnError:
        return None
    return sheet if digest in (None, sheet.sha256) else None


def _line(text: object) -> str:
    """A text of a record as one line."""
    return printable(" ".join(str(text).split())) or "?"


def _value(sheet: Chip | None, key: str, reasons: dict[str, str], as_key: str) -> float | None:
    value = None if sheet is None else sheet.value(key)
    if not value:
        reasons[as_key] = _why(sheet, key)
    return value or None


def _links_per_s(sheet: Chip | None, links: int) -> float | None:
    each = None if sheet is None else sheet.value("link_bandwidth_spikes_per_s")
    return links * each if each and links else None


def _level(name: str, sheet: Chip | None, key: str, message_bytes: float | None, messages_per_s: float | None) -> Level:
    bandwidth = None if messages_per_s is None or message_bytes is None else messages_per_s * message_bytes
    reasons = {"energy_j_per_byte": "the energy of a message depends on its route; see the record of the run"}
    if bandwidth is None:
        reasons["bandwidth_bytes_per_s"] = _why(sheet, key if messages_per_s is None else "message_bits")
    return Level(name, bandwidth, reasons=reasons)


def _why(sheet: Chip | None, key: str) -> str:
    return NO_SHEET if sheet is None else f"{sheet.name}: {key}: {sheet.why_absent(key)}"


def _point(run: ChipRun, message_bytes: float | None) -> Point:
    profile = run.traffic.profile
    moved = {CORES: profile.core_messages_in, LINKS: profile.link_messages}
    events, time_s = int(profile.synops.sum()), 0.0 if profile.total_s is None else float(np.sum(profile.total_s))
    if not events:
        raise InputError(f"{run.folder}: {run.name} cannot be shown in a roofline: no synaptic events were counted")
    reasons = {} if time_s > 0.0 else {"time_s": reason_of(run.record, "chip.step_time_s") or "the time is unknown"}
    if message_bytes is None:
        reasons |= dict.fromkeys(moved, "the sheet does not state the length of a message")
    energies = _energies(value_of(run.record, "chip.energy_j"))
    if not energies:
        reasons["energy_j"] = reason_of(run.record, "chip.energy_j") or "the energy is unknown"
    return Point(
        _line(value_of(run.record, "model.name")),
        float(events),
        {} if message_bytes is None else {name: float(counts.sum()) * message_bytes for name, counts in moved.items()},
        time_s or None,
        energies,
        basis="counted by the model of the chip, not measured",
        reasons=reasons,
    )


def _energies(parts: Mapping[str, Any] | None) -> dict[str, float]:
    """The known parts of the energy; empty if the total is not known."""
    if not isinstance(parts, Mapping) or parts.get("total") is None:
        return {}
    return {name: float(value) for name, value in parts.items() if value is not None and name != "total"}
