"""A rank's part of a network on its device: upload, simulation by the kernels, and download of the results."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Advance, Construction, Plan, Snapshot
from simcore.backends.gpu.device import Device, Held
from simcore.backends.gpu.held_spikes import LARGEST_STEP, SpikeList, Words, extra_spikes, held_spikes, words_and_steps
from simcore.backends.gpu.layout import cursors_of_spike
from simcore.backends.gpu.plastic_tables import joined_rows
from simcore.backends.gpu.plasticity import GpuPlasticity
from simcore.backends.gpu.ranks import SpikeExchange, ids_of_rank, interval_of
from simcore.backends.gpu.source import kernel_source
from simcore.backends.gpu.synapses import SynapseBuilder, Synapses, all_sources, static_table
from simcore.backends.gpu.tables import Arguments, NeuronTables, own_traces
from simcore.backends.process import OwnProcess
from simcore.comm.communicator import EVERYONE, ExchangeCounts
from simcore.network import Network
from simcore.neurons.model import MAX_MULTIPLICITY
from simcore.random import Purpose, digest_sum, philox
from simcore.synapses.plastic import PlasticCounts, PlasticWeights, plastic_projections
from simcore.synapses.rows import make_rows
from simcore.synapses.spike_words import ID_MASK, spike_words
from simcore.tables import Tables, moved_state

IntArray = npt.NDArray[np.int64]

CLOCKS = ("update", "deliver", "communicate", "record")
"""Phases in the order of the kernels; the blocks wait for each other while they communicate."""
FILLED, ENDS = 16, 32
"""The counters of the kernels are one array, copied at once: arrivals at barriers, held spikes, and the ends of steps.
Each has its own cache line."""
MAX_STEPS = 2000
"""Largest number of steps per launch, for which a signal waits and memory for traces is allocated."""
MAX_RELAYED_DELAY = LARGEST_STEP - MAX_STEPS - 2
"""With multiplicities the steps of held spikes have 16 bits."""


class GpuEngine:
    """The neurons of a rank, and all synapses that end at them, on one device.

    Parameters
    ----------
    plan
        Plan of the network.
    device
        Device of this rank.
    platform
        See `kernel_source`; the device's own by default.
    """

    def __init__(self, plan: Plan, device: Device, platform: str | None = None) -> None:
        self._plan, self._device = plan, device
        self._process = OwnProcess("GPU")
        self._step, self._delivered = 0, 0
        self._rows = make_rows(plan.network, plan.tables, by_weight=False)
        # Between two exchanges no launch may end early.
        self._interval = interval_of(plan)
        in_degrees = device.zeros(len(range(plan.rank, plan.network.n_neurons, plan.placement.ranks)), np.uint32)
        self._plasticity: GpuPlasticity | None = None
        if plastic_projections(plan.tables):
            self._plasticity = GpuPlasticity(plan, device, platform, in_degrees, self._interval)
        synapses = SynapseBuilder(plan, static_table(plan, self._rows), device, platform, in_degrees).build()
        tables = [synapses] if self._plasticity is None else [synapses, self._plasticity.synapses]
        digests = tuple(int(sum(parts)) % 2**128 for parts in zip(*(table.digests for table in tables), strict=True))
        self._synapse_digest: int = sum(digests)
        self._accumulator = np.dtype(synapses.accumulator)
        self._traces = own_traces(plan)
        self._held: dict[str, Held] = {}
        self._by_row, layout = synapses.layout.by_row, synapses.layout
        self._arguments = self._allocate(synapses)
        self._take_neurons(NeuronTables(plan, device))
        # Spikes whose input may still be pending: entries, and the steps in which they were fired.
        self._entries: Words = np.zeros(0, dtype=plan.spike_word)
        self._origins = np.zeros(0, dtype=np.int64)
        self._program = device.compile(
            kernel_source(plan.network, plan.real, self._accumulator, layout.dtype, platform, layout.delay_dtype)
        )
        rows, n_synapses = self._rows, sum(table.n_synapses for table in tables)
        if self._plasticity is not None:
            self._plasticity.begin(self._program, self._accumulator)
            rows = joined_rows(rows, self._plasticity.table.rows)
        self.construction = Construction(
            layout.name, None, n_synapses, self._digest(), digests, self._memory(tables), self._interval,
            delivery_reason=layout.reason,
        )  # fmt: skip
        self._exchange = None
        if plan.placement.ranks > 1:
            sources = partial(all_sources, device, tables)
            self._exchange = SpikeExchange(plan, rows, self._interval * self._arguments.room, sources)
            self.construction = replace(
                self.construction,
                exchange=plan.exchange,
                destinations=self._exchange.destinations,
                routing_s=self._exchange.routing_s,
            )

    def _memory(self, tables: list[Synapses]) -> dict[str, int]:
        parts = {
            "synapses": sum(table.nbytes for table in tables),
            "index": sum(table.index.nbytes + table.partitions.nbytes for table in tables),
        }
        state = [held for name, held in self._held.items() if name not in ("words", "delays", "index", "partitions")]
        plastic = 0 if self._plasticity is None else self._plasticity.nbytes
        parts["state"] = sum(held.nbytes for held in state) + self._list.nbytes + self._neurons.nbytes + plastic
        return parts

    def _allocate(self, synapses: Synapses) -> Arguments:
        """Allocate the arrays of the step loop."""
        plan, device = self._plan, self._device
        ranks = plan.placement.ranks
        n = len(range(plan.rank, plan.network.n_neurons, ranks))
        sources = self._rows.sources()
        cursors = cursors_of_spike(synapses.layout, sources, synapses.n_partitions)
        self._list = SpikeList(device, self._interval * n, cursors)
        sizes: dict[str, tuple[int, npt.DTypeLike]] = {
            "inputs": (2 * plan.network.most_receptors * n, self._accumulator),
            "progress": (ENDS + plan.tables.max_delay + MAX_STEPS + 2, np.int64),
            "traces": (MAX_STEPS * len(self._traces), plan.real),
            "events": (3, np.int64),
            "clocks": (device.blocks * (len(CLOCKS) + 1), np.int64),
        }
        self._held = {name: device.zeros(*size) for name, size in sizes.items()}
        self._held |= {"words": synapses.words, "index": synapses.index, "partitions": synapses.partitions}
        if synapses.delays is not None:
            self._held["delays"] = synapses.delays
        self._held |= {
            "first_ids": device.upload(sources.first_ids),
            "channel_starts": device.upload(sources.starts),
            # No array is empty, so that every one has an address.
            "channels": device.upload(sources.channels if sources.channels.size else np.zeros((1, 3), dtype=np.int64)),
        }
        addresses = {name: held.address for name, held in self._held.items()}
        progress = addresses.pop("progress")
        return Arguments(
            rank=plan.rank,
            ranks=ranks,
            n_neurons=n,
            n_partitions=synapses.n_partitions,
            n_delays=synapses.layout.n_delays,
            min_delay=plan.tables.min_delay,
            max_delay=plan.tables.max_delay,
            seed=plan.seed,
            room=n,
            n_traces=len(self._traces),
            n_ranges=len(sources.first_ids),
            n_ordinals=sources.most_channels,
            arrivals=progress,
            filled=progress + 8 * FILLED,
            ends=progress + 8 * ENDS,
            **addresses,
        )

    def _digest(self) -> int:
        return (self._synapse_digest + self._neurons.digest) % 2**128

    def _take_neurons(self, neurons: NeuronTables) -> None:
        self._neurons = neurons
        traced = np.array(neurons.traced() or [0], dtype=np.int64)
        self._traced = self._device.upload(traced)
        self._arguments = replace(
            self._arguments,
            populations=neurons.populations.address,
            drives=neurons.drives.address,
            traced=self._traced.address,
        )

    def change_parameters(self, network: Network, tables: Tables) -> None:
        before, self._plan = self._plan.network, replace(self._plan, network=network, tables=tables)
        state = []
        for number in range(len(network.populations)):
            values, counters = self._state_of(number)
            moved = moved_state(before, network, number, self._plan.seed, ids_of_rank(self._plan, number), values)
            state.append((moved, counters))
        self._take_neurons(NeuronTables(self._plan, self._device, state))
        self.construction = replace(self.construction, network_digest=self._digest())

    def restart(self, seed: int) -> None:
        self._process.require()
        self._plan = replace(self._plan, seed=seed)
        self._arguments = replace(self._arguments, seed=seed)
        self._take_neurons(NeuronTables(self._plan, self._device))
        self.construction = replace(self.construction, network_digest=self._digest(), routing_s=0.0)
        nothing = np.zeros(0, dtype=np.int64)
        self._go_on_from(0, nothing, nothing)

    def advance(self, n_steps: int) -> Advance:
        self._process.require()
        stamps, ids, traces = [], [], []
        excess: tuple[int, int] | None = None
        waited = 0.0 if self._exchange is None else self._exchange.seconds
        end = self._step + n_steps
        # The first of the three counters of events holds those that arrived.
        self._device.write(self._held["events"], np.zeros(1, dtype=np.int64))
        self._device.write(self._held["clocks"], np.zeros(self._device.blocks * (len(CLOCKS) + 1), dtype=np.int64))
        while self._step < end:
            begin = self._step
            stop = begin + MAX_STEPS if self._exchange is None else begin - begin % self._interval + self._interval
            entries, origins, recorded = self._propagate(min(end, stop))
            new_stamps, new_ids = self._spikes_of(entries, origins)
            excess = excess or self._excess_of(entries, origins)
            stamps.append(new_stamps)
            ids.append(new_ids)
            traces.append(recorded)
            if self._exchange is not None:
                self._receive(self._exchange, begin, entries, origins)
            if self._plasticity is not None:
                self._plasticity.make_room()
        no_spikes = [np.zeros(0, dtype=np.int64)]
        all_stamps, all_ids = np.concatenate(no_spikes + stamps), np.concatenate(no_spikes + ids)
        words = philox((all_stamps, all_stamps >> 32, all_ids, 0), (0, Purpose.SPIKE_DIGEST))
        no_traces = [np.zeros((0, len(self._plan.traces)), dtype=self._plan.real)]
        events = int(self._device.download(self._held["events"])[0])
        phase_s, exchange_s = self._phase_s(), 0.0
        if self._exchange is not None:
            self._exchange.adapt()
            exchange_s = self._exchange.seconds - waited
            phase_s["communicate"][0] += exchange_s
        recorded = np.concatenate(no_traces + traces)
        return Advance(all_stamps, all_ids, recorded, events, digest_sum(words), phase_s, exchange_s, excess)

    def _phase_s(self) -> dict[str, list[float]]:
        """Seconds by phase, averaged over the first threads of all blocks."""
        clocks = self._device.download(self._held["clocks"]).reshape(-1, len(CLOCKS) + 1).astype(np.float64)
        cycles, ns = clocks[:, :-1], clocks[:, -1:]
        seconds = (cycles / np.maximum(cycles.sum(axis=1, keepdims=True), 1.0) * ns * 1e-9).mean(axis=0)
        return {phase: [value] for phase, value in zip(CLOCKS, seconds.tolist(), strict=True)}

    def _spikes_of(self, entries: Words, origins: IntArray) -> tuple[IntArray, IntArray]:
        """Stamps and ids of this rank's spikes, in order of (stamp, id)."""
        if self._plan.network.relays:
            times = 1 + extra_spikes(entries)
            entries, origins = np.repeat(entries, times), np.repeat(origins, times)
        ids = (entries & ID_MASK).astype(np.int64)
        own = ids % self._plan.placement.ranks == self._plan.rank
        order = np.lexsort((ids[own], origins[own]))
        return origins[own][order] + 1, ids[own][order]

    def _excess_of(self, entries: Words, origins: IntArray) -> tuple[int, int] | None:
        """Stamp and id of the first of these spikes that exceeded the largest multiplicity."""
        if not self._plan.network.relays:
            return None
        beyond = extra_spikes(entries) >= MAX_MULTIPLICITY
        ids = (entries[beyond] & ID_MASK).tolist()
        found = sorted(zip(origins[beyond].tolist(), ids, strict=True))
        return (found[0][0] + 1, found[0][1]) if found else None

    def _hold_recent(self, entries: Words, origins: IntArray) -> None:
        """Keep the spikes whose input may still be pending, in order of their steps."""
        recent = origins >= self._step - self._plan.tables.max_delay
        order = np.argsort(origins[recent], kind="stable")
        self._entries, self._origins = entries[recent][order], origins[recent][order]

    def _prepare_launch(self, entries: Words, origins: IntArray) -> int:
        """Upload spikes in order of their steps; return the step from which the kernels count."""
        begin, device, held = self._step, self._device, self._held
        base = max(0, begin - self._plan.tables.max_delay)
        self._list.make_room(len(entries))
        progress = np.full(ENDS + self._plan.tables.max_delay + MAX_STEPS + 2, -1, dtype=np.int64)
        progress[0], progress[FILLED] = 0, len(entries)
        progress[ENDS : ENDS + begin - base + 1] = np.searchsorted(origins, np.arange(base, begin + 1), side="left")
        device.write(self._list.spikes, held_spikes(entries, origins - base))
        device.write(held["progress"], progress)
        steps = {"first_step": begin, "base_step": base, "delivered": self._delivered}
        self._program.set_arguments(replace(self._arguments, **steps, **self._list.arguments()).row())
        if self._plasticity is not None:
            self._plasticity.hand_over()
        return base

    def _propagate(self, end_step: int) -> tuple[Words, IntArray, npt.NDArray[Any]]:
        """Advance towards a step; return entries and steps of the new spikes, and traces."""
        begin, n_held, device, held = self._step, len(self._entries), self._device, self._held
        base = self._prepare_launch(self._entries, self._origins)
        if self._by_row:
            self._program.launch("enter_held")
        if self._program.resident:
            self._program.launch("propagate", end_step)
        else:
            for step in range(begin, end_step):
                self._program.launch("begin_step", step)
                self._program.launch("end_step", step)
        progress = device.download(held["progress"])
        self._step = base + int(np.argmax(progress[ENDS:] < 0)) - 1
        if self._plasticity is not None:
            self._plasticity.stepped(begin, self._step)
        spikes = device.download_part(self._list.spikes, n_held, int(progress[FILLED]))
        entries, steps = words_and_steps(spikes, self._plan.spike_word)
        origins = steps + base
        self._hold_recent(np.concatenate((self._entries, entries)), np.concatenate((self._origins, origins)))
        n_steps, n_traces = self._step - begin, len(self._traces)
        recorded = np.zeros((n_steps, len(self._plan.traces)), dtype=self._plan.real)
        values = device.download_part(held["traces"], 0, n_steps * n_traces)
        recorded[:, self._traces] = values.reshape(n_steps, n_traces)
        return entries, origins, recorded

    def _receive(self, exchange: SpikeExchange, begin: int, entries: Words, origins: IntArray) -> None:
        """Exchange the spikes of the steps since `begin`, and deliver those of other ranks to the next two steps."""
        ends = np.searchsorted(origins, np.arange(begin, self._step), side="right")
        exchange.start(entries, ends)
        # Meanwhile the known spikes deliver the arrivals of one step later.
        self._delivered = self._step + 1
        self._program.launch("prime", self._delivered)
        received, steps = exchange.finish()
        if not len(received):
            return
        self._prepare_launch(received, begin + steps)
        for arrival in (self._step, self._delivered):
            self._program.launch("prime", arrival)
        if self._plasticity is not None:
            self._plasticity.received(begin + steps)
        self._hold_recent(np.concatenate((self._entries, received)), np.concatenate((self._origins, begin + steps)))

    def snapshot(self) -> Snapshot:
        first_ids, populations = self._rows.first_ids, range(len(self._plan.network.populations))
        neurons = [ids_of_rank(self._plan, number) - first_ids[number] for number in populations]
        values = [self._state_of(number) for number in populations]
        state, counters = ([both[part] for both in values] for part in (0, 1))
        plastic = None if self._plasticity is None else self._plasticity.snapshot()
        recent = self._spikes_of(self._entries, self._origins)
        return Snapshot(self._step, neurons, state, counters, *recent, plastic=plastic)

    def _state_of(self, population: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """State (variables, neurons) and counters (counters, neurons) of this rank's neurons."""
        self._process.require()
        arrays, model = self._neurons.arrays[population], self._plan.network.populations[population].neuron_model
        n = len(ids_of_rank(self._plan, population))
        sizes = ((arrays.state, len(model.variables)), (arrays.counters, model.n_counters))
        # The device has an entry even of an empty array, for its address.
        state, counters = (self._device.download(held).reshape(-1)[: rows * n].reshape(rows, n) for held, rows in sizes)
        return state, counters

    def restore(self, snapshot: Snapshot) -> None:
        self._process.require()
        for arrays, state, counters in zip(self._neurons.arrays, snapshot.state, snapshot.counters, strict=True):
            self._device.write(arrays.state, state.astype(self._plan.real))
            self._device.write(arrays.counters, counters.astype(np.int32))
        self._go_on_from(snapshot.step, snapshot.stamps, snapshot.ids)
        if self._plasticity is not None:
            self._plasticity.restore(snapshot)

    def _go_on_from(self, step: int, stamps: IntArray, ids: IntArray) -> None:
        """Set the next step, and the spikes whose input may still be pending."""
        self._step = step
        words, stamps, _ = spike_words(stamps, ids, self._plan.spike_word)
        self._hold_recent(words, stamps - 1)
        n_inputs = 2 * self._plan.network.most_receptors * self._arguments.n_neurons
        self._device.write(self._held["inputs"], np.zeros(n_inputs, dtype=self._accumulator))
        self._device.write(self._held["events"], np.zeros(3, dtype=np.int64))
        self._delivered = self._step
        self._prepare_launch(self._entries, self._origins)
        self._program.launch("prime", self._step)

    def weights(self, projection: int) -> PlasticWeights:
        return self._plastic().weights(projection)

    def weight_blocks(self, projection: int) -> Iterator[PlasticWeights]:
        return self._plastic().weight_blocks(projection)

    def set_weights(self, projection: int, weights: PlasticWeights) -> None:
        self._plastic().set_weights(projection, weights)

    def plastic_counts(self, projection: int) -> PlasticCounts:
        return self._plastic().counts(projection)

    def _plastic(self) -> GpuPlasticity:
        self._process.require()
        if self._plasticity is None:
            raise RuntimeError("the network has no plastic projection")
        return self._plasticity

    def counted(self, population: int, counter: int) -> int:
        return int(self._state_of(population)[1][counter].sum())

    def memory_parts(self) -> dict[str, int]:
        return self.construction.memory_bytes

    def exchange_counts(self) -> dict[str, ExchangeCounts]:
        return {} if self._exchange is None else {EVERYONE: self._exchange.counts()}

    def close(self, together: bool = True) -> None:
        self._held.clear()
        if together and self._exchange is not None:
            self._exchange.close()
        for name in ("_neurons", "_traced", "_program", "_plasticity", "_list"):
            setattr(self, name, None)
