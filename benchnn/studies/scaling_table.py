"""The record of a scaling series (``scaling.json``), and its text and CSV, which use only the record.

A value that was not measured is null, and `reasons` of the same object contains the reason.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchnn.record.keys import reason_of, value_of
from benchnn.studies.spread import median_of, spread_of
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned

SCHEMA_VERSION = 1
COPIED = {
    "synapses": "model.synapses",
    "real_time_factor": "real_time_factor",
    "construction_s": "wall_s.construction.max",
    "load_imbalance_update": "load_imbalance.update",
    "load_imbalance_deliver": "load_imbalance.deliver",
    "peak_rss_bytes": "memory_bytes.peak_rss.max",
    "synaptic_events_per_s": "synaptic_events_per_s",
    "energy_per_synaptic_event_uj": "energy_per_synaptic_event_uj",
}
"""Key in ``result.json`` of each measure; the largest value if it differs between ranks."""
PHASES = ("update", "deliver", "communicate")
MEASURES = (*COPIED, *(f"{phase}_share" for phase in PHASES), "mean_rate_hz")
IDENTITY = ("layout", "ranks", "threads", "cores", "network_factor", "oversubscribed", "neurons")
STATISTICS = ("median", "min", "max")


@dataclass(frozen=True)
class Layout:
    """Ranks, threads per rank, and the network that they simulate.

    Parameters
    ----------
    ranks, threads
        Number of processes, and number of threads of each.
    network_factor
        Growth of the network; 1 in strong scaling.
    grown
        Parameters that change with the growth.
    neurons
        Size of the network.
    """

    ranks: int
    threads: int
    network_factor: float
    grown: Mapping[str, Any]
    neurons: int

    @property
    def name(self) -> str:
        """Beginning of the names of the runs' folders."""
        return f"r{self.ranks:04d}-t{self.threads:03d}"

    @property
    def cores(self) -> int:
        """Total number of threads."""
        return self.ranks * self.threads


@dataclass(frozen=True)
class Series:
    """The requested series.

    Parameters
    ----------
    command
        The command line.
    kind
        ``strong`` or ``weak``.
    model, parameters
        The network of the first layout.
    scaled
        Description of the parameters that grow and of those that do not.
    layouts, seeds
        Layouts and seeds; all pairs are run.
    usable_cpus
        Usable CPUs of this host, limited by a quota of CPU time or by Slurm.
    """

    command: list[str]
    kind: str
    model: str
    parameters: Mapping[str, Any]
    scaled: str
    layouts: tuple[Layout, ...]
    seeds: tuple[int, ...]
    usable_cpus: int


@dataclass(frozen=True)
class Run:
    """A run that is over.

    Parameters
    ----------
    layout, seed
        Layout and seed of the run.
    folder
        Its folder, relative to the folder of the series.
    command
        The command that was started.
    exit_code
        Exit code; negative if a signal killed the run, None if it could not be started.
    error
        Reason for a missing record.
    record
        Its ``result.json``.
    """

    layout: Layout
    seed: int
    folder: str
    command: list[str]
    exit_code: int | None
    error: str | None
    record: Mapping[str, Any] | None


def make_record(
    series: Series, runs: Sequence[Run], interrupted_by: str | None, prediction: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the record of a series with the finished `runs`.

    Parameters
    ----------
    series
        The requested series.
    runs
        Finished runs, including failed runs.
    interrupted_by
        Name of the signal that interrupted the series.
    prediction
        See `benchnn.studies.prediction_table.make_prediction`; None without a prediction.
    """
    rows = [_row(layout, [run for run in runs if run.layout == layout], series) for layout in series.layouts]
    for row in rows:
        _add_efficiency(row, rows[0], series.kind)
    about = {name: value for name, value in asdict(series).items() if name != "layouts"}
    about["parameters"] = {name: _plain(value) for name, value in series.parameters.items()}
    return {
        "schema_version": SCHEMA_VERSION,
        **about,
        "complete": len(runs) == len(series.layouts) * len(series.seeds),
        "interrupted_by": interrupted_by,
        "errors": disagreements(runs),
        "rows": rows,
        "prediction": prediction,
    }


def _plain(value: Any) -> Any:
    """Convert a parameter for JSON: infinities and other objects to text."""
    known = value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value))
    return value if known else str(value)


def disagreements(runs: Sequence[Run]) -> list[str]:
    """List digests that differ for the same network and seed, which violates the guarantee of the simulator."""
    errors = []
    groups: dict[tuple[float, int], list[Run]] = {}
    for run in runs:
        if run.record is not None:
            groups.setdefault((run.layout.network_factor, run.seed), []).append(run)
    for (_, seed), group in groups.items():
        for what in ("network", "spike"):
            found = {run.layout.name: str(value_of(run.record, f"{what}_digest")) for run in group}
            if len(set(found.values())) > 1:
                listed = ", ".join(f"{name} {digest}" for name, digest in found.items())
                errors.append(f"the {what} digest of seed {seed} depends on the layout: {listed}")
    return errors


def _measured(record: Mapping[str, Any]) -> tuple[dict[str, float | None], dict[str, str]]:
    """Measures of one run, and reasons for null values."""
    values = {name: value_of(record, key) for name, key in COPIED.items()}
    sources = dict(COPIED)
    wall_s = value_of(record, "wall_s.propagation.max")
    for phase in PHASES:
        # The mean over threads, as a share of the time of the slowest rank.
        seconds = value_of(record, f"phases_s.{phase}.mean")
        values[f"{phase}_share"] = seconds / wall_s if seconds is not None and wall_s else None
        sources[f"{phase}_share"] = f"phases_s.{phase}"
    spikes, neurons, time_ms = (value_of(record, key) for key in ("spikes", "model.neurons", "time.model_time_ms"))
    values["mean_rate_hz"] = spikes / (neurons * time_ms * 1e-3) if spikes is not None and neurons and time_ms else None
    sources["mean_rate_hz"] = "mean_rate_hz"
    return values, {name: _why(record, sources[name]) for name, value in values.items() if value is None}


def _why(record: Mapping[str, Any], key: str) -> str:
    return reason_of(record, key) or f"{key} is not in result.json"


def _row(layout: Layout, runs: Sequence[Run], series: Series) -> dict[str, Any]:
    """One layout: statistics over the seeds, and the measurements of every run."""
    entries = [_entry(run) for run in runs]
    finished = [entry for entry in entries if entry["error"] is None]
    hosts = max((len(value_of(run.record, "layout.hosts") or [0]) for run in runs), default=1)
    row: dict[str, Any] = {
        "layout": layout.name,
        "ranks": layout.ranks,
        "threads": layout.threads,
        "cores": layout.cores,
        "network_factor": layout.network_factor,
        "grown": dict(layout.grown),
        # Other hosts are unknown; they are assumed to be like this host.
        "oversubscribed": layout.cores > hosts * series.usable_cpus,
        "neurons": layout.neurons,
    }
    reasons = {}
    for name in MEASURES:
        values = [entry[name] for entry in finished if entry[name] is not None]
        row[name] = spread_of(values)
        if not values:
            reasons[name] = finished[0]["reasons"][name] if finished else "all runs of this layout failed"
    return {**row, "reasons": reasons, "runs": entries}


def _entry(run: Run) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "seed": run.seed,
        "command": run.command,
        "result": None if run.record is None else f"{run.folder}/result.json",
        "log": f"{run.folder}.log",
        "exit_code": run.exit_code,
        "error": run.error,
    }
    digests = {name: value_of(run.record, name) for name in ("spike_digest", "network_digest")}
    if run.record is None:
        values: dict[str, float | None] = dict.fromkeys(MEASURES)
        reasons = dict.fromkeys((*MEASURES, *digests), "the run failed")
    else:
        values, reasons = _measured(run.record)
    return {**entry, **values, **digests, "reasons": reasons}


def _add_efficiency(row: dict[str, Any], first: Mapping[str, Any], kind: str) -> None:
    """Compute the speed relative to the first layout, per core (strong) or for a network that grows (weak).

    In both cases, 1 is perfect scaling.
    """
    row["efficiency"] = None
    if first["real_time_factor"] is None:
        row["reasons"]["efficiency"] = "the real-time factor of the first layout is unknown"
    elif row["real_time_factor"] is None:
        row["reasons"]["efficiency"] = row["reasons"]["real_time_factor"]
    else:
        cores = first["cores"] / row["cores"] if kind == "strong" else 1.0
        row["efficiency"] = first["real_time_factor"]["median"] / row["real_time_factor"]["median"] * cores


def to_csv(record: Mapping[str, Any]) -> str:
    """Format one line for each layout; null values are empty."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    measures = [f"{name}_{statistic}" for name in MEASURES for statistic in STATISTICS]
    out.writerow([*IDENTITY, "runs", "failed", "efficiency", *measures, "spike_digests"])
    for row in record["rows"]:
        digests = [f"{run['seed']}:{run['spike_digest']}" for run in row["runs"] if run["error"] is None]
        statistics = [None if row[name] is None else row[name][part] for name in MEASURES for part in STATISTICS]
        counts = [len(row["runs"]), sum(run["error"] is not None for run in row["runs"])]
        identity = [row[name] for name in IDENTITY]
        out.writerow([*identity, *counts, row["efficiency"], *statistics, " ".join(digests)])
    return text.getvalue()


def to_text(record: Mapping[str, Any]) -> str:
    """Format tables of speed, parts of the time, digests, and failures."""
    seeds = record["seeds"]
    of_seeds = f"seed {seeds[0]}" if len(seeds) == 1 else f"medians of {len(seeds)} seeds, span from lowest to highest"
    lines = [f"{record['kind']} scaling of {record['model']}: {record['scaled']}", of_seeds, ""]
    lines += [_speed(record), _parts(record), *_digest_lines(record)]
    lines += [
        f"FAILED {row['layout']}, seed {run['seed']}, {_exit(run['exit_code'])}: {run['error']} ({run['log']})"
        for row in record["rows"]
        for run in row["runs"]
        if run["error"] is not None
    ]
    lines += [f"ERROR: {error}" for error in record["errors"]]
    if record["interrupted_by"] is not None:
        lines.append(f"INTERRUPTED by {record['interrupted_by']}: the series is incomplete")
    return "\n".join(lines) + "\n"


def _speed(record: Mapping[str, Any]) -> str:
    heading = (
        "ranks",
        "threads",
        "neurons",
        "synapses",
        "RTF",
        "span",
        "efficiency",
        "M events/s",
        "uJ/event",
        "rate (1/s)",
        "",
    )
    rows: list[tuple[str, ...]] = [heading]
    for row in record["rows"]:
        rtf = row["real_time_factor"]
        span = f"{TEXT.figures(rtf['min'])} - {TEXT.figures(rtf['max'])}" if rtf and len(record["seeds"]) > 1 else ""
        rows.append(
            (
                str(row["ranks"]),
                str(row["threads"]),
                f"{row['neurons']:,}",
                TEXT.count(median_of(row, "synapses")),
                TEXT.figures(median_of(row, "real_time_factor")),
                span,
                TEXT.share(row["efficiency"]),
                TEXT.fixed(median_of(row, "synaptic_events_per_s", 1e-6), 1),
                TEXT.figures(median_of(row, "energy_per_synaptic_event_uj")),
                TEXT.fixed(median_of(row, "mean_rate_hz"), 3),
                _note(row, len(record["seeds"])),
            )
        )
    text = aligned(rows, "rrrrrrrrrrl")
    if any(row["oversubscribed"] for row in record["rows"]):
        cpus = record["usable_cpus"]
        text += f"OVERSUBSCRIBED: more threads than usable CPUs of this host ({cpus}); these times are not valid\n"
    return text


def _parts(record: Mapping[str, Any]) -> str:
    """Shares of the state propagation; load imbalance is the busiest thread's time over the mean."""
    rows: list[tuple[str, ...]] = [
        ("", "", "construction", "share of propagation", "", "", "load imbalance", "", "peak memory"),
        ("ranks", "threads", "s", "update", "deliver", "communicate", "update", "deliver", "MB per rank"),
    ]
    for row in record["rows"]:
        cells = [TEXT.share(median_of(row, f"{phase}_share")) for phase in PHASES]
        cells += [TEXT.fixed(median_of(row, f"load_imbalance_{phase}"), 3) for phase in ("update", "deliver")]
        peak = TEXT.count(None if row["peak_rss_bytes"] is None else row["peak_rss_bytes"]["max"] / 1e6)
        built = TEXT.fixed(median_of(row, "construction_s"), 3)
        rows.append((str(row["ranks"]), str(row["threads"]), built, *cells, peak))
    return aligned(rows, "rrrrrrrrr")


def _digest_lines(record: Mapping[str, Any]) -> list[str]:
    """Each spike digest with its number of layouts."""
    found: dict[tuple[int, float, str], int] = {}
    for row in record["rows"]:
        for run in row["runs"]:
            if run["error"] is None:
                key = (run["seed"], row["network_factor"], str(run["spike_digest"]))
                found[key] = found.get(key, 0) + 1
    weak = record["kind"] == "weak"
    rows = [
        ("spike digest", f"seed {seed}", f"network x {factor:g}" if weak else "", digest, f"on {number} layouts")
        for (seed, factor, digest), number in found.items()
    ]
    return aligned(rows, "lllll").replace("on 1 layouts", "on 1 layout").splitlines() if rows else []


def _note(row: Mapping[str, Any], seeds: int) -> str:
    failed = sum(run["error"] is not None for run in row["runs"])
    notes = ["OVERSUBSCRIBED"] if row["oversubscribed"] else []
    notes += [f"{failed} of {seeds} FAILED"] if failed else []
    notes += [f"{seeds - len(row['runs'])} of {seeds} not run"] if len(row["runs"]) < seeds else []
    return ", ".join(notes)


def _exit(code: int | None) -> str:
    if code is None:
        return "not started"
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
