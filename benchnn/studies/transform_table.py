"""The record of a transform (``transform.json``) and its table, which uses only the record.

A value that was not measured is null, and `reasons` of the same object contains the reason.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from benchnn.record.keys import number_of, reason_of, value_of
from benchnn.studies.child_runs import ChildRun
from benchnn.studies.spread import spread_of
from benchnn.studies.study import PlannedRun
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned

SCHEMA_VERSION = 1
CLEAN, TRANSFORMED = "clean", "transformed"
MEASURES = {
    "synapses": "model.synapses",
    "synapse_bytes": "memory_bytes.synapses.sum",
    "index_bytes": "memory_bytes.index.sum",
    "real_time_factor": "real_time_factor",
    "propagation_s": "wall_s.propagation.max",
    "spikes": "spikes",
    "synaptic_events": "synaptic_events",
    "chip_cores": "chip.cores",
    "chip_messages": "chip.network_on_chip.messages_in",
    "chip_hops": "chip.network_on_chip.hops",
    "chip_link_messages_max": "chip.network_on_chip.link_messages_max",
    "chip_synops_max": "chip.per_core.synops_max",
    "chip_step_time_s": "chip.step_time_s.mean",
    "chip_pj_per_synaptic_event": "chip.energy_per_synaptic_event_pj",
}
"""Key in ``result.json`` of each measure; measures of a chip are omitted without a chip."""
TITLES = {
    "synapses": "synapses",
    "synapse_bytes": "memory of synapses (B)",
    "index_bytes": "memory of their index (B)",
    "real_time_factor": "real-time factor",
    "propagation_s": "propagation (s)",
    "spikes": "spikes",
    "synaptic_events": "synaptic events",
    "chip_cores": "cores of the chip",
    "chip_messages": "messages into cores",
    "chip_hops": "hops",
    "chip_link_messages_max": "busiest link, messages per step",
    "chip_synops_max": "busiest core, events per step",
    "chip_step_time_s": "step on the chip (s)",
    "chip_pj_per_synaptic_event": "energy per event (pJ)",
}


def make_record(
    about: Mapping[str, Any], ended: Sequence[tuple[str, PlannedRun, ChildRun]], interrupted_by: str | None
) -> dict[str, Any]:
    """The record of all runs so far.

    Parameters
    ----------
    about
        The request.
    ended
        `CLEAN` or `TRANSFORMED`, the run and its outcome, in order.
    interrupted_by
        Name of the signal that interrupted the study.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        **about,
        "interrupted_by": interrupted_by,
        "networks": {
            kind: _network([child for own, _, child in ended if own == kind]) for kind in (CLEAN, TRANSFORMED)
        },
        "runs": [
            {"network": kind, "folder": run.name, "command": run.command, "error": child.error}
            for kind, run, child in ended
        ],
    }


def _network(children: Sequence[ChildRun]) -> dict[str, Any]:
    """One network: digests and rates, and median, smallest and largest value of each measure over its runs."""
    records = [child.record for child in children if child.record is not None]
    errors = [child.error for child in children if child.error is not None]
    first = records[0] if records else None
    on_chip = value_of(first, "chip") is not None
    row: dict[str, Any] = {key: value_of(first, key) for key in ("network_digest", "spike_digest", "mean_rate_hz")}
    reasons = {key: (errors or ["no run has finished"])[0] for key, value in row.items() if value is None}
    for measure, key in MEASURES.items():
        if measure.startswith("chip_") and not on_chip:
            continue
        values = [value for record in records if (value := number_of(record, key)) is not None]
        row[measure] = spread_of(values)
        if not values:
            found = [why for record in records if (why := reason_of(record, key)) is not None]
            reasons[measure] = (errors or found or ["no run has finished"])[0]
    return {**row, "reasons": reasons}


def to_text(record: Mapping[str, Any]) -> str:
    """Format the effects of the transform as a table."""
    clean, transformed = (record["networks"][kind] for kind in (CLEAN, TRANSFORMED))
    time = record["time"]
    head = (
        f"{record['model']['name']}, {record['transform']} with seed {record['transform_seed']}; "
        f"{time['model_time_ms']:g} ms after {time['warmup_ms']:g} ms, seed {record['seed']}\n\n"
    )
    rows = [("", CLEAN, TRANSFORMED, "change")]
    for measure, title in TITLES.items():
        if measure in clean or measure in transformed:
            values = [(one.get(measure) or {}).get("median") for one in (clean, transformed)]
            rows.append(_line(title, *values))
    rates = [one["mean_rate_hz"] or {} for one in (clean, transformed)]
    for name in dict.fromkeys([*rates[0], *rates[1]]):
        rows.append(_line(f"rate of {name} (1/s)", *(own.get(name) for own in rates)))
    same = [clean[key] == transformed[key] for key in ("network_digest", "spike_digest") if clean[key] is not None]
    same_or_not = "" if len(same) < 2 else f"\nthe networks {_are(same[0])}, their spikes {_are(same[1])}\n"
    return head + aligned(rows, "lrrr") + same_or_not


def _are(same: bool) -> str:
    return "are the same" if same else "differ"


def _line(title: str, before: float | None, after: float | None) -> tuple[str, str, str, str]:
    change = None if before is None or after is None or before == 0.0 else after / before - 1.0
    change_text = "-" if change is None else f"{100.0 * change:+.1f} %"
    return title, *(_figure(value) for value in (before, after)), change_text  # type: ignore[return-value]


def _figure(value: float | None) -> str:
    return TEXT.count(value) if isinstance(value, int) else TEXT.figures(value)
