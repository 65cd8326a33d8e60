"""The record of a protocol (``protocol.json``) and its text, which uses only the record.

A value that was not measured is null, and `reasons` contains the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchnn.record.keys import reason_of, value_of
from benchnn.statistics.bursts import LONGEST_INTERVAL_MS
from benchnn.statistics.train_distances import coincident_spikes
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.recording.spikes import Spikes

SCHEMA_VERSION = 1
WITHIN_STEPS = 1
"""Largest distance of matching spikes in steps."""
SPEED = {
    "real_time_factor": "real_time_factor",
    "synaptic_events": "synaptic_events",
    "synaptic_events_per_s": "synaptic_events_per_s",
    "energy_per_synaptic_event_uj": "energy_per_synaptic_event_uj",
    "mean_power_w": "energy.mean_power_w",
    "power_every_ms": "energy.power_every_ms",
    "power_w": "energy.power_w",
    "spike_digest": "spike_digest",
}
"""Key in ``result.json`` of the timed run for each key of `speed`."""
NO_SPIKES = "the population does not have spikes"


@dataclass(frozen=True)
class Protocol:
    """The request: the network, and the simulated time; spikes are compared over `exact_ms`."""

    command: list[str]
    model: str
    parameters: Mapping[str, Any]
    seed: int
    threads: int
    time_ms: float
    warmup_ms: float
    exact_ms: float
    cpu_model: str | None


@dataclass(frozen=True)
class EndedRun:
    """A finished run: its record, or the reason why it is missing."""

    name: str
    command: list[str]
    record: Mapping[str, Any] | None
    error: str | None


@dataclass(frozen=True)
class Measured:
    """The measurements of the finished runs.

    Parameters
    ----------
    runs
        The finished runs, beginning with the timed run.
    burst_shares
        Share of spikes in bursts by population; None before spikes are recorded.
    agreement
        See `agreement_part`; None before both simulators have finished.
    no_peer
        Reason why the other simulator is not run, or None.
    """

    runs: Sequence[EndedRun]
    burst_shares: Mapping[str, float | None] | None
    agreement: Mapping[str, Any] | None
    no_peer: str | None


def agreement_part(own: Spikes, other: Spikes, sources: frozenset[str]) -> dict[str, Any]:
    """Return the share of spikes of two simulations that match one to one, by population and in total.

    Parameters
    ----------
    own, other
        Spikes of one network and window.
    sources
        Populations whose spikes are given, which do not show agreement.
    """
    of_other = {name: (stamps, ids) for name, stamps, ids in other.by_population()}
    rows, counts = {}, np.zeros(3, dtype=np.int64)
    for name, stamps, ids in own.by_population():
        if name in sources:
            continue
        matched = int(coincident_spikes((stamps, ids), of_other[name], own.sizes[name], WITHIN_STEPS).sum())
        one = np.array([matched, len(ids), len(of_other[name][1])])
        rows[name] = _shared(*one.tolist())
        counts += one
    return {"within_steps": WITHIN_STEPS, **_shared(*counts.tolist()), "populations": rows}


def _shared(matched: int, own: int, other: int) -> dict[str, Any]:
    return {"share": 2.0 * matched / (own + other) if own + other else None, "spikes": own, "spikes_of_other": other}


def make_record(protocol: Protocol, measured: Measured, interrupted_by: str | None) -> dict[str, Any]:
    """Return the record of the finished runs; `interrupted_by` is the signal that interrupted the study."""
    timed = measured.runs[0].record if measured.runs else None
    pending = _why_not_run(measured, interrupted_by)
    speed = {key: None if timed is None else value_of(timed, source) for key, source in SPEED.items()}
    reasons = {
        f"speed.{key}": pending if timed is None else reason_of(timed, SPEED[key]) or "the run does not report it"
        for key, value in speed.items()
        if value is None
    }
    rates = None if timed is None else value_of(timed, "mean_rate_hz")
    parts = {"mean_rate_hz": rates, "burst_shares": measured.burst_shares, "agreement": measured.agreement}
    reasons |= {key: pending for key, value in parts.items() if value is None}
    if measured.agreement is None and measured.no_peer is not None:
        reasons["agreement"] = measured.no_peer
    reasons |= {f"burst_shares.{n}": NO_SPIKES for n, share in (measured.burst_shares or {}).items() if share is None}
    if measured.agreement is not None:
        rows = {"agreement": measured.agreement} | {
            f"agreement.populations.{name}": row for name, row in measured.agreement["populations"].items()
        }
        reasons |= {f"{place}.share": NO_SPIKES for place, row in rows.items() if row["share"] is None}
    return {
        "schema_version": SCHEMA_VERSION,
        "command": protocol.command,
        "interrupted_by": interrupted_by,
        "model": {"name": protocol.model, "parameters": dict(protocol.parameters)},
        "seed": protocol.seed,
        "threads": protocol.threads,
        "time": {"model_time_ms": protocol.time_ms, "warmup_ms": protocol.warmup_ms, "compared_ms": protocol.exact_ms},
        "machine": {"cpu_model": protocol.cpu_model},
        "speed": speed,
        "mean_rate_hz": rates,
        "burst_interval_ms": LONGEST_INTERVAL_MS,
        "burst_shares": None if measured.burst_shares is None else dict(measured.burst_shares),
        "agreement": None if measured.agreement is None else dict(measured.agreement),
        "runs": [
            {
                "name": run.name,
                "command": run.command,
                "error": run.error,
                "real_time_factor": value_of(run.record, "real_time_factor"),
                "spike_digest": value_of(run.record, "spike_digest"),
            }
            for run in measured.runs
        ],
        "reasons": reasons,
    }


def _why_not_run(measured: Measured, interrupted_by: str | None) -> str:
    failed = next((f"{run.name} failed: {run.error}" for run in measured.runs if run.error is not None), None)
    return failed or (f"interrupted by {interrupted_by}" if interrupted_by else "the run has not finished")


def to_text(record: Mapping[str, Any]) -> str:
    """Format the study as text."""
    model, time = record["model"], record["time"]
    head = (
        f"{model['name']}: {time['model_time_ms']:g} ms after {time['warmup_ms']:g} ms, {record['threads']} threads, "
        f"seed {record['seed']}; {record['machine']['cpu_model'] or 'unknown processor'}\n"
    )
    return "\n".join((head, _speed(record), _populations(record)))


def _speed(record: Mapping[str, Any]) -> str:
    speed = record["speed"]
    events, powers = speed["synaptic_events_per_s"], speed["power_w"]
    energy = speed["energy_per_synaptic_event_uj"]
    rows = [
        ("real-time factor", TEXT.figures(speed["real_time_factor"]), _why(record, "speed.real_time_factor")),
        (
            "synaptic events",
            TEXT.absent if events is None else f"{TEXT.scaled(events)}/s",
            _why(record, "speed.synaptic_events_per_s"),
        ),
        (
            "energy per synaptic event",
            TEXT.absent if energy is None else f"{TEXT.figures(energy)} uJ",
            _why(record, "speed.energy_per_synaptic_event_uj"),
        ),
        (
            "power",
            TEXT.absent if powers is None else f"{TEXT.figures(min(powers))} - {TEXT.figures(max(powers))} W",
            _why(record, "speed.power_w"),
        ),
    ]
    return aligned(rows, "lrl")


def _why(record: Mapping[str, Any], key: str) -> str:
    """Reason for a null value, without the reasons of single meters."""
    why = record["reasons"].get(key)
    return "" if why is None else f"not measured: {why.partition(' (')[0]}"


def _populations(record: Mapping[str, Any]) -> str:
    """Rates, bursts and agreement of each population, and a line for each unknown quantity."""
    rates, bursts, agreement = (record[key] or {} for key in ("mean_rate_hz", "burst_shares", "agreement"))
    same = agreement.get("populations", {})
    names = list(bursts or rates)
    title = f"spikes within {agreement.get('within_steps', WITHIN_STEPS)} step of NEST"
    rows = [("population", "rate (1/s)", f"in bursts (<= {record['burst_interval_ms']:g} ms)", title)]
    for name in names:
        share = same.get(name, {}).get("share")
        rows.append((name, TEXT.figures(rates.get(name)), TEXT.figures(bursts.get(name), 3), TEXT.figures(share, 4)))
    rows.append(("all", "", "", TEXT.figures(agreement.get("share"), 4)))
    missing = [f"{key}: {record['reasons'][key]}\n" for key in ("burst_shares", "agreement") if record[key] is None]
    difference = agreement.get("first_difference")
    if difference is not None:
        place = f"at {difference['time_ms']:g} ms neuron {difference['neuron']} of {difference['population']}"
        missing.append(f"{agreement['equal_spikes']:,} spikes are equal; {place} spikes in {difference['spikes_in']}\n")
    return aligned(rows, "lrrr") + "".join(missing)
