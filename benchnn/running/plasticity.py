"""Updates and weights of plastic synapses in the measured window of a run."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from benchnn.record.plasticity import MOMENTS, UPDATES, PlasticPart
from benchnn.record.weight_sums import WeightSums
from simcore.errors import integer, require
from simcore.plasticity.tables import FRACTION_BITS, PairTables
from simcore.simulator import Simulator
from simcore.simulator.weights import unit_of
from simcore.synapses.plastic import PlasticCounts, paired_projections, plastic_projections

Counts = Mapping[int, PlasticCounts]
"""Updates by number of the projection; a missing projection has none."""
PLASTICITY = "plasticity"
"""Name, in a checkpoint, of the updates before the measured window."""


def plastic_counts(simulator: Simulator) -> dict[int, PlasticCounts]:
    """Count updates of all plastic projections since step 0; all ranks call this together."""
    return {index: simulator.plastic_counts(index) for index in paired_projections(simulator.plan.tables)}


def plastic_parts(simulator: Simulator, before: Counts, measured: bool) -> dict[str, PlasticPart]:
    """Return the record of each plastic projection by its number; all ranks call this together.

    Parameters
    ----------
    simulator
        The simulator after the last step.
    before
        Updates at the beginning of the measured window.
    measured
        Whether the measured window has begun; otherwise it does not have updates.
    """
    tables = simulator.plan.tables
    now = plastic_counts(simulator) if measured else {}
    return {str(index): _part(simulator, index, before, now) for index in plastic_projections(tables)}


def _part(simulator: Simulator, index: int, before: Counts, now: Counts) -> PlasticPart:
    network, tables = simulator.network, simulator.plan.tables
    projection = network.projections[index]
    target, rule = network.population(projection.target), projection.plasticity
    assert rule is not None  # noqa: S101 - for the type checker
    unit, parameters = unit_of(network, tables, index), asdict(rule)  # type: ignore[call-overload]
    synapses, moments, updates = None, dict.fromkeys(MOMENTS), dict.fromkeys(UPDATES)
    if isinstance(tables.plasticity[index], PairTables):
        own = WeightSums.over(WeightSums.of(block.units) for block in simulator.engine.weight_blocks(index))
        sums = WeightSums.over(simulator.comm.gather(own))
        synapses, moments = sums.synapses, sums.moments(unit)
        first, last = before.get(index, PlasticCounts()), now.get(index, PlasticCounts())
        updates = {name: max(0, getattr(last, name) - getattr(first, name)) for name in UPDATES}
        parameters["tau_minus"] = target.tau_minus
    return PlasticPart(
        f"{projection.source}->{projection.target}",
        rule.name,
        parameters,
        synapses,
        unit * 2.0**FRACTION_BITS,
        target.neuron_model.weight_unit,
        **moments,
        **updates,
    )


def updates_record(counts: Counts) -> dict[str, dict[str, int]]:
    """Updates in the form of a checkpoint."""
    return {str(index): asdict(one) for index, one in counts.items()}


def updates_of(record: Any, where: str) -> dict[int, PlasticCounts]:
    """Read the output of `updates_record`; empty for a checkpoint without it.

    Raises
    ------
    InputError
        If the record is malformed; `where` is its location.
    """
    require(isinstance(record, Mapping), where, record, "must be an object of counts")
    found = {}
    for name, counts in record.items():
        number = isinstance(name, str) and name.isdecimal() and isinstance(counts, Mapping)
        require(number and set(counts) == set(UPDATES), where, record, f"must have {', '.join(UPDATES)} by projection")
        found[int(name)] = PlasticCounts(**{key: integer(counts[key], f"{where}.{name}.{key}", 0) for key in UPDATES})
    return found
