"""Weights of plastic synapses in snapshots."""

from dataclasses import replace

import numpy as np

from simcore.backends import Engine, Plan, Snapshot
from simcore.errors import InputError
from simcore.simulator.synapse_blocks import scattered, targets_of
from simcore.synapses.plastic import PlasticState, PlasticWeights, paired_projections


def snapshot_with_weights(plan: Plan, engine: Engine) -> Snapshot:
    """Return the snapshot of a rank, with the weights of its plastic synapses."""
    own = engine.snapshot()
    if own.plastic is None:
        return own
    weights = {index: engine.weights(index) for index in paired_projections(plan.tables)}
    return replace(own, plastic=replace(own.plastic, weights=weights))


def checked_weights(plan: Plan, engine: Engine, own: Snapshot, whole: Snapshot | None) -> Snapshot:
    """Return a rank's part of a snapshot after checking its weights and adding those from a file.

    All ranks call this together.

    Parameters
    ----------
    plan, engine
        Plan and engine of this rank.
    own
        This rank's part of the snapshot.
    whole
        On rank 0, the snapshot of the whole network.

    Raises
    ------
    InputError
        If synapses of the snapshot are not synapses of the network, or the numbers of synapses and weights differ.
    """
    if own.plastic is None:
        return own
    for index, weights in own.plastic.weights.items():
        plan.comm.agree(_synapse_refusal(plan, engine, index, weights))
    return replace(own, plastic=_with_units(plan, engine, own.plastic, None if whole is None else whole.plastic))


def _with_units(plan: Plan, engine: Engine, own: PlasticState, whole: PlasticState | None) -> PlasticState:
    """Return a rank's part of a snapshot with the weights from a file; all ranks call this together.

    Parameters
    ----------
    plan, engine
        Plan and engine of this rank.
    own
        This rank's part of a snapshot.
    whole
        On rank 0, the snapshot of the whole network.

    Raises
    ------
    InputError
        If the numbers of synapses and weights of a projection differ.
    """
    weights, comm = dict(own.weights), plan.comm
    for index in paired_projections(plan.tables):
        if index in weights:
            continue
        drawn = engine.weights(index)
        synapses = sum(comm.gather(len(drawn.targets)))
        units = None if whole is None else whole.units[index]
        problem = None
        if units is not None and len(units) != synapses:
            problem = InputError(f"snapshot.plastic.units[{index}] has {len(units)} weights for {synapses} synapses")
        comm.agree(problem)
        mine = scattered(comm, drawn.targets, units, targets_of(plan.network, index))
        weights[index] = replace(drawn, units=mine)
    return replace(own, weights=weights, units={})


def _synapse_refusal(plan: Plan, engine: Engine, index: int, given: PlasticWeights) -> InputError | None:
    """Return the error if weights do not match the synapses of a projection onto this rank, or None."""
    own = engine.weights(index)
    names = ("sources", "targets", "delay_steps")
    if all(np.array_equal(getattr(own, name), getattr(given, name)) for name in names):
        return None
    described = plan.network.projections[index]
    name = f"{described.source}->{described.target}"
    return InputError(f"snapshot.plastic.weights[{index}] does not match the synapses of projection {name}")
