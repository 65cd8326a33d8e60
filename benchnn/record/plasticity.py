"""The part of a record about plastic synapses: their rules, weights at the end, and updates."""

from collections.abc import Mapping
from dataclasses import dataclass

NO_PLASTICITY = "the network does not have plastic projections"
NO_WEIGHTS = "the network does not have plastic weights"
RULE_WITHOUT_WEIGHTS = "the rule changes only the state of sources, not weights"
NOT_COUNTED = "synapses are counted only if the rule changes weights"
NO_SYNAPSES = "the projection has no synapses"
UPDATES = ("facilitations", "depressions", "clipped", "saturated")
MOMENTS = ("mean", "sd", "min", "max")


@dataclass(frozen=True)
class PlasticPart:
    """A plastic projection.

    Parameters
    ----------
    projection
        SOURCE->TARGET.
    rule, parameters
        NEST's name of the synapse model, and its parameters.
    synapses
        Number of synapses.
    lsb, weight_unit
        Unit of delivered weights (plastic weights are multiples of 2^-15 of it), and its physical unit.
    mean, sd, min, max
        Mean, standard deviation and extremes of the settled weights at the end.
    facilitations, depressions, clipped, saturated
        Updates in the measured window; see `simcore.synapses.plastic.PlasticCounts`.
    """

    projection: str
    rule: str
    parameters: dict[str, float | None]
    synapses: int | None
    lsb: float
    weight_unit: str
    mean: float | None
    sd: float | None
    min: float | None
    max: float | None
    facilitations: int | None
    depressions: int | None
    clipped: int | None
    saturated: int | None


def reasons_for(parts: Mapping[str, PlasticPart], weight_digest: str | None) -> dict[str, str]:
    """Reasons for null values of plastic projections, by dotted key, or for a network without plastic projections."""
    reasons = {} if parts else {"plasticity": NO_PLASTICITY}
    if weight_digest is None:
        reasons["weight_digest"] = NO_WEIGHTS if parts else NO_PLASTICITY
    for number, part in parts.items():
        why = NO_SYNAPSES if part.synapses == 0 else RULE_WITHOUT_WEIGHTS
        nulls = [name for name in ("synapses", *MOMENTS, *UPDATES) if getattr(part, name) is None]
        reasons |= {f"plasticity.{number}.{name}": NOT_COUNTED if name == "synapses" else why for name in nulls}
        unset = [name for name, value in part.parameters.items() if value is None]
        reasons |= {f"plasticity.{number}.parameters.{name}": "determined by the weights" for name in unset}
    return reasons


def plastic_lines(parts: Mapping[str, PlasticPart]) -> list[tuple[str, str, str, str]]:
    """Rows of a table in a run's summary: projection, rule, weights at the end, updates."""
    rows = [("plastic projection", "rule", "weights at the end", "updates")]
    for part in parts.values():
        weights, updates = "-", "-"
        if part.mean is not None:
            range_ = f"{part.min:.6g} to {part.max:.6g}"
            weights = f"{part.mean:.6g} +- {part.sd:.4g} {part.weight_unit}, {range_}"
        if part.facilitations is not None:
            updates = f"{part.facilitations:,} facilitations, {part.depressions:,} depressions"
            updates += f", {part.clipped:,} clipped" if part.clipped else ""
            updates += f", {part.saturated:,} saturated" if part.saturated else ""
        rows.append((f"  {part.projection}", part.rule, weights, updates))
    return rows
