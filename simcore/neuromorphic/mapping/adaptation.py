"""Fitting of a network to a chip: mapping, checks of all limits, and adaptation of mapping and network on request."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator
from simcore.errors import InputError, integer, require
from simcore.network import Network
from simcore.neuromorphic.mapping.axons import Axons, count_axons
from simcore.neuromorphic.mapping.core_mapping import SEE_ROOM, CoreMapping, DrawnNetwork, make_mapping
from simcore.neuromorphic.mapping.demand import Demand, core_demand, longest_delay
from simcore.neuromorphic.mapping.in_edges import InEdges, draw_in_edges
from simcore.neuromorphic.mapping.limits import CHIP_LIMITS, Check, check_limits
from simcore.neuromorphic.mapping.packing import packing_table
from simcore.neuromorphic.mapping.precision import (
    FEWEST_BITS,
    MOST_BITS,
    WeightChange,
    bits_needed,
    with_delays_up_to,
    with_weight_bits,
)
from simcore.neuromorphic.mapping.room import Room, room_of_core
from simcore.neuromorphic.mapping.splitting import split_cores
from simcore.neuromorphic.sheets.sheet import Chip

FloatArray = npt.NDArray[np.float64]
ERROR, ADAPT = "error", "adapt"
ON_VIOLATION = (ERROR, ADAPT)
USUAL_WEIGHT_BITS = 8
SPLIT_MENDS = (
    "neurons_per_core",
    "synapses_per_core",
    "synapse_memory_bits_per_core",
    "axons_in_per_core",
    "axons_out_per_core",
    "crossbar rows",
    "crossbar columns",
    "delay_steps_full_core",
)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A network on the cores of a chip.

    Parameters
    ----------
    network
        The network to simulate: the given object unless its weights or delays were adapted.
    mapping
        Core of each neuron.
    axons
        Axons of the neurons of this rank.
    demand
        Demand of cores and neurons over all ranks.
    checks
        Checks of all limits.
    neurons_per_core, weight_bits
        The requested values, or the values of the chip.
    adaptation
        Counts of all changes, for a record; None if nothing was changed.
    """

    network: Network
    mapping: CoreMapping
    axons: Axons
    demand: Demand
    checks: tuple[Check, ...]
    neurons_per_core: int
    weight_bits: int
    adaptation: dict[str, Any] | None

    @property
    def refusal(self) -> str | None:
        """A sentence that names each violated limit; None if no limit is violated."""
        violated = [str(check) for check in self.checks if check.violated]
        if not violated:
            return None
        kept = "" if self.adaptation is None else " after adaptation, and splitting cores does not help"
        return f"the network does not fit{kept}: {'; '.join(violated)}"


def fit(
    network: Network,
    chip: Chip,
    mapper: str,
    seed: int,
    *,
    neurons_per_core: int | None = None,
    weight_bits: int | None = None,
    on_violation: str = ERROR,
    rates_hz: FloatArray | None = None,
    given: CoreMapping | None = None,
    cores: int | None = None,
    objective: str = "messages",
    effort: int | None = None,
    comm: Communicator | None = None,
) -> Fitted:
    """Map a network so that every published limit of a chip holds; all ranks call this together.

    Parameters
    ----------
    network, seed
        The network, and the seed with which it will be simulated.
    chip
        The sheet.
    mapper
        A name of `simcore.neuromorphic.mapping.core_mapping.mappers`.
    neurons_per_core
        Maximum number of neurons per core; by default the limit of the chip.
    weight_bits
        Width of a stored weight; by default 8, or the width of the chip if it is smaller.
    on_violation
        ``error``: a network that exceeds a limit is refused. ``adapt``: weights are rounded to the bits of the chip,
        delays are shortened to the longest delay of the chip, and cores that exceed a limit are split unless the mapper
        respects all limits of a core.
    rates_hz
        Expected rate of each neuron, 1/s, for mappers that consider traffic; equal rates by default.
    given
        A mapping to use in place of the mapper; on rank 0.
    cores, objective, effort
        See `simcore.neuromorphic.mapping.core_mapping.make_mapping`.
    comm
        Communicator; a single process by default.

    Raises
    ------
    InputError
        If an option is wrong, or if a limit is violated and adaptation is not allowed or does not help; the message
        names each violated limit with its worst place.
    """
    comm = comm or LocalCommunicator()
    adapt = comm.from_root(lambda: may_adapt(on_violation))
    aims: dict[str, Any] = {"cores": cores, "objective": objective, "effort": effort, "given": given}
    fitted = place(network, chip, mapper, seed, adapt, neurons_per_core, weight_bits, rates_hz, comm, **aims)
    refused = fitted.refusal is not None
    comm.agree(InputError(f"{chip.name}: {fitted.refusal}") if refused else None)
    return fitted


def may_adapt(on_violation: str) -> bool:
    """Whether the network may be adapted.

    Raises
    ------
    InputError
        If `on_violation` is neither ``error`` nor ``adapt``.
    """
    require(on_violation in ON_VIOLATION, "on_violation", on_violation, f"use {' or '.join(ON_VIOLATION)}")
    return on_violation == ADAPT


def place(
    network: Network,
    chip: Chip,
    mapper: str,
    seed: int,
    adapt: bool,
    neurons_per_core: int | None = None,
    weight_bits: int | None = None,
    rates_hz: FloatArray | None = None,
    comm: Communicator | None = None,
    *,
    given: CoreMapping | None = None,
    known_edges: InEdges | None = None,
    cores: int | None = None,
    objective: str = "messages",
    effort: int | None = None,
) -> Fitted:
    """As `fit`, but violated limits do not raise an error; `known_edges` avoids drawing the synapses again."""
    comm = comm or LocalCommunicator()
    per_core = comm.from_root(lambda: _neurons_per_core(chip, neurons_per_core))
    bits = comm.from_root(lambda: _weight_bits(chip, weight_bits))
    longest = chip.count("delay_steps_max")
    changes: list[WeightChange] = []
    clamped, held = 0.0, network
    if adapt:
        held, changes = with_weight_bits(network, bits)
        if longest is not None:
            held, clamped = with_delays_up_to(held, longest)
    needed = bits_needed(held)
    drawn = DrawnNetwork(held, seed, known_edges)
    edges = drawn.in_edges if comm.size == 1 else draw_in_edges(held, seed, comm)

    sees_room = adapt and given is None and mapper in SEE_ROOM

    def examined(mapping: CoreMapping) -> tuple[CoreMapping, Axons, Demand, list[Check]]:
        axons = count_axons(edges, mapping, comm)
        demand = core_demand(held, edges, axons, mapping, chip.packing, bits, comm)
        return mapping, axons, demand, check_limits(chip, demand, bits, needed)

    def mapped(room: Room | None) -> CoreMapping:
        if given is not None:
            return given
        how: dict[str, Any] = {"weight_bits": bits, "delay_steps": longest_delay(held), "effort": effort}
        return make_mapping(
            mapper, drawn, per_core, rates_hz, cores=cores, room=room, chip=chip, objective=objective, **how
        )

    def room_of(exceeded: Collection[str]) -> Room:
        return room_of_core(chip, exceeded, longest_delay(held))

    first = comm.from_root(lambda: mapped(room_of(()) if sees_room else None))
    mapping, axons, demand, checks = examined(first)
    per_axon = demand.synapses_per_axon
    shared: set[str] = set()
    while adapt:
        violated = {check.quantity for check in checks if check.violated}
        unmet = (violated & set(CHIP_LIMITS)) - shared
        mended = sees_room or mapping is not first or not violated & set(SPLIT_MENDS)
        if not unmet and mended:
            break
        shared |= unmet
        del axons  # The axons of two mappings may exceed the memory.
        if sees_room:
            first = mapping = comm.from_root(partial(mapped, room_of(shared)))
        else:
            mapping = comm.from_root(partial(_split, drawn, first, room_of(shared), chip, bits, per_axon))
        mapping, axons, demand, checks = examined(mapping)
    changed = held is not network or mapping.cores > first.cores
    adaptation = _changes_record(first, mapping, bits, changes, clamped, longest) if changed else None
    return Fitted(held, mapping, axons, demand, tuple(checks), per_core, bits, adaptation)


def _neurons_per_core(chip: Chip, given: int | None) -> int:
    most = chip.count("neurons_per_core") if given is None else given
    if most is None:
        raise InputError(
            f"neurons_per_core is missing: {chip.name} has no limit ({chip.why_absent('neurons_per_core')}); pass "
            "--neurons-per-core N"
        )
    return most


def _weight_bits(chip: Chip, given: int | None) -> int:
    if given is not None:
        return integer(given, "weight_bits", FEWEST_BITS, MOST_BITS)
    return min(chip.count("weight_bits_max") or USUAL_WEIGHT_BITS, USUAL_WEIGHT_BITS)


def _split(drawn: DrawnNetwork, first: CoreMapping, room: Room, chip: Chip, bits: int, per_axon: int) -> CoreMapping:
    most = min(room.neurons, int(np.bincount(first.core_of).max()))
    # Without a rule the table holds zeros, and the memory is not a limit.
    table = packing_table(chip.packing, most, per_axon, bits, longest_delay(drawn.network))
    return split_cores(drawn.in_edges, first, room, table)


def _changes_record(
    first: CoreMapping,
    mapping: CoreMapping,
    bits: int,
    changes: Sequence[WeightChange],
    clamped: float,
    longest: int | None,
) -> dict[str, Any]:
    """All changes, for a record."""
    stayed = np.full(first.cores, mapping.cores, dtype=np.int64)
    np.minimum.at(stayed, first.core_of, mapping.core_of)
    return {
        "cores_before": first.cores,
        "cores_after": mapping.cores,
        "neurons_moved": int(np.count_nonzero(mapping.core_of != stayed[first.core_of])),
        "weight_bits": bits,
        "synapses_quantised": round(sum(change.synapses for change in changes)),
        "weights": [
            {"source": change.source, "target": change.target, "mean_change": change.mean, "sd_change": change.sd}
            for change in changes
        ],
        "mean_change_max": max((abs(change.mean) for change in changes), default=0.0),
        "sd_change_max": max((abs(change.sd) for change in changes), default=0.0),
        "delay_steps_max": longest,
        "delays_clamped": round(clamped),
    }
