"""Tables of many runs as text, CSV and JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchnn.record.keys import number_of, value_of, value_text
from benchnn.results.selection import Record
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned

DETAILS = {
    "seed": "seed",
    "time.model_time_ms": "time (ms)",
    "time.warmup_ms": "warm-up (ms)",
    "interrupted": "interrupted",
    "simulator.version": "version",
    "simulator.mode": "mode",
    "simulator.connectivity": "connectivity",
    "backend.name": "backend",
    "backend.precision": "precision",
    "backend.weight_bits": "weight bits",
}
"""Keys that are shown if listed runs of the same simulator differ in them, with headings."""
ABOUT = ("run_id", "provenance.started_utc", "model.name")
HARDWARE = ("simulator.name", "layout.ranks", "layout.threads_per_rank", "provenance.host")
MEASURED = ("real_time_factor", "spikes", "spike_digest")


@dataclass(frozen=True)
class Column:
    """A column of the text table: heading, cells, and alignment ``l`` or ``r``."""

    heading: str
    cells: list[str]
    side: str


def default_keys(records: Sequence[Record], more: Sequence[str] = ()) -> list[str]:
    """Return keys of ``result.json``: keys that distinguish the runs, measures, and the keys of `more`."""
    usual = [*ABOUT, *_parameters(records), *_details(records), *HARDWARE, *MEASURED]
    return list(dict.fromkeys([*usual, *more]))


def differing_parameters(records: Sequence[Record]) -> dict[str, list[str]]:
    """Return, for each model, the keys of the parameters in which its runs differ."""
    found = {}
    for model, group in _by(records, "model.name").items():
        given = (value_of(record, "model.parameters") for record in group)
        names = dict.fromkeys(name for entry in given if isinstance(entry, Mapping) for name in entry)
        found[model] = _differing(group, [f"model.parameters.{name}" for name in names])
    return found


def _parameters(records: Sequence[Record]) -> list[str]:
    return list(dict.fromkeys(key for keys in differing_parameters(records).values() for key in keys))


def _details(records: Sequence[Record]) -> list[str]:
    differing = {key for group in _by(records, "simulator.name").values() for key in _differing(group, list(DETAILS))}
    return [key for key in DETAILS if key in differing]


def _by(records: Sequence[Record], key: str) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(value_text(value_of(record, key)), []).append(record)
    return groups


def _differing(records: Sequence[Record], keys: Sequence[str]) -> list[str]:
    return [key for key in keys if len({value_text(value_of(record, key)) for record in records}) > 1]


def default_table(records: Sequence[Record], more: Sequence[str] = ()) -> str:
    """Format a line for each run, with abbreviations and rounded numbers.

    Parameters
    ----------
    records
        Records of the runs.
    more
        Further keys of numbers to show.
    """
    columns = [
        Column("run", [short_name(record) for record in records], "l"),
        Column("started (UTC)", [_when(record) for record in records], "l"),
        Column("model", [_text(record, "model.name") for record in records], "l"),
        *(_of_key(key.removeprefix("model.parameters."), key, records) for key in _parameters(records)),
        *(_of_key(DETAILS[key], key, records) for key in _details(records)),
        Column("simulator", [_text(record, "simulator.name") for record in records], "l"),
        Column("layout", [layout(record) for record in records], "r"),
        Column("host", [_hosts(record) for record in records], "l"),
        Column("RTF", [TEXT.figures(number_of(record, "real_time_factor")) for record in records], "r"),
        Column("rate (1/s)", [TEXT.figures(mean_rate_hz(record)) for record in records], "r"),
        Column("digest", [_text(record, "spike_digest")[:8] for record in records], "l"),
        *(_rounded(key, records) for key in more if key not in MEASURED),
    ]
    return _table(columns)


def key_table(records: Sequence[Record], keys: Sequence[str]) -> str:
    """Format a line for each run with the exact values of chosen keys."""
    return _table([_of_key(key, key, records) for key in keys])


def to_csv(records: Sequence[Record], keys: Sequence[str]) -> str:
    """Format CSV (RFC 4180): keys in the first line, then a line for each run; null and missing values are empty."""
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(keys)
    for record in records:
        values = (value_of(record, key) for key in keys)
        out.writerow(["" if value is None else value_text(value) for value in values])
    return text.getvalue()


def to_json(records: Sequence[Record], keys: Sequence[str]) -> str:
    """Format a JSON list with an object of dotted keys for each run; missing values are null."""
    return json.dumps(to_rows(records, keys), indent=2, allow_nan=False) + "\n"


def to_rows(records: Sequence[Record], keys: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the objects of `to_json`."""
    return [{key: value_of(record, key) for key in keys} for record in records]


def short_name(record: Record) -> str:
    """Return the random digits at the end of the run's name, which the commands accept for the run."""
    return str(record["run_id"]).rpartition("-")[2]


def layout(record: Record) -> str:
    """Format ranks x threads per rank."""
    return f"{_text(record, 'layout.ranks')} x {_text(record, 'layout.threads_per_rank')}"


def mean_rate_hz(record: Record) -> float | None:
    """Return spikes divided by neurons and model time, 1/s; None if unknown."""
    spikes, neurons, time_ms = (number_of(record, key) for key in ("spikes", "model.neurons", "time.model_time_ms"))
    return None if spikes is None or not neurons or not time_ms else spikes / (neurons * time_ms * 1e-3)


def _of_key(heading: str, key: str, records: Sequence[Record]) -> Column:
    numbers = all(value_of(record, key) is None or number_of(record, key) is not None for record in records)
    return Column(heading, [_text(record, key) for record in records], "r" if numbers else "l")


def _rounded(key: str, records: Sequence[Record]) -> Column:
    return Column(key, [TEXT.figures(number_of(record, key)) for record in records], "r")


def _table(columns: Sequence[Column]) -> str:
    rows = zip(*([column.heading, *column.cells] for column in columns), strict=True)
    return aligned(list(rows), "".join(column.side for column in columns))


def _text(record: Record, key: str) -> str:
    value = value_of(record, key)
    return "-" if value is None else value_text(value)


def _when(record: Record) -> str:
    return _text(record, "provenance.started_utc")[:16].replace("T", " ")


def _hosts(record: Record) -> str:
    hosts = value_of(record, "layout.hosts")
    more = f" +{len(hosts) - 1}" if isinstance(hosts, list) and len(hosts) > 1 else ""
    return _text(record, "provenance.host") + more
