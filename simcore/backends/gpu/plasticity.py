"""Plasticity of a rank's synapses on its device: tables, state, and the launches between launches of the step loop."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan, Snapshot
from simcore.backends.gpu.device import Device, Held, Program
from simcore.backends.gpu.histories import kept_histories, older_spikes, widened
from simcore.backends.gpu.plastic_tables import (
    Plasticity,
    Shape,
    all_histories,
    plastic_projection,
    plastic_shape,
    plastic_table,
)
from simcore.backends.gpu.ranks import ids_of_rank, interval_of
from simcore.backends.gpu.synapses import SynapseBuilder, Synapses, expected_synapses
from simcore.plasticity.tables import PairTables, ResourceTables
from simcore.synapses.plastic import (
    NEVER,
    PlasticCounts,
    PlasticState,
    PlasticWeights,
    SourceTraces,
    paired_populations,
    plastic_slots,
)

IntArray = npt.NDArray[np.int64]

BLOCK_ROWS = 64
"""Number of rows of synapses that are read at a time."""
RING_LENGTH = 16
"""Initial number of spikes for which a history has room."""
CROWDED, STOP, SETTLED = 0, 1, 2
"""Entries of `status`."""
NO_STOP = np.iinfo(np.int64).max
BYTES_PER_SPIKE = 16.0
"""Bytes of an entry of a history."""
BYTES_PER_ROW = 24.0
BYTES_PER_SYNAPSE = 8.0


def slots_of(plan: Plan) -> int:
    """Steps for which there is pending input: a power of two above the largest deferral."""
    return 1 << plastic_slots(plan.tables).bit_length()


def plastic_estimate(plan: Plan) -> dict[str, float]:
    """Approximate bytes by part on the device; raise if the words of synapses do not suffice."""
    shape, network, ranks = plastic_shape(plan), plan.network, plan.placement.ranks
    paired = sum(network.populations[number].size for number in paired_populations(network, plan.tables))
    length = max(RING_LENGTH, 2 * interval_of(plan))
    inputs = 8.0 * slots_of(plan) * network.most_receptors * network.n_neurons
    return {
        "synapses": BYTES_PER_SYNAPSE * expected_synapses(plan, tuple(shape.first_rows)) / ranks,
        "index": 4.0 * shape.n_delays * shape.n_rows,
        "state": BYTES_PER_ROW * shape.n_rows + (BYTES_PER_SPIKE * length * paired + inputs) / ranks,
    }


class GpuPlasticity:
    """The plastic synapses of a rank, and the state of their sources and targets.

    Parameters
    ----------
    plan
        Plan of the network, with plastic projections.
    device, platform
        Device; for the platform see `simcore.backends.gpu.source.kernel_source`.
    in_degrees
        See `SynapseBuilder`.
    interval
        Number of steps in which no launch may end early; 1 if each launch may end early.
    """

    def __init__(self, plan: Plan, device: Device, platform: str | None, in_degrees: Held, interval: int) -> None:
        self._plan, self._device = plan, device
        self._shape: Shape = plastic_shape(plan)
        self.table = plastic_table(plan, self._shape)
        self.synapses: Synapses = SynapseBuilder(plan, self.table, device, platform, in_degrees).build()
        self._interval = interval
        self._length = max(RING_LENGTH, 2 * interval)
        self._step, self._settled = 0, 0
        # Numbers that never change.
        self._numbers: list[Held] = []

    def begin(self, program: Program, accumulator: npt.DTypeLike) -> None:
        """Initialise the state of step 0, and convert the drawn synapses to words of plastic synapses."""
        plan, device, shape = self._plan, self._device, self._shape
        network, n_projections = plan.network, len(shape.first_rows)
        self._program, self._accumulator = program, np.dtype(accumulator)
        self._n_neurons = len(range(plan.rank, network.n_neurons, plan.placement.ranks))
        self._n_slots = slots_of(plan)
        self._histories = all_histories(plan, self._place)
        # No array is empty, so that every one has an address.
        self._n_histories = max(1, sum(histories.n for histories in self._histories))
        slot = network.most_receptors * self._n_neurons
        self._held: dict[str, Held] = {
            "last": device.upload(np.full(shape.n_rows, NEVER)),
            "values": device.upload(self._initial_values()),
            "held": device.zeros(self._n_histories, np.uint32),
            "stamps": device.zeros(self._n_histories * self._length, np.int64),
            "traces": device.zeros(self._n_histories * self._length, np.float64),
            "pending": device.zeros(self._n_slots * slot, self._accumulator),
            "pending_events": device.zeros(self._n_slots, np.int64),
            "counts": device.zeros(4 * n_projections, np.int64),
            "status": device.upload(np.array([0, NO_STOP, 0])),
        }
        rows = [
            plastic_projection(plan, index, first, self._histories, self._held["counts"].address + 32 * k, self._place)
            for k, (index, first) in enumerate(shape.first_rows.items())
        ]
        addresses = {name: held.address for name, held in self._held.items() if name != "counts"}
        self._arguments = Plasticity(
            n_projections=n_projections,
            n_delays=shape.n_delays,
            min_delay=shape.min_delay,
            target_bits=shape.target_bits,
            projections=self._place(np.array([row.row() for row in rows])),
            populations=self._place(np.array([histories.row() for histories in self._histories])),
            n_populations=len(self._histories),
            words=self.synapses.words.address,
            index=self.synapses.index.address,
            n_rows=shape.n_rows,
            length=self._length,
            reserve=self._interval,
            ends_early=int(plan.placement.ranks == 1),
            n_slots=self._n_slots,
            **addresses,
        )
        self._address = device.upload(self._arguments.row())
        self.hand_over()
        program.launch("begin_words")

    @property
    def nbytes(self) -> int:
        """Bytes on the device except those of synapses and their index."""
        return sum(held.nbytes for held in (*self._held.values(), *self._numbers, self._address))

    def _place(self, array: npt.NDArray[Any]) -> int:
        # No array is empty, so that every one has an address.
        self._numbers.append(self._device.upload(array if array.size else np.zeros(1, dtype=array.dtype)))
        return self._numbers[-1].address

    def _initial_values(self) -> npt.NDArray[np.float64]:
        values = np.zeros((2, self._shape.n_rows))
        for index, rows in self._rows().items():
            rule = self._plan.tables.plasticity[index]
            if isinstance(rule, ResourceTables):
                values[:, rows] = [[rule.x], [rule.u]]
        return values

    def _rows(self) -> dict[int, slice]:
        """Rows of each projection."""
        network = self._plan.network
        sizes = {k: network.population(network.projections[k].source).size for k in self._shape.first_rows}
        return {k: slice(first, first + sizes[k]) for k, first in self._shape.first_rows.items()}

    def hand_over(self) -> None:
        """Pass the addresses of all arrays to the kernels, before launches of the step loop and others."""
        self._program.launch("set_plasticity", self._address.address)

    def stepped(self, begin: int, end: int) -> None:
        """Update the state of the sources after a launch of the steps [begin, end)."""
        self._step = end
        if end > begin:
            self._program.launch("store_step", end - 1)

    def received(self, origins: IntArray) -> None:
        """Process the spikes of other ranks that the kernels hold, fired in these steps."""
        for origin in np.unique(origins).tolist():
            self._program.launch("process_received", origin)
            self._program.launch("store_received", origin)

    def make_room(self) -> None:
        """Settle if a history may overflow in the next interval, and lengthen the histories if necessary."""
        if self._device.download(self._held["status"])[CROWDED] > 0:
            self.settle()

    def settle(self) -> None:
        """Apply every facilitation up to the present that no presynaptic spike can precede any more."""
        if self._settled == self._step:
            return
        self._settled = self._step
        self.hand_over()
        self._program.launch("settle", self._step)
        self._device.write(self._held["status"], np.array([0, NO_STOP, self._step]))
        self._program.launch("drop_settled", self._step)
        if self._device.download(self._held["status"])[CROWDED] > 0:
            self._lengthen(2 * self._length)

    def _lengthen(self, length: int) -> None:
        """Enlarge all histories, so that half of their room is free."""
        held, device = self._held, self._device
        for name in ("stamps", "traces"):
            entries = device.download(held[name]).reshape(self._n_histories, self._length)
            held[name] = device.upload(widened(entries, length).ravel())
        self._length = length
        self._arguments = replace(
            self._arguments, length=length, stamps=held["stamps"].address, traces=held["traces"].address
        )
        device.write(self._address, self._arguments.row())
        status = device.download(held["status"])
        status[CROWDED] = 0
        device.write(held["status"], status)
        self.hand_over()

    def weights(self, projection: int) -> PlasticWeights:
        """Settled weights in canonical order."""
        self.settle()
        return self._ordered(projection)[1]

    def weight_blocks(self, projection: int) -> Iterator[PlasticWeights]:
        """Yield the same in the order of the words, some rows at a time."""
        self.settle()
        rows = self._rows()[projection]
        for first in range(rows.start, rows.stop, BLOCK_ROWS):
            yield self._stored(projection, slice(first, min(first + BLOCK_ROWS, rows.stop)))[1]

    def set_weights(self, projection: int, weights: PlasticWeights) -> None:
        """Replace the weights of the same synapses, in canonical order."""
        self.settle()
        self._write_weights({projection: weights})

    def _write_weights(self, given: Mapping[int, PlasticWeights]) -> None:
        words = self._device.download(self.synapses.words)
        for projection, weights in given.items():
            places, _ = self._ordered(projection)
            units = np.abs(weights.units.astype(np.int64))
            words[places] = words[places] & 0xFFFFFFFF | units << 32
        self._device.write(self.synapses.words, words)

    def _ordered(self, projection: int) -> tuple[IntArray, PlasticWeights]:
        """The words of a projection's synapses in canonical order: their positions and contents."""
        first, own = self._stored(projection, self._rows()[projection])
        order = np.lexsort((own.units, own.delay_steps, own.sources, own.targets))
        columns = (own.sources, own.targets, own.delay_steps, own.units)
        return first + order, PlasticWeights(*(column[order] for column in columns))

    def _stored(self, projection: int, rows: slice) -> tuple[int, PlasticWeights]:
        """Some rows of a projection in the stored order: place of their first word, and contents of their words."""
        plan, shape = self._plan, self._shape
        rule = plan.tables.plasticity[projection]
        assert isinstance(rule, PairTables)  # noqa: S101 - its weights change
        described = plan.network.projections[projection]
        index = self._device.download_part(
            self.synapses.index, rows.start * shape.n_delays, rows.stop * shape.n_delays + 1
        ).astype(np.int64)
        words = self._device.download_part(self.synapses.words, int(index[0]), int(index[-1]))
        groups = np.repeat(np.arange(len(index) - 1), np.diff(index))
        first_source = plan.network.first_ids[plan.network.population(described.source).name]
        sources = first_source + (rows.start - self._rows()[projection].start) + groups // shape.n_delays
        numbers = words & ((1 << shape.target_bits) - 1)
        targets = plan.rank + numbers * plan.placement.ranks
        delays = (shape.min_delay + groups % shape.n_delays).astype(np.int32)
        units = (rule.sign * (words >> 32)).astype(np.int32)
        return int(index[0]), PlasticWeights(sources, targets, delays, units)

    def counts(self, projection: int) -> PlasticCounts:
        """Updates so far, after all weights are settled."""
        self.settle()
        return self._counts()[projection]

    def _counts(self) -> dict[int, PlasticCounts]:
        counts = self._device.download(self._held["counts"]).reshape(-1, 4).tolist()
        return {index: PlasticCounts(*own) for index, own in zip(self._shape.first_rows, counts, strict=True)}

    def snapshot(self) -> PlasticState:
        """State of this rank's synapses, sources and targets."""
        self.settle()
        plan, device, held = self._plan, self._device, self._held
        rules = plan.tables.plasticity
        last, values = device.download(held["last"]), device.download(held["values"]).reshape(2, -1)
        sources = {}
        for index, rows in self._rows().items():
            own = rows.start + self._local_ids(plan.network.index(plan.network.projections[index].source))
            n_values = 1 if isinstance(rules[index], PairTables) else 2
            sources[index] = SourceTraces(last[own], values[:n_values, own])
        paired = {number: self._histories[number] for number in paired_populations(plan.network, plan.tables)}
        slots = [(self._step + k) % self._n_slots for k in range(plastic_slots(plan.tables))]
        shape = (self._n_slots, plan.network.most_receptors, self._n_neurons)
        pending = device.download(held["pending"]).reshape(shape)[slots].astype(np.int64)
        return PlasticState(
            {},
            sources,
            older_spikes(paired, self._step, *self._spikes()),
            {population: pending[:, :, self._numbers_of(population)] for population in self._targets()},
            device.download(held["pending_events"])[slots],
            self._counts(),
        )

    def _spikes(self) -> tuple[npt.NDArray[Any], ...]:
        """Entries of all histories, and their number, stamps and traces."""
        held, stamps, traces = (self._device.download(self._held[name]) for name in ("held", "stamps", "traces"))
        return held, stamps.reshape(-1, self._length), traces.reshape(-1, self._length)

    def _targets(self) -> list[int]:
        network = self._plan.network
        return sorted({network.index(network.projections[index].target) for index in self._shape.first_rows})

    def _local_ids(self, population: int) -> IntArray:
        """Population-local ids of this rank's neurons."""
        first = self._plan.network.first_ids[self._plan.network.populations[population].name]
        return ids_of_rank(self._plan, population) - first

    def _numbers_of(self, population: int) -> IntArray:
        """Numbers on this rank of its neurons of a population."""
        return ids_of_rank(self._plan, population) // self._plan.placement.ranks

    def restore(self, snapshot: Snapshot) -> None:
        """Continue from a snapshot; the update of its step reads the pending input after this."""
        state = snapshot.plastic
        assert state is not None  # noqa: S101 - the simulator has checked it
        plan, device, held = self._plan, self._device, self._held
        self._step, self._settled = snapshot.step, snapshot.step
        self._write_weights(state.weights)
        last, values = np.full(self._shape.n_rows, NEVER), self._initial_values()
        for index, rows in self._rows().items():
            last[rows] = state.sources[index].last
            values[: len(state.sources[index].values), rows] = state.sources[index].values
        entries, stamps, traces = kept_histories(plan, self._histories, state.histories, snapshot)
        length = self._length
        while 2 * int(entries.max(initial=0)) > length:
            length *= 2
        if length > self._length:
            self._lengthen(length)
        shape = (self._n_slots, plan.network.most_receptors, self._n_neurons)
        pending, events = np.zeros(shape, dtype=self._accumulator), np.zeros(self._n_slots, dtype=np.int64)
        slots = [(snapshot.step + k) % self._n_slots for k in range(plastic_slots(plan.tables))]
        for population, amounts in state.pending.items():
            numbers = self._numbers_of(population)
            for slot, own in zip(slots, amounts, strict=True):
                pending[slot][:, numbers] = own
        events[slots] = state.pending_events
        counts = [list(vars(state.counts[index]).values()) for index in self._shape.first_rows]
        for name, array in (
            ("last", last),
            ("values", values),
            ("held", entries.astype(np.uint32)),
            ("stamps", widened(stamps, self._length)),
            ("traces", widened(traces, self._length)),
            ("pending", pending),
            ("pending_events", events),
            ("counts", np.array(counts, dtype=np.int64)),
            ("status", np.array([0, NO_STOP, snapshot.step])),
        ):
            device.write(held[name], array)
        self.hand_over()
        self._program.launch("join_pending", snapshot.step)
