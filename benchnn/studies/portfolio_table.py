"""The table of ``benchnn map --compare``: a line for each mapper and place."""

from collections.abc import Mapping, Sequence
from typing import Any

from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.display.words import counted

RECORD, SCHEMA_VERSION = "mappings.json", 1
COLUMNS = (
    ("mapper", "l"),
    ("place", "l"),
    ("cores", "r"),
    ("messages/s", "r"),
    ("over bound", "r"),
    ("hops/s", "r"),
    ("busiest link", "r"),
    ("busiest core", "r"),
    ("latency", "r"),
    ("largest", "r"),
    ("step", "r"),
    ("bound by", "l"),
    ("J/s", "r"),
    ("J/spike", "r"),
    ("mapping", "r"),
    ("placing", "r"),
)
"""Headings and alignment of the columns of the first table."""
PARTS = ("memory", "compute", "traffic", "barrier", "total")
NOTES = (
    "over bound: messages divided by the smallest number that a mapping without knowledge of single synapses can "
    "reach; busiest link: messages/s; busiest core: synaptic events per step",
    "latency: mean and largest time of a message on links without contention, a lower bound; step: time of the mean "
    "step, a lower bound; J/s and J/spike: energy per second of model time and per spike; mapping, placing: wall time",
)


def to_text(record: Mapping[str, Any]) -> str:
    """Format the table, the parts of the steps, and failures."""
    rows = record["rows"]
    head = (
        f"{record['model']['name']} on {record['chip']}: {counted(record['model']['neurons'], 'neuron')}, "
        f"{record['synapses']:,} synapses, {_rates(record)}\n\n"
    )
    done = [row for row in rows if row["error"] is None]
    lines = [tuple(title for title, _ in COLUMNS), *map(_line, done)]
    parts = [aligned(lines, "".join(side for _, side in COLUMNS)), *(f"{note}\n" for note in NOTES)]
    timed = [row for row in done if any(row["step_time_s"].values())]
    if timed:
        steps: list[tuple[str, ...]] = [("parts of the mean step", *PARTS)]
        steps += [(_name(row), *(TEXT.prefixed(row["step_time_s"][part], "s") for part in PARTS)) for row in timed]
        parts.append("\n" + aligned(steps, "l" + "r" * len(PARTS)))
    notes = [*_reasons(done), *(f"{_name(row)}: {row['error']}" for row in rows if row["error"] is not None)]
    notes += [f"{_name(row)}: {row['refusal']}" for row in done if row["refusal"] is not None]
    return head + "".join(parts) + ("\n" + "".join(f"{line}\n" for line in notes) if notes else "")


def _rates(record: Mapping[str, Any]) -> str:
    rates = sorted(set(record["rates_hz"].values()))
    return f"{rates[0]:g} spikes/s" if len(rates) == 1 else f"{rates[0]:g} to {rates[-1]:g} spikes/s"


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['mapper']}, {row['place']}"


def _line(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["mapper"],
        row["place"],
        f"{row['cores']:,}",
        TEXT.figures(row["messages_per_s"]),
        TEXT.change(row["over_bound"]),
        TEXT.figures(row["hops_per_s"]),
        TEXT.figures(row["busiest_link_messages_per_s"]),
        TEXT.figures(row["busiest_core_synops_per_step"]),
        TEXT.prefixed(row["latency_s"]["mean"], "s", 3),
        TEXT.prefixed(row["latency_s"]["largest"], "s", 3),
        TEXT.prefixed(row["step_time_s"]["total"], "s"),
        row["state"] or TEXT.absent,
        TEXT.prefixed(row["energy_j"], "J"),
        TEXT.prefixed(row["energy_per_spike_j"], "J"),
        f"{row['wall_s']['map']:.2f} s",
        f"{row['wall_s']['place']:.2f} s",
    )


def _reasons(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Reasons for null values, each once."""
    notes = dict.fromkeys(f"{key} is unknown: {why}" for row in rows for key, why in row["reasons"].items())
    return list(notes)
