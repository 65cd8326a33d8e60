"""The part of a record that tells of plastic synapses: their rules, weights at the end, and updates."""

from collections.abc import Mapping
from dataclasses import dataclass

NO_PLASTICITY = "no projection of the network is plastic"
NO_WEIGHTS = "no weight of the network changes"
RULE_WITHOUT_WEIGHTS = "the rule changes no weights: its state is that of the sources"
NOT_COUNTED = "synapses are counted with their weights, and the rule changes none"
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
        NEST's name of the synapse model, and the values of its parameters.
    synapses
        Number of synapses.
    lsb, weight_unit
        Unit of the weights that are delivered, of which those that change have 2^-15, and the unit of that.
    mean, sd, min, max
        Of the settled weights at the end.
    facilitations, depressions, clipped, saturated
        Updates in the measured window, see `simcore.synapses.plastic.PlasticCounts`.
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
    """Why values of plastic projections are null, by dotted key; of a network without them, why there is nothing."""
    reasons = {} if parts else {"plasticity": NO_PLASTICITY}
    if weight_digest is None:
        reasons["weight_digest"] = NO_WEIGHTS if parts else NO_PLASTICITY
    for number, part in parts.items():
        why = NO_SYNAPSES if part.synapses == 0 else RULE_WITHOUT_WEIGHTS
        nulls = [name for name in ("synapses", *MOMENTS, *UPDATES) if getattr(part, name) is None]
        reasons |= {f"plasticity.{number}.{name}": NOT_COUNTED if name == "synapses" else why for name in nulls}
        unset = [name for name, value in part.parameters.items() if value is None]
        reasons |= {f"plasticity.{number}.parameters.{name}": "it follows from the weights" for name in unset}
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
