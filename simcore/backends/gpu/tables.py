"""Tables of a network for the kernels: arrays on the device, and rows of integers and addresses that point to them.

The rows have the members of the structures in ``kernels/tables.cuh``, in the same order, eight bytes each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.backends.cpu.currents import current_constants
from simcore.backends.cpu.state import current_drives, segment_coefficients
from simcore.backends.gpu.device import Device, Held
from simcore.backends.gpu.ranks import ids_of_rank, targets_of_rank
from simcore.backends.gpu.source import drives_of, models_of
from simcore.backends.gpu.structure import Structure
from simcore.drives import CurrentDrive, EventDrive
from simcore.drives.inhomogeneous_poisson.model import tables_of_rates
from simcore.drives.poisson.counts import count_table
from simcore.neurons.declared import initial_state_of
from simcore.selection import selected
from simcore.tables import population_values

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Arguments(Structure):
    """Members of the structure of the same name: integers, and addresses."""

    first_step: int = 0
    base_step: int = 0
    delivered: int = 0
    rank: int = 0
    ranks: int = 1
    n_neurons: int = 0
    n_partitions: int = 0
    n_delays: int = 0
    min_delay: int = 0
    max_delay: int = 0
    seed: int = 0
    capacity: int = 0
    room: int = 0
    n_traces: int = 0
    n_ranges: int = 0
    n_ordinals: int = 1
    first_ids: int = 0
    channel_starts: int = 0
    channels: int = 0
    populations: int = 0
    drives: int = 0
    partitions: int = 0
    words: int = 0
    delays: int = 0
    index: int = 0
    inputs: int = 0
    spikes: int = 0
    cursors: int = 0
    ends: int = 0
    filled: int = 0
    traced: int = 0
    traces: int = 0
    events: int = 0
    clocks: int = 0
    arrivals: int = 0


@dataclass(frozen=True, eq=False)
class PopulationArrays:
    """State and counters of a population on the device."""

    state: Held
    counters: Held


def own_traces(plan: Plan) -> list[int]:
    """Columns of the recorded quantities of this rank's neurons."""
    network, ranks = plan.network, plan.placement.ranks
    first_ids = [network.first_ids[population.name] for population in network.populations]
    owners = [(first_ids[number] + neuron) % ranks for number, neuron, _ in plan.traces]
    return [column for column, owner in enumerate(owners) if owner == plan.rank]


class NeuronTables:
    """Neurons and drives of a network on the device.

    Parameters
    ----------
    plan
        Plan of the network.
    device
        Device on which the tables are built.
    state
        State and counters from which to continue, one pair for each population; the initial ones by default.
    """

    def __init__(self, plan: Plan, device: Device, state: Sequence[tuple[Array, Array]] = ()) -> None:
        self._plan, self._device = plan, device
        self._held: list[Held] = []
        self.digest = 0
        self.arrays: list[PopulationArrays] = []
        network = plan.network
        self._models, self._drive_kinds = models_of(network), drives_of(network)
        described = [network.inputs_of(population.name) for population in network.populations]
        drives = [[index for index, _ in group if self._acts(index)] for group in described]
        table = [self._drive(index) for group in drives for index in group]
        self.drives = self._hold(np.array(table or [[0] * 9], dtype=np.int64))
        first, populations = 0, []
        for number, group in enumerate(drives):
            given = state[number] if state else None
            populations.append(self._population(number, (first, first + len(group)), given))
            first += len(group)
        self.populations = self._hold(np.array(populations, dtype=np.int64))

    @property
    def nbytes(self) -> int:
        """Bytes on the device."""
        return sum(held.nbytes for held in self._held)

    def traced(self) -> list[int]:
        """Addresses of the variables of `own_traces`."""
        plan, addresses = self._plan, []
        for number, neuron, variable in (plan.traces[column] for column in own_traces(plan)):
            population = plan.network.populations[number]
            own = targets_of_rank(plan, plan.network.first_ids[population.name], population.size)
            place = population.neuron_model.row(variable) * own.count + (neuron - own.first) // own.stride
            addresses.append(self.arrays[number].state.address + place * np.dtype(plan.real).itemsize)
        return addresses

    def _hold(self, array: Array) -> Held:
        # No array is empty, so that every one has an address.
        held = self._device.upload(array if array.size else np.zeros(1, dtype=array.dtype))
        self._held.append(held)
        return held

    def _acts(self, index: int) -> bool:
        drive = self._plan.network.inputs[index].drive
        return isinstance(drive, EventDrive | CurrentDrive) and self._plan.tables.drives[index] is not None

    def _population(self, number: int, drives: tuple[int, int], given: tuple[Array, Array] | None) -> list[int]:
        plan, network = self._plan, self._plan.network
        population = network.populations[number]
        model, ids = population.neuron_model, ids_of_rank(plan, number)
        own = targets_of_rank(plan, network.first_ids[population.name], population.size)
        values = population_values(network, number, plan.seed, ids)
        self.digest += values.digest(number, ids, with_constants=plan.rank == 0)
        state, counters = given or initial_state_of(model, values.params, values.initial, own.count)
        coefficients = segment_coefficients(plan, number, values.params, own.count)
        held = PopulationArrays(self._hold(state.astype(plan.real)), self._hold(counters))
        self.arrays.append(held)
        columns, current_row, currents = coefficients.shape[1], -1, np.zeros(1)
        if current_drives(network, number):
            assert model.current_row is not None  # noqa: S101 - a network refuses such drives
            current_row = model.current_row
            currents = current_constants(model, values.params, network.resolution_ms, columns)
        return [
            own.local_first,
            own.count,
            self._models.index(population.model),
            held.state.address,
            held.counters.address,
            self._hold(coefficients.astype(plan.real)).address,
            columns,
            self._hold(plan.tables.grid.lsb[number].astype(plan.real)).address,
            *drives,
            current_row,
            self._hold(currents).address,
        ]

    def _drive(self, index: int) -> list[int]:
        one, prepared = self._plan.network.inputs[index], self._plan.tables.drives[index]
        assert prepared is not None  # noqa: S101 - see _acts
        drive, population = one.drive, self._plan.network.population(one.drive.target)
        first = self._plan.network.first_ids[population.name]
        own = targets_of_rank(self._plan, first, population.size)
        receptor = -1
        if isinstance(drive, EventDrive):
            receptor = self._plan.network.receptors(drive)[int(prepared.header[0]) < 0]
            prepared = drive.selected(prepared, range(own.first, own.first + own.stride * own.count, own.stride))
        header = self._hold(prepared.header.astype(np.int64)).address
        weights, chosen = (
            header + 8 * prepared.first_weight if prepared.first_weight >= 0 else 0,
            selected(drive.target),
        )
        if chosen is not None:
            # Values for other neurons have no effect.
            places = own.first + own.stride * np.arange(own.count)
            weight = prepared.header[0] if isinstance(drive, EventDrive) else 1
            weights = self._hold(np.where(np.isin(places, chosen.array), weight, 0)).address
        return [
            self._drive_kinds.index(drive.name),
            one.stream,
            header,
            self._hold(_thresholds(drive.name, prepared.thresholds)).address,
            self._hold(prepared.values.astype(np.float64)).address,
            receptor,
            len(prepared.header),
            first + own.first,
            weights,
        ]


def _thresholds(name: str, thresholds: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Numbers of a drive in the form for kernels.

    For `poisson` the table of counts, preceded for several rates by the start of each rate's table; for
    `poisson_rates` the unchanged thresholds; for other drives the number of thresholds, then these.
    """
    if name == "poisson_rates":
        return thresholds
    if name == "poisson":
        return count_table(thresholds)
    if name != "inhomogeneous_poisson":
        return np.concatenate([[len(thresholds)], thresholds]).astype(np.uint32)
    return tables_of_rates(thresholds, count_table)
