"""Results of trials of one network, as a record and as a table that uses only the record."""

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from benchnn.record.result import Result
from benchnn.studies.trials import Trials, trial_folder
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.display.words import counted

SCHEMA_VERSION = 1
MEASURES = ("spikes", "active_neurons", "real_time_factor")
HEAD = ("seed", "spikes", "active neurons", "real-time factor", "")
PARTS = ("mean", "sd")


def make_record(trials: Trials, planned: int, command: Sequence[str]) -> dict[str, Any]:
    """Return the record: one entry for each trial, and mean and standard deviation over complete trials.

    Parameters
    ----------
    trials
        The outcome of at least one trial.
    planned
        Number of planned trials.
    command
        The command line.
    """
    first, whole = trials.results[0], [one for one in trials.results if not one.interrupted]
    time = (whole or trials.results)[0].time
    rows = [_row(one, trials) for one in trials.results]
    over = [row for row in rows if not row["interrupted"]]
    return {
        "schema_version": SCHEMA_VERSION,
        "command": list(command),
        "folder": str(trials.folder),
        "model": {
            "name": first.model.name,
            "parameters": first.model.parameters,
            "neurons": first.model.neurons,
            "synapses": first.model.synapses,
        },
        "time": {name: time[name] for name in ("model_time_ms", "warmup_ms")},
        "construction_s": first.wall_s["construction"].max,
        "planned_trials": planned,
        "interrupted_by": trials.stopped_by,
        "trials": rows,
        **{name: _spread([row[name] for row in over]) for name in MEASURES},
        "populations": {name: _population(whole, name) for name in first.model.populations},
    }


def _row(result: Result, trials: Trials) -> dict[str, Any]:
    active = result.active_neurons
    return {
        "seed": result.seed,
        "folder": str(trial_folder(trials.folder, result.seed)),
        "interrupted": result.interrupted,
        "spikes": result.spikes,
        "active_neurons": None if active is None else sum(active.values()),
        "real_time_factor": result.real_time_factor,
        "construction_s": result.wall_s["construction"].max,
        "spike_digest": result.spike_digest,
    }


def _population(results: Sequence[Result], name: str) -> dict[str, Any]:
    rates = [None if one.mean_rate_hz is None else one.mean_rate_hz[name] for one in results]
    active = [None if one.active_neurons is None else one.active_neurons.get(name) for one in results]
    return {"mean_rate_hz": _spread(rates), "active_neurons": _spread(active)}


def _spread(values: Sequence[float | None]) -> dict[str, float | None] | None:
    """Mean and sample standard deviation over trials; None if a value is unknown."""
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    return {"mean": fmean(known), "sd": stdev(known) if len(known) > 1 else None}


def to_text(record: Mapping[str, Any]) -> str:
    """Format the network, one line for each trial, mean and standard deviation, and populations."""
    model, time, rows = record["model"], record["time"], record["trials"]
    seeds = [row["seed"] for row in rows]
    which = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    lines = [
        f"{model['name']}: {model['neurons']:,} neurons, {model['synapses']:,} synapses, "
        f"{counted(len(rows), 'trial')} ({which}) of {TEXT.milliseconds(time['model_time_ms'])} after "
        f"{TEXT.milliseconds(time['warmup_ms'])} of warm-up",
        f"constructed once, in {TEXT.seconds(record['construction_s'])}",
        "",
        aligned([HEAD, *map(_cells, rows), *_means(record)], "rrrrl"),
    ]
    return "\n".join([*lines, _populations(record)])


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    counts = (TEXT.count(row[name]) for name in ("spikes", "active_neurons"))
    return (str(row["seed"]), *counts, TEXT.figures(row["real_time_factor"]), "stopped" if row["interrupted"] else "")


def _means(record: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [(part, *(TEXT.figures((record[name] or {}).get(part), 6) for name in MEASURES), "") for part in PARTS]


def _populations(record: Mapping[str, Any]) -> str:
    rows = [("population", "active neurons", "sd", "rate (1/s)", "sd")]
    for name, one in record["populations"].items():
        spreads = [one[key] or {} for key in ("active_neurons", "mean_rate_hz")]
        cells = (TEXT.figures(spread.get(part)) for spread in spreads for part in PARTS)
        rows.append((name, *cells))
    return aligned(rows, "lrrrr")
