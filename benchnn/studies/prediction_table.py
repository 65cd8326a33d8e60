"""The prediction in ``scaling.json``, and its text and CSV, which use only the record."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchnn.interconnects.exchange_time import CommunicationModel
from benchnn.studies.prediction_band import CONFIDENCE, Pair, band_factor, contained
from benchnn.studies.prediction_values import (
    MEASURES,
    PARTS,
    TIMES,
    Predicted,
    measured_values,
    predicted_values,
)
from benchnn.studies.scaling_table import Layout
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned

NOT_BOTH = "none of the layouts was both run and predicted"


@dataclass(frozen=True)
class Played:
    """A played rank.

    Parameters
    ----------
    rank
        Number of the rank.
    expected_events_per_s
        Expected synaptic events of this rank per second of model time, from rates and in-degrees.
    folder, command, exit_code, error, record
        As in `benchnn.studies.scaling_table.Run`; the record is a ``dry_run.json``.
    """

    rank: int
    expected_events_per_s: float
    folder: str
    command: list[str]
    exit_code: int | None
    error: str | None
    record: Mapping[str, Any] | None


@dataclass(frozen=True)
class PredictedLayout:
    """A layout with played ranks.

    Parameters
    ----------
    layout
        Ranks, threads and network.
    resolution_ms
        Time step of the network.
    costs
        Costs of messages; None with one rank.
    run_here
        Whether the layout is also run.
    real
        ``result.json`` of the successful runs.
    rates_hz, rates_source
        Rates of the other ranks' neurons, and their source.
    played
        The played ranks.
    error
        Reason why no rank could be played.
    """

    layout: Layout
    resolution_ms: float
    costs: CommunicationModel | None
    run_here: bool
    real: Sequence[Mapping[str, Any]]
    rates_hz: Mapping[str, float]
    rates_source: str | None
    played: tuple[Played, ...]
    error: str | None


def make_prediction(
    layouts: Sequence[PredictedLayout],
    costs: CommunicationModel | None,
    costs_here: CommunicationModel | None,
    usable_cpus: int,
    complete: bool,
) -> dict[str, Any]:
    """Return the record of a prediction.

    Parameters
    ----------
    layouts
        Finished layouts, beginning with layouts that were run.
    costs, costs_here
        Costs of messages on the machine of the prediction, and on the machine of the runs.
    usable_cpus
        CPUs of this host: the times of layouts with more threads are not valid measurements.
    complete
        Whether all layouts are finished.
    """
    predicted = [_predicted(one) for one in layouts]
    pairs = _pairs(layouts, predicted, usable_cpus)
    factors = {name: band_factor(pairs[name]) for name in MEASURES}
    tried = contained(pairs)
    rows = [_row(one, expected, factors) for one, expected in zip(layouts, predicted, strict=True)]
    _add_efficiencies(rows)
    return {
        "complete": complete,
        "communication": None if costs is None else asdict(costs),
        "communication_here": None if costs_here is None else asdict(costs_here),
        "confidence": CONFIDENCE,
        "band_factors": factors,
        "band_layouts": {name: len(pairs[name]) for name in MEASURES},
        "tried_values": tried.values,
        "tried_inside": tried.inside,
        "reasons": {f"band_factors.{name}": NOT_BOTH for name in MEASURES if not pairs[name]},
        "rows": rows,
    }


def _predicted(one: PredictedLayout) -> Predicted | None:
    records = [played.record for played in one.played if played.record is not None]
    return predicted_values(records, one.resolution_ms, one.layout.ranks, one.costs) if records else None


def _pairs(
    layouts: Sequence[PredictedLayout], predicted: Sequence[Predicted | None], usable_cpus: int
) -> dict[str, list[Pair]]:
    """Predicted and measured values of layouts that were run, by measure."""
    pairs: dict[str, list[Pair]] = {name: [] for name in MEASURES}
    for one, expected in zip(layouts, predicted, strict=True):
        measured = measured_values(one.real)
        for name in MEASURES if expected is not None else ():
            shared = name in TIMES and one.layout.cores > usable_cpus
            if expected is not None and not shared and measured.get(name, 0.0) > 0.0 and expected.values[name] > 0.0:
                pairs[name].append(Pair(one.layout.name, expected.values[name], measured[name]))
    return pairs


def _row(one: PredictedLayout, expected: Predicted | None, factors: Mapping[str, float | None]) -> dict[str, Any]:
    measured = measured_values(one.real)
    why = next((played.error for played in one.played if played.error is not None), one.error) or "no rank was run"
    row: dict[str, Any] = {
        "layout": one.layout.name,
        "ranks": one.layout.ranks,
        "threads": one.layout.threads,
        "cores": one.layout.cores,
        "network_factor": one.layout.network_factor,
        "grown": dict(one.layout.grown),
        "neurons": one.layout.neurons,
        "run_here": one.run_here,
        "rates_hz": dict(one.rates_hz),
        "rates_source": one.rates_source,
    }
    for name in MEASURES:
        row[name] = None if expected is None else _value(expected.values[name], factors[name], measured.get(name))
    row["real_time_factor_hidden"] = None if expected is None else expected.hidden
    row["parts_us_per_step"] = None if expected is None else dict(expected.parts_us)
    row["reasons"] = (
        dict.fromkeys((*MEASURES, "real_time_factor_hidden", "parts_us_per_step"), why) if expected is None else {}
    )
    row["played"] = [_played(played) for played in one.played]
    return row


def _value(predicted: float, factor: float | None, measured: float | None) -> dict[str, float | None]:
    low, high = (None, None) if factor is None else (predicted / factor, predicted * factor)
    return {"predicted": predicted, "low": low, "high": high, "measured": measured}


def _played(played: Played) -> dict[str, Any]:
    record = played.record
    return {
        "rank": played.rank,
        "expected_events_per_s": played.expected_events_per_s,
        "command": played.command,
        "result": None if record is None else f"{played.folder}/dry_run.json",
        "log": f"{played.folder}.log",
        "exit_code": played.exit_code,
        "error": played.error,
        "real_time_factor": None if record is None else record["predicted"]["real_time_factor"],
    }


def _add_efficiencies(rows: Sequence[dict[str, Any]]) -> None:
    """Predicted efficiency relative to the prediction of the first layout; 1 for perfect scaling."""
    for row in rows:
        first, own = rows[0]["real_time_factor"], row["real_time_factor"]
        row["efficiency"] = None
        if first is None or own is None:
            row["reasons"]["efficiency"] = "this layout or the first layout could not be predicted"
            continue
        grown = row["network_factor"] / rows[0]["network_factor"]
        cores = row["cores"] / rows[0]["cores"]
        row["efficiency"] = first["predicted"] / own["predicted"] * grown / cores


def to_csv(prediction: Mapping[str, Any]) -> str:
    """Format one line for each layout; null values are empty."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    identity = ("layout", "ranks", "threads", "cores", "network_factor", "neurons", "run_here", "rates_source")
    parts = ("predicted", "low", "high", "measured")
    values = [f"{name}_{part}" for name in MEASURES for part in parts]
    steps = [f"{name}_us_per_step_part" for name in PARTS]
    out.writerow([*identity, "efficiency", "real_time_factor_hidden", *values, *steps])
    for row in prediction["rows"]:
        expected = [None if row[name] is None else row[name][part] for name in MEASURES for part in parts]
        shares = [None if row["parts_us_per_step"] is None else row["parts_us_per_step"][name] for name in PARTS]
        own = [row[name] for name in identity]
        out.writerow([*own, row["efficiency"], row["real_time_factor_hidden"], *expected, *shares])
    return text.getvalue()


def to_text(prediction: Mapping[str, Any]) -> str:
    """Format predicted values with their band, and the parts of a step."""
    lines = ["", "prediction by dry runs, for a machine with " + _costs(prediction["communication"]), ""]
    heading = (
        "",
        "",
        "real-time factor",
        "",
        "",
        "",
        "us per step",
        "",
        "",
        "",
        "",
        "construction",
        "peak memory",
        "events",
    )
    names = (
        "ranks", "threads", "predicted", "band", "measured", "efficiency", *PARTS, "s", "GB per rank", "M/model s",
    )  # fmt: skip
    rows: list[tuple[str, ...]] = [heading, names]
    for row in prediction["rows"]:
        rtf, parts = row["real_time_factor"], row["parts_us_per_step"] or dict.fromkeys(PARTS)
        rows.append(
            (
                f"{row['ranks']:,}",
                str(row["threads"]),
                _of(rtf, "predicted"),
                _band(rtf),
                _of(rtf, "measured"),
                TEXT.share(row["efficiency"]),
                *(TEXT.figures(parts[name]) for name in PARTS),
                _of(row["construction_s"], "predicted"),
                _of(row["peak_rss_bytes"], "predicted", 1e-9),
                _of(row["events_per_model_s"], "predicted", 1e-6),
            )
        )
    lines += [aligned(rows, "rrrrrrrrrrrrrr").rstrip("\n"), *_band_lines(prediction)]
    lines += [
        f"FAILED {row['layout']}: {row['reasons']['real_time_factor']}"
        for row in prediction["rows"]
        if row["real_time_factor"] is None
    ]
    if not prediction["complete"]:
        lines.append("INTERRUPTED: the prediction is incomplete")
    return "\n".join(lines) + "\n"


def _costs(communication: Mapping[str, Any] | None) -> str:
    if communication is None:
        return "one rank"
    far = f"{TEXT.figures(communication['latency_us'])} us, {TEXT.figures(communication['bandwidth_gb_s'])} GB/s"
    per_node = communication["ranks_per_node"]
    shared = f", {per_node:,} ranks per node" if per_node > 1 else ""
    return f"{far}{shared} ({communication['source'].partition(';')[0]})"


def _of(value: Mapping[str, Any] | None, part: str, factor: float = 1.0) -> str:
    number = None if value is None else value[part]
    return "" if number is None and part == "measured" else TEXT.figures(None if number is None else number * factor)


def _band(value: Mapping[str, Any] | None) -> str:
    if value is None or value["low"] is None:
        return "none"
    return f"{TEXT.figures(value['low'])} - {TEXT.figures(value['high'])}"


def _band_lines(prediction: Mapping[str, Any]) -> list[str]:
    known = {name: factor for name, factor in prediction["band_factors"].items() if factor is not None}
    if not known:
        return [f"no band: {NOT_BOTH}"]
    layouts = prediction["band_layouts"]
    listed = ", ".join(f"{name} {factor:.3g} ({layouts[name]})" for name, factor in known.items())
    lines = [f"factor of the {prediction['confidence']:.0%} band (number of layouts that were run): {listed}"]
    if prediction["tried_values"]:
        lines.append(
            f"{prediction['tried_inside']} of {prediction['tried_values']} measured values are in the band that "
            "follows from the other layouts"
        )
    return lines
