"""Distances between spike trains in the record of a study (``train_distances``), and as text."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchnn.declared_types import declared, from_text
from benchnn.statistics.train_distances import (
    MEASURES,
    ONE_NEURON,
    DistanceSettings,
    Estimate,
    PopulationDistances,
    train_distances,
    window_ms,
)
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.errors import require
from simcore.recording.spikes import Spikes

OPTIONS = tuple(declared(DistanceSettings))
"""Options of the commands that compare spike trains."""


@dataclass(frozen=True)
class ComparedTrains:
    """Two recordings, and the distances of their spike trains.

    Parameters
    ----------
    candidate, reference
        Names of simulators or files.
    window_ms
        Length of the part with van Rossum and Victor-Purpura distances.
    populations
        The distances by population.
    """

    candidate: str
    reference: str
    window_ms: float
    populations: Mapping[str, PopulationDistances]


@dataclass(frozen=True)
class TrainComparison:
    """All compared pairs of recordings, the settings, and the reason if there are no pairs."""

    settings: DistanceSettings
    pairs: Sequence[ComparedTrains]
    why_none: str


def settings_from_text(given: Mapping[str, str | None], used: bool, why_not: str) -> DistanceSettings:
    """Read the settings from the command line.

    Parameters
    ----------
    given
        `OPTIONS` as text; None if not given.
    used
        Whether spike trains are compared.
    why_not
        Reason why they are not compared, for the refusal of options.

    Raises
    ------
    InputError
        If an option is not allowed.
    """
    known = declared(DistanceSettings)
    values: dict[str, Any] = {}
    for name, text in given.items():
        if text is not None:
            require(used, name, text, why_not)
            values[name] = from_text(text, known[name].type, name)
    return DistanceSettings(**values)


def compared_trains(
    candidate: str, found: Spikes, reference: str, expected: Spikes, settings: DistanceSettings
) -> ComparedTrains:
    """Compare two named recordings."""
    return ComparedTrains(candidate, reference, window_ms(expected), train_distances(found, expected, settings))


def to_record(comparison: TrainComparison) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Return the value of ``train_distances``, and reasons for nulls by dotted key of the whole record."""
    if not comparison.pairs:
        return None, {"train_distances": comparison.why_none}
    pairs: list[dict[str, Any]] = []
    reasons: dict[str, str] = {}
    for number, pair in enumerate(comparison.pairs):
        populations: dict[str, Any] = {}
        for name, distances in pair.populations.items():
            place = f"train_distances.pairs.{number}.populations.{name}"
            populations[name] = {measure: _estimate(distances.estimates[measure]) for measure in MEASURES}
            reasons |= {f"{place}.{measure}": why for measure, why in distances.reasons.items()}
            single = [measure for measure, value in distances.estimates.items() if value and value.interval is None]
            reasons |= {f"{place}.{measure}.{end}": ONE_NEURON for measure in single for end in ("low", "high")}
        pairs.append({"candidate": pair.candidate, "reference": pair.reference, "populations": populations})
    return {**asdict(comparison.settings), "window_ms": comparison.pairs[0].window_ms, "pairs": pairs}, reasons


def _estimate(found: Estimate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    low, high = found.interval or (None, None)
    return {"mean": found.mean, "low": low, "high": high, "neurons": found.neurons}


def to_text(record: Mapping[str, Any]) -> str:
    """Format a table for each pair of recordings; empty if spike trains were not compared."""
    part = record["train_distances"]
    if part is None:
        return ""
    titles = (
        f"coincident within {part['coincidence_steps']} steps",
        f"van Rossum, {part['van_rossum_tau_ms']:g} ms",
        f"Victor-Purpura, {part['victor_purpura_cost_hz']:g} 1/s",
    )
    blocks = []
    for pair in part["pairs"]:
        rows: list[tuple[str, ...]] = [("spike trains", *titles)]
        for name, measures in pair["populations"].items():
            rows.append((f"  {name}", *(_cell(measures[measure]) for measure in MEASURES)))
        names = f"{pair['candidate']} against {pair['reference']}"
        blocks.append(f"{names}, mean over neurons [95 % interval]\n{aligned(rows, 'lrrr')}")
    reasons = record["reasons"].items()
    unknown = (why for key, why in reasons if key.startswith("train_distances.") and why != ONE_NEURON)
    return "".join([*blocks, *(f"unknown: {why}\n" for why in dict.fromkeys(unknown))])


def _cell(value: Mapping[str, Any] | None) -> str:
    if value is None:
        return TEXT.absent
    return f"{TEXT.figures(value['mean'])} [{TEXT.figures(value['low'], 3)}, {TEXT.figures(value['high'], 3)}]"
