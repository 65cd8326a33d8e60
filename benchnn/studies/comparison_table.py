"""The record of a comparison (``comparison.json``) and its text, which uses only the record.

A value that was not measured is null, and `reasons` of the same object contains the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchnn.record.keys import reason_of, value_of
from benchnn.statistics.median_interval import FEWEST, median_interval
from benchnn.statistics.statistics import CORRELATION, CV, RATE
from benchnn.studies import train_distances_table
from benchnn.studies.spread import median_of, spread_of
from benchnn.studies.train_distances_table import TrainComparison
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned

SCHEMA_VERSION = 1
MEASURES = {
    "real_time_factor": "real_time_factor",
    "propagation_s": "wall_s.propagation.max",
    "construction_s": "wall_s.construction.max",
    "preparation_s": "wall_s.preparation.max",
    "compile_s": "wall_s.compile.max",
    "peak_rss_bytes": "memory_bytes.peak_rss.sum",
    "synapses": "model.synapses",
    "spikes": "spikes",
    "propagation_j": "energy.propagation_j",
}
"""Key of ``result.json`` of each measure."""
IN_TABLE = {
    "real-time factor": ("real_time_factor", 1.0),
    "construction (s)": ("construction_s", 1.0),
    "memory (GB)": ("peak_rss_bytes", 1e-9),
    "energy (J)": ("propagation_j", 1.0),
}
"""Measures whose intervals the text shows, with factors to their units, by heading."""


@dataclass(frozen=True)
class Compared:
    """A finished run: its simulator, its record or the reason why it is missing, and whether it recorded spikes."""

    simulator: str
    repeat: int
    folder: str
    command: list[str]
    recorded: bool
    record: Mapping[str, Any] | None
    error: str | None


@dataclass(frozen=True)
class Comparison:
    """The request, and facts about the machine.

    Parameters
    ----------
    command
        The command line.
    model, parameters
        The network.
    drives
        Names of the network's drives: times with a direct current and with Poisson input are not comparable.
    simulators
        Simulators in order; times are also given as ratios to the first.
    connectivity
        ``statistical`` or ``exact``.
    repeats, threads
        Runs of each simulator, and threads of each run.
    cpu_model
        Processor of this machine; None if unknown.
    stream_triad_gb_s
        Memory bandwidth before the first and after the latest run.
    """

    command: list[str]
    model: str
    parameters: Mapping[str, Any]
    drives: tuple[str, ...]
    simulators: tuple[str, ...]
    connectivity: str
    repeats: int
    threads: int
    seed: int
    time_ms: float
    warmup_ms: float
    cpu_model: str | None
    stream_triad_gb_s: tuple[float, ...]


NO_STATISTIC = {
    RATE: "the recording is empty",
    CV: "none of the neurons has three spikes at different times",
    CORRELATION: "fewer than two of the chosen neurons have varying spike counts",
}
"""Reasons for null means of statistics."""


def make_record(
    comparison: Comparison,
    runs: Sequence[Compared],
    statistics: Mapping[str, Mapping[str, Mapping[str, float | None]]],
    agreement: Sequence[Mapping[str, Any]],
    trains: TrainComparison,
    interrupted_by: str | None,
) -> dict[str, Any]:
    """Return the record of all finished runs.

    Parameters
    ----------
    comparison
        The request.
    runs
        The finished runs.
    statistics
        Values by simulator, population and statistic, from the runs that recorded spikes.
    agreement
        Exact connectivity: for each other simulator the agreement of its spikes with the spikes of the first.
    trains
        Exact connectivity: the distances of their spike trains.
    interrupted_by
        Name of the signal that interrupted the comparison.
    """
    rows = {name: _row([run for run in runs if run.simulator == name]) for name in comparison.simulators}
    first = rows[comparison.simulators[0]]["real_time_factor"]
    for row in rows.values():
        own = row["real_time_factor"]
        row["ratio_to_first"] = None if own is None or first is None else own["median"] / first["median"]
        if row["ratio_to_first"] is None:
            row["reasons"]["ratio_to_first"] = "one of the real-time factors was not measured"
    triad = comparison.stream_triad_gb_s
    distances, reasons = train_distances_table.to_record(trains)
    return {
        "schema_version": SCHEMA_VERSION,
        "command": comparison.command,
        "interrupted_by": interrupted_by,
        "model": {"name": comparison.model, "parameters": dict(comparison.parameters)},
        "drives": list(comparison.drives),
        "connectivity": comparison.connectivity,
        "repeats": comparison.repeats,
        "threads": comparison.threads,
        "seed": comparison.seed,
        "time": {"model_time_ms": comparison.time_ms, "warmup_ms": comparison.warmup_ms},
        "machine": {"cpu_model": comparison.cpu_model, "stream_triad_gb_s": list(triad)},
        "simulators": rows,
        "statistics": {name: dict(values) for name, values in statistics.items()},
        "reasons": {
            f"statistics.{name}.{population}.{statistic}": NO_STATISTIC[statistic]
            for name, populations in statistics.items()
            for population, values in populations.items()
            for statistic, value in values.items()
            if value is None
        }
        | reasons,
        "agreement": [dict(entry) for entry in agreement],
        "train_distances": distances,
        "runs": [
            {
                "simulator": run.simulator,
                "repeat": run.repeat,
                "recorded": run.recorded,
                "folder": run.folder,
                "command": run.command,
                "error": run.error,
                "real_time_factor": value_of(run.record, "real_time_factor"),
            }
            for run in runs
        ],
    }


def _row(runs: Sequence[Compared]) -> dict[str, Any]:
    """One simulator: version, mode, and median with interval, minimum and maximum of each measure over timed runs."""
    timed = [run.record for run in runs if run.record is not None and not run.recorded]
    errors = list(dict.fromkeys(run.error for run in runs if run.error is not None))
    known = [run.record for run in runs if run.record is not None][:1]
    row: dict[str, Any] = {
        key: value_of(known[0], f"simulator.{key}") if known else None for key in ("version", "mode")
    }
    row["differences"] = value_of(known[0], "simulator.differences") if known else None
    row["runs"] = len(timed)
    reasons: dict[str, str] = {}
    for measure, key in MEASURES.items():
        values = [value for record in timed if (value := value_of(record, key)) is not None]
        spread, interval = spread_of(values), median_interval(values)
        if spread is None:
            row[measure] = None
            why_null = [why for record in timed if (why := reason_of(record, key)) is not None]
            reasons[measure] = (errors or why_null or ["no run has finished"])[0]
            continue
        row[measure] = {**spread, "interval_95": None if interval is None else vars(interval)}
        if interval is None:
            reasons[f"{measure}.interval_95"] = f"the interval of a median requires {FEWEST} values, not {len(values)}"
    row["reasons"] = reasons
    return row


def to_text(record: Mapping[str, Any]) -> str:
    """Format the comparison as text."""
    trains = train_distances_table.to_text(record)
    times = (_times(record), _intervals(record))
    blocks = [_head(record), *times, _statistics(record), _agreement(record), trains, _failures(record)]
    return "\n".join(block for block in blocks if block)


def _head(record: Mapping[str, Any]) -> str:
    model, time = record["model"], record["time"]
    triad = record["machine"]["stream_triad_gb_s"]
    bandwidth = " - ".join(f"{value:.1f}" for value in dict.fromkeys((min(triad), max(triad)))) if triad else "unknown"
    drives = ", ".join(record["drives"]) or "none"
    return (
        f"{model['name']}, drive: {drives}; {time['model_time_ms']:g} ms after {time['warmup_ms']:g} ms, "
        f"{record['threads']} threads, seed {record['seed']}, {record['connectivity']} connectivity\n"
        f"{record['machine']['cpu_model'] or 'unknown processor'}, STREAM triad {bandwidth} GB/s\n"
    )


def _times(record: Mapping[str, Any]) -> str:
    rows = [
        (
            "simulator",
            "real-time factor",
            "spread",
            "ratio",
            "construction (s)",
            "compile (s)",
            "memory (GB)",
            "spikes",
            "energy (J)",
        )
    ]
    for name, row in record["simulators"].items():
        rtf = row["real_time_factor"]
        built = [median_of(row, part) for part in ("preparation_s", "construction_s")]
        rows.append(
            (
                " ".join(str(part) for part in (name, row["version"], row["mode"]) if part is not None),
                TEXT.figures(median_of(row, "real_time_factor")),
                "-" if rtf is None else f"{TEXT.figures(rtf['min'])} - {TEXT.figures(rtf['max'])}",
                TEXT.figures(row["ratio_to_first"], 3),
                TEXT.fixed(None if None in built else sum(time for time in built if time is not None), 2),
                TEXT.fixed(median_of(row, "compile_s"), 2),
                TEXT.fixed(median_of(row, "peak_rss_bytes", 1e-9), 2),
                TEXT.count(median_of(row, "spikes")),
                TEXT.figures(median_of(row, "propagation_j")),
            )
        )
    return aligned(rows, "lrrrrrrrr")


def _intervals(record: Mapping[str, Any]) -> str:
    """The intervals of the medians, or the reason why there are none."""
    rows = [("95 % interval of the median", *IN_TABLE)]
    for name, row in record["simulators"].items():
        found = [(row[measure] and row[measure]["interval_95"], factor) for measure, factor in IN_TABLE.values()]
        rows.append((name, *(_interval(one, factor) for one, factor in found)))
    if any(cell != "-" for _, *cells in rows[1:] for cell in cells):
        return aligned(rows, "lrrrr")
    missing = [row["reasons"].get("real_time_factor.interval_95") for row in record["simulators"].values()]
    why = next(filter(None, missing), None)
    return f"no 95 % intervals: {why}\n" if why else ""


def _interval(interval: Mapping[str, float] | None, factor: float) -> str:
    if interval is None:
        return "-"
    return f"{TEXT.figures(interval['low'] * factor)} - {TEXT.figures(interval['high'] * factor)}"


def _statistics(record: Mapping[str, Any]) -> str:
    """Rate, irregularity and correlation of each population in one table."""
    found = record["statistics"]
    if not found:
        return ""
    names = list(found)
    populations = list(found[names[0]])
    kinds = list(found[names[0]][populations[0]])
    lines = []
    for kind in kinds:
        rows = [(kind, *names)]
        for population in populations:
            values = [found[name][population][kind] for name in names]
            rows.append((f"  {population}", *map(TEXT.figures, values)))
        lines.append(aligned(rows, "l" + "r" * len(names)))
    return "\n".join(lines)


def _agreement(record: Mapping[str, Any]) -> str:
    lines = []
    for entry in record["agreement"]:
        pair = f"{entry['simulator']} against {entry['reference']}"
        if entry["first_difference"] is None:
            lines.append(f"{pair}: all {entry['equal_spikes']:,} spikes are equal\n")
            continue
        first = entry["first_difference"]
        lines.append(
            f"{pair}: {entry['equal_spikes']:,} spikes are equal; at {first['time_ms']:g} ms neuron "
            f"{first['neuron']} of {first['population']} spikes only in {first['spikes_in']}\n"
        )
    return "".join(lines)


def _failures(record: Mapping[str, Any]) -> str:
    failed = [run for run in record["runs"] if run["error"] is not None]
    lines = [f"{run['simulator']} (run {run['repeat']}) failed: {run['error']}\n" for run in failed]
    notes = [
        f"{name} differs: {difference}\n"
        for name, row in record["simulators"].items()
        for difference in row["differences"] or ()
    ]
    return "".join(notes + lines)
