"""Predicted values of a layout, from dry runs of some of its ranks, and measured values of real runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

from benchnn.interconnects.exchange_time import CommunicationModel
from benchnn.record.keys import number_of
from benchnn.running.dry_run_prediction import Measured, prediction

TIMES = ("real_time_factor", "deliver_us_per_step", "update_us_per_step", "construction_s")
"""Measures that are not comparable if threads share CPUs."""
MEASURES = (*TIMES, "peak_rss_bytes", "spikes_per_model_s", "events_per_model_s", "bytes_sent_per_exchange")
PARTS = ("deliver", "update", "exchange", "unpack", "other")
"""Parts of a step; `other` is the time of the loop itself and of waits of threads for each other."""


@dataclass(frozen=True)
class Predicted:
    """Predicted values of a layout, from the played ranks.

    Parameters
    ----------
    values
        Values of `MEASURES`: times and memory of the rank that needs most, spikes and events of all ranks.
    parts_us
        Times of `PARTS` in a step of the slowest rank.
    hidden
        Real-time factor with the largest possible overlap of exchange and delivery.
    """

    values: dict[str, float]
    parts_us: dict[str, float]
    hidden: float


def predicted_values(
    records: Sequence[Mapping[str, Any]], resolution_ms: float, ranks: int, model: CommunicationModel | None
) -> Predicted:
    """Combine the dry runs of a layout.

    Parameters
    ----------
    records
        Their records, at least one.
    resolution_ms
        Time step of the network.
    ranks
        Number of ranks of the layout.
    model
        Costs of messages; None with one rank.
    """
    measured = [Measured.of_record(record["measured"]) for record in records]
    predictions = [
        prediction(resolution_ms, ranks, record["exchange"], model, one)
        for record, one in zip(records, measured, strict=True)
    ]
    slowest = max(range(len(predictions)), key=lambda rank: float(predictions[rank]["real_time_factor"]))
    values = {
        "real_time_factor": predictions[slowest]["real_time_factor"],
        "deliver_us_per_step": 1e6 * max(one.deliver_s_per_step for one in measured),
        "update_us_per_step": 1e6 * max(one.update_s_per_step for one in measured),
        "construction_s": max(one.construction_s for one in measured),
        "peak_rss_bytes": max(one["memory_per_rank_bytes"] for one in predictions),
        "spikes_per_model_s": mean(one["spikes_per_model_s"] for one in predictions),
        "events_per_model_s": mean(one["events_per_model_s"] for one in predictions),
        "bytes_sent_per_exchange": mean(one["bytes_sent_per_exchange"] for one in predictions),
    }
    return Predicted(
        values,
        _parts_us(ranks, measured[slowest], predictions[slowest]),
        max(one["real_time_factor_hidden"] for one in predictions),
    )


def _parts_us(ranks: int, measured: Measured, prediction: Mapping[str, Any]) -> dict[str, float]:
    deliver, update = 1e6 * measured.deliver_s_per_step, 1e6 * measured.update_s_per_step
    return {
        "deliver": deliver,
        "update": update,
        "exchange": prediction["exchange_us"] * measured.exchanges_per_step(ranks),
        "unpack": 1e6 * sum(one.unpack_s_per_exchange / one.interval_steps for _, one in measured.exchanges(ranks)),
        "other": max(0.0, 1e6 * measured.work_s_per_step - deliver - update),
    }


def measured_values(records: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return medians of the same measures over real runs of a layout, without measures that were not measured.

    Parameters
    ----------
    records
        Their ``result.json``.
    """
    of_runs = [_of_run(record) for record in records]
    found = {name: [run[name] for run in of_runs if run[name] is not None] for name in MEASURES}
    return {name: median(values) for name, values in found.items() if values}


def _of_run(record: Mapping[str, Any]) -> dict[str, Any]:
    def number(key: str) -> float | None:
        return number_of(record, key)

    def ratio(above: float | None, below: float | None, factor: float = 1.0) -> float | None:
        return None if above is None or not below else above / below * factor

    timed_ms, step_ms, model_s = number("time.timed_ms"), number("model.resolution_ms"), number("time.model_time_ms")
    steps = ratio(timed_ms, step_ms)
    return {
        "real_time_factor": number("real_time_factor"),
        "deliver_us_per_step": ratio(number("phases_s.deliver.max"), steps, 1e6),
        "update_us_per_step": ratio(number("phases_s.update.max"), steps, 1e6),
        "construction_s": number("wall_s.construction.max"),
        "peak_rss_bytes": number("memory_bytes.peak_rss.max"),
        "spikes_per_model_s": ratio(number("spikes"), model_s, 1e3),
        "events_per_model_s": ratio(number("synaptic_events"), model_s, 1e3),
        "bytes_sent_per_exchange": ratio(
            number("communication.bytes_sent.mean"), number("communication.exchanges.mean")
        ),
    }
