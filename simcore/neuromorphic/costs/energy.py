"""The energy that a chip would need for a run: counted events times the published energy of each.

docs/chip_costs.md describes how the parts follow from a sheet.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy.typing as npt

from simcore.neuromorphic.costs.figures import curve_at, left_out
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.noc.topology import EAST_WEST, NORTH_SOUTH, OTHER
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.traffic.counts import RunCounts
from simcore.neuromorphic.traffic.expected_loads import ExpectedLoads

PARTS = ("synop", "plasticity", "update", "spike", "message", "hop", "barrier", "static")


@dataclass(frozen=True)
class ChipEnergy:
    """Energy of a run, J.

    Parameters
    ----------
    parts
        Energy of each of `PARTS`; None if nothing is published, or if another figure contains it.
    total_j
        Sum of the parts; None if none of the counted events has a published energy.
    reasons
        The reason for each part, or ``total``, that is None.
    lower_bounds
        The unpublished figures that a part, or ``total``, leaves out, which makes the number a lower bound.
    assumptions
        Assumptions on figures that the sheet does not state.
    """

    parts: Mapping[str, float | None]
    total_j: float | None
    reasons: Mapping[str, str]
    lower_bounds: Mapping[str, str]
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class _Term:
    """A multiple of a figure of the sheet; `each_j` is None if the figure is absent."""

    figure: str
    amount: float
    each_j: float | None
    leaves_out: str = ""


def energy_parts(
    chip: Chip,
    counts: RunCounts | ExpectedLoads,
    system: System,
    duration_s: float | None,
    duration_leaves_out: str | None = None,
) -> ChipEnergy:
    """Energy of a run by part.

    An energy that another figure of the sheet contains is not added, and neither is an all-in energy, the power of a
    whole chip at one load.

    Parameters
    ----------
    chip
        The sheet.
    counts
        Counts of the whole run, or the counts expected in one second.
    system
        Links, cores, tiles and chips in use.
    duration_s
        Time that the chip needs for the run; None if it is not known.
    duration_leaves_out
        The figures that `duration_s` leaves out, if it is a lower bound.
    """
    barrier, assumption = _barrier(chip, counts.steps, system)
    terms = {
        **_events(chip, counts),
        "hop": _hops(chip, counts, system),
        "barrier": [barrier],
        "static": _static(chip, system, duration_s, duration_leaves_out),
    }
    terms["total"] = [term for part in PARTS for term in terms[part]]
    containing = {figure: fact.quantity.key for fact in chip.facts for figure in fact.includes}
    sums: dict[str, float | None] = {}
    reasons, lower_bounds = {}, {}
    for part, all_terms in terms.items():
        happened = [term for term in all_terms if term.amount]
        own = [term for term in happened if term.figure not in containing]
        added = [term.amount * term.each_j for term in own if term.each_j is not None]
        leaves_out = "; ".join(dict.fromkeys(term.leaves_out for term in own if term.leaves_out))
        sums[part] = math.fsum(added) if added or not happened else None
        if sums[part] is None:
            contained = (f"{term.figure} is part of {containing[term.figure]}" for term in happened if term not in own)
            reasons[part] = leaves_out or "; ".join(contained)
        elif leaves_out:
            lower_bounds[part] = leaves_out
    total_j = sums.pop("total")
    return ChipEnergy(sums, total_j, reasons, lower_bounds, () if assumption is None else (assumption,))


def _sum(counts: npt.NDArray[Any]) -> float:
    total: float = counts.sum().item()
    return total


def _updates(counts: npt.NDArray[Any] | None) -> float:
    """The number of updates; 0 for networks without plastic synapses."""
    return 0.0 if counts is None else _sum(counts)


def _term(chip: Chip, figure: str, amount: float) -> _Term:
    fact = chip.fact(figure)
    if fact is None:
        return _Term(figure, amount, None, left_out(chip, [figure]))
    if fact.scope == "all-in":
        return _Term(figure, amount, None, f"{figure} (all-in: the power of a whole chip at one load)")
    return _Term(figure, amount, fact.value)


def _events(chip: Chip, counts: RunCounts | ExpectedLoads) -> dict[str, list[_Term]]:
    """Events in cores; every neuron is updated in every step."""
    return {
        "synop": [_term(chip, "synop_j", _sum(counts.synops))],
        "plasticity": [
            _term(chip, "plasticity_j", _updates(counts.weight_updates)),
            _term(chip, "short_term_j", _updates(counts.resource_updates)),
        ],
        "update": [_term(chip, "update_active_j", counts.steps * _sum(counts.neurons))],
        "spike": [_term(chip, "spike_out_j", _sum(counts.spikes))],
        "message": [
            _term(chip, "message_in_j", _sum(counts.messages_in)),
            _term(chip, "message_out_j", _sum(counts.messages_out)),
        ],
    }


def _hops(chip: Chip, counts: RunCounts | ExpectedLoads, system: System) -> list[_Term]:
    """Hops, whose energy depends on the direction; links without a direction need a figure equal for all directions."""
    hops = [_sum(counts.link_messages[system.link_kind == kind]) for kind in (EAST_WEST, NORTH_SOUTH, OTHER)]
    other = _term(chip, "hop_ew_j", hops[OTHER])
    if other.each_j is not None and other.each_j != chip.value("hop_ns_j"):
        why = "hops that are neither east-west nor north-south (the energies of the two directions differ)"
        other = _Term("hop_ew_j", hops[OTHER], None, why)
    # A router between chips belongs to no chip: a message that passes it enters a chip once.
    arrives = system.link_crosses_chip & (system.chip_of_router[system.link_target] >= 0)
    crossings, bits = _sum(counts.link_messages[arrives]), chip.value("message_bits")
    crossing = _term(chip, "chip_to_chip_bit_j", crossings * (bits or 1.0))
    if crossing.each_j is not None and bits is None:
        crossing = _Term("chip_to_chip_bit_j", crossings, None, left_out(chip, ["message_bits"]))
    return [
        _term(chip, "within_tile_j", counts.within_tile),
        _term(chip, "hop_ew_j", hops[EAST_WEST]),
        _term(chip, "hop_ns_j", hops[NORTH_SOUTH]),
        other,
        crossing,
    ]


def _barrier(chip: Chip, steps: float, system: System) -> tuple[_Term, str | None]:
    """One barrier per step; a single core has none unless the sheet states a figure."""
    each_j, assumption = curve_at(chip, "barrier_j", system)
    if each_j is None:
        amount = steps if len(system.router_of_core) > 1 else 0
        return _Term("barrier_j", amount, None, left_out(chip, ["barrier_j"])), None
    return _Term("barrier_j", steps, each_j), assumption


def _static(chip: Chip, system: System, duration_s: float | None, leaves_out: str | None) -> list[_Term]:
    """Static energy of a chip: its power, the additional power of each core, and the energy of each clock cycle."""
    rates = {"static_w_per_chip": float(system.chips)}
    if chip.fact("static_w_per_core") is not None:
        rates["static_w_per_core"] = float(len(system.router_of_core))
    unknown = []
    if chip.fact("clock_cycle_j") is not None:
        clock_hz = chip.value("clock_hz")
        if clock_hz is None:
            unknown.append(_Term("clock_cycle_j", system.chips, None, left_out(chip, ["clock_hz"])))
        else:
            rates["clock_cycle_j"] = system.chips * clock_hz
    terms = unknown + [_term(chip, figure, rate) for figure, rate in rates.items()]
    if duration_s is None:
        timeless = {term: term.leaves_out or f"{term.figure}, over a time that is unknown" for term in terms}
        return [replace(term, each_j=None, leaves_out=why) for term, why in timeless.items()]
    longer = f"power over a time that leaves out {leaves_out}" if leaves_out else ""
    return [replace(term, amount=term.amount * duration_s, leaves_out=term.leaves_out or longer) for term in terms]
