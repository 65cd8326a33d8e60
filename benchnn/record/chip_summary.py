"""The chip in the summary of a run, using only the record."""

from collections.abc import Mapping
from typing import Any

from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.display.words import counted
from simcore.neuromorphic.wording import duration


def chip_lines(chip: Mapping[str, Any], reasons: Mapping[str, str]) -> list[str]:
    """Lines of the summary.

    Parameters
    ----------
    chip
        Key ``chip`` of a record.
    reasons
        Key ``reasons`` of the record.
    """
    traffic, per_core = chip["network_on_chip"], chip["per_core"]
    places = f"{counted(chip['cores'], 'core')} in {counted(chip['tiles'], 'tile')} of {counted(chip['chips'], 'chip')}"
    head = f"{chip['title']}: {places}, mapped {chip['mapper']}, at most {per_core['neurons_max']:,} neurons per core"
    hops = traffic["mean_hops"]
    rows = [
        ("messages", f"{traffic['messages_in']:,}", f"{traffic['hops']:,} hops" + _each(hops)),
        ("busiest link", f"{traffic['link_messages_max']:,}", "messages in its largest step"),
        ("busiest core", f"{per_core['synops_max']:,}", "synaptic events in its largest step"),
        *_updates(chip["plasticity"]),
        _step(chip, reasons),
        _energy(chip, reasons),
    ]
    exceeded = [limit["quantity"] for limit in chip["limits"] if limit["over"]]
    warning = [f"limits still exceeded: {', '.join(exceeded)}"] if exceeded else []
    lines = [
        head,
        *_adaptation(chip["adaptation"]),
        *warning,
        *(f"  {line}" for line in aligned(rows, "lrl").splitlines()),
    ]
    return lines if chip["floorline"] is None else [*lines, chip["floorline"]["advice"]]


def _each(hops: float | None) -> str:
    return "" if hops is None else f", {hops:.3g} per message"


def _updates(plasticity: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """Updates of plastic synapses, if any."""
    weights, states = plasticity["weight_updates"], plasticity["resource_updates"]
    rows = [("weight updates", f"{weights:,}", f"at most {plasticity['weight_updates_max']:,} per step and core")]
    return rows * bool(weights) + [("short-term plasticity", f"{states:,}", "updates")] * bool(states)


def _step(chip: Mapping[str, Any], reasons: Mapping[str, str]) -> tuple[str, str, str]:
    times = chip["step_time_s"]
    if times is None:
        return "time of a step", "-", _first(reasons["chip.step_time_s"])
    bound = _bound(chip, "step_time_s")
    factor = f"real-time factor {chip['emulated_real_time_factor']:.3g}"
    what = f"{duration(times['min'])} to {duration(times['max'])}, {factor}"
    missed = chip["missed_deadlines"]
    late = f", {missed:,} steps late" if missed else ""
    return "time of a step", f"{bound}{duration(times['mean'])}", what + late


def _energy(chip: Mapping[str, Any], reasons: Mapping[str, str]) -> tuple[str, str, str]:
    each, total = chip["energy_per_synaptic_event_pj"], chip["energy_j"]["total"]
    if each is None:
        return "energy per event", "-", _first(reasons["chip.energy_per_synaptic_event_pj"])
    bound = _bound(chip, "energy_j.total")
    known = ((part, energy) for part, energy in chip["energy_j"].items() if energy and part != "total")
    parts = ", ".join(f"{part} {TEXT.share(energy, total)}" for part, energy in known)
    what = f"{TEXT.joules(total)}: {parts}" if parts else TEXT.joules(total)
    return "energy per event", f"{bound}{TEXT.prefixed(1e-12 * each, 'J')}", what


def _first(reason: str) -> str:
    """The first figure that a sheet lacks; the record contains all of them."""
    first, *others = reason.split("; ")
    return f"unknown: {first}" + (f" and {len(others)} more" if others else "")


def _bound(chip: Mapping[str, Any], key: str) -> str:
    """A sign before a number that omits unpublished parts."""
    return ">= " if key in chip["lower_bounds"] else ""


def _adaptation(adaptation: Mapping[str, Any] | None) -> list[str]:
    if adaptation is None:
        return []
    return [
        f"adapted: {adaptation['cores_before']:,} cores to {adaptation['cores_after']:,}, "
        f"{adaptation['synapses_quantised']:,} weights, {adaptation['delays_clamped']:,} delays"
    ]
