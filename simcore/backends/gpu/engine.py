"""A network on one device: uploads it, lets the kernels advance it, and fetches what they yield."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Advance, Construction, Plan, Snapshot
from simcore.backends.gpu.device import Device, Held
from simcore.backends.gpu.source import kernel_source
from simcore.backends.gpu.synapses import draw_synapses
from simcore.backends.gpu.tables import Arguments, NeuronTables
from simcore.comm.communicator import ExchangeCounts
from simcore.network import Network
from simcore.random import Purpose, digest_sum, philox
from simcore.synapses.layout import JUST_IN_TIME
from simcore.synapses.rows import ROW_MASK, make_rows
from simcore.tables import moved_state

IntArray = npt.NDArray[np.int64]

MAX_STEPS = 2000
"""Steps of a launch: what a signal waits for, and room is kept for their traces."""
SPARE_ENTRIES = 1 << 20
"""Room for spikes beyond those of a step in which all neurons fire; a launch ends when it is used up."""


class GpuEngine:
    """All neurons and synapses of a network on one device.

    Parameters
    ----------
    plan
        What is built; one rank.
    device
        Where.
    platform
        See `kernel_source`; the device's own by default.
    """

    def __init__(self, plan: Plan, device: Device, platform: str | None = None) -> None:
        self._plan, self._device = plan, device
        self._step, self._waiting_events = 0, 0
        self._rows = make_rows(plan.network, plan.tables)
        synapses = draw_synapses(plan, self._rows)
        self._synapse_digest = synapses.digest
        self._accumulator = np.dtype(synapses.accumulator)
        n, max_delay = plan.network.n_neurons, plan.tables.max_delay
        room = 2 * n
        capacity = room + SPARE_ENTRIES
        arrays = {
            "words": synapses.words,
            "index": synapses.index,
            "partitions": synapses.partitions,
            "inputs": np.zeros((2, 2, n), dtype=self._accumulator),
            "entries": np.zeros(capacity, dtype=np.uint32),
            "origins": np.zeros(capacity, dtype=np.int32),
            "ends": np.zeros(max_delay + MAX_STEPS + 2, dtype=np.int64),
            "filled": np.zeros(1, dtype=np.int64),
            "traces": np.zeros(max(1, MAX_STEPS * len(plan.traces)), dtype=plan.real),
            "events": np.zeros(2, dtype=np.int64),
            "reached": np.zeros(1, dtype=np.int64),
            "arrivals": np.zeros(1, dtype=np.uint32),
        }
        # An empty array has no address.
        self._held: dict[str, Held] = {
            name: device.upload(array if array.size else np.zeros(1, dtype=array.dtype))
            for name, array in arrays.items()
        }
        self._arguments = Arguments(
            n_neurons=n,
            n_populations=len(plan.network.populations),
            n_partitions=len(synapses.partitions),
            n_delays=synapses.n_delays,
            min_delay=plan.tables.min_delay,
            max_delay=max_delay,
            seed=plan.seed,
            capacity=capacity,
            room=room,
            n_traces=len(plan.traces),
            **{name: held.address for name, held in self._held.items()},
        )
        self._take_neurons(NeuronTables(plan, self._rows, device))
        # Spikes whose input may still be pending: entries, and the steps in which they were fired.
        self._entries, self._origins = np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.int64)
        self._program = device.compile(
            kernel_source(plan.network, plan.real, self._accumulator, synapses.words.dtype, platform)
        )
        held = {name: self._held[name].nbytes for name in self._held}
        memory = {"synapses": held.pop("words"), "index": held.pop("index") + held.pop("partitions")}
        memory["state"] = sum(held.values()) + self._neurons.nbytes
        self.construction = Construction(JUST_IN_TIME, None, len(synapses.words), self._digest(), memory)

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

    def change_parameters(self, network: Network) -> None:
        before, self._plan = self._plan.network, replace(self._plan, network=network)
        state = []
        for number, population in enumerate(network.populations):
            first, arrays = network.first_ids[population.name], self._neurons.arrays[number]
            ids = np.arange(first, first + population.size)
            moved = moved_state(before, network, number, self._plan.seed, ids, self._device.download(arrays.state))
            state.append((moved, self._device.download(arrays.counters)))
        self._take_neurons(NeuronTables(self._plan, self._rows, self._device, state))
        self.construction = replace(self.construction, network_digest=self._digest())

    def advance(self, n_steps: int) -> Advance:
        stamps, ids, traces = [], [], []
        events, end = 0, self._step + n_steps
        while self._step < end:
            begin = self._step
            entries, origins, recorded, arrived = self._propagate(min(end, begin + MAX_STEPS))
            new_stamps, new_ids = self._spikes_of(entries, origins)
            stamps.append(new_stamps)
            ids.append(new_ids)
            traces.append(recorded)
            events += arrived
        no_spikes = [np.zeros(0, dtype=np.int64)]
        all_stamps, all_ids = np.concatenate(no_spikes + stamps), np.concatenate(no_spikes + ids)
        words = philox((all_stamps, all_stamps >> 32, all_ids, 0), (0, Purpose.SPIKE_DIGEST))
        no_traces = [np.zeros((0, len(self._plan.traces)), dtype=self._plan.real)]
        return Advance(all_stamps, all_ids, np.concatenate(no_traces + traces), events, digest_sum(words))

    def _spikes_of(self, entries: npt.NDArray[np.uint32], origins: IntArray) -> tuple[IntArray, IntArray]:
        """Stamps and ids of the spikes, in order of (stamp, id); a second row is no spike of its own."""
        rows = (entries & ROW_MASK).astype(np.int64)
        own = rows < self._plan.network.n_neurons
        order = np.lexsort((rows[own], origins[own]))
        return origins[own][order] + 1, rows[own][order]

    def _hold_recent(self, entries: npt.NDArray[np.uint32], origins: IntArray) -> None:
        """Keep the spikes whose input may still be pending, in order of their steps."""
        recent = origins >= self._step - self._plan.tables.max_delay
        order = np.argsort(origins[recent], kind="stable")
        self._entries, self._origins = entries[recent][order], origins[recent][order]

    def _launch(self, kernel: str, end_step: int) -> tuple[int, int]:
        """Run a kernel; returns the base of its steps, and the synaptic events that arrived in them."""
        begin, device, held = self._step, self._device, self._held
        base = max(0, begin - self._plan.tables.max_delay)
        n_held = len(self._entries)
        self._make_room(n_held)
        ends = np.searchsorted(self._origins, np.arange(base, begin + 1), side="left")
        for name, array in (
            ("entries", self._entries),
            ("origins", (self._origins - base).astype(np.int32)),
            ("ends", ends.astype(np.int64)),
            ("filled", np.array([n_held])),
            ("events", np.zeros(2, dtype=np.int64)),
            ("arrivals", np.zeros(1, dtype=np.uint32)),
        ):
            device.write(held[name], array)
        arguments = replace(self._arguments, first_step=begin, end_step=end_step, base_step=base)
        self._program.launch(kernel, arguments.row())
        # The kernel begins to count with what arrives after its first step.
        arrived, later = device.download(held["events"]).tolist()
        arrived, self._waiting_events = arrived + self._waiting_events, later
        return base, arrived

    def _propagate(self, end_step: int) -> tuple[npt.NDArray[np.uint32], IntArray, npt.NDArray[Any], int]:
        """Advance towards a step; returns entries and steps of the new spikes, traces, and the events that arrived."""
        begin, n_held, device, held = self._step, len(self._entries), self._device, self._held
        base, events = self._launch("propagate", end_step)
        self._step = int(device.download(held["reached"])[0])
        filled = int(device.download(held["filled"])[0])
        entries = device.download(held["entries"])[:filled]
        origins = device.download(held["origins"])[:filled].astype(np.int64) + base
        self._hold_recent(entries, origins)
        n_steps, n_traces = self._step - begin, len(self._plan.traces)
        recorded = device.download(held["traces"])[: n_steps * n_traces].reshape(n_steps, n_traces)
        return entries[n_held:], origins[n_held:], recorded, events

    def _make_room(self, n_held: int) -> None:
        """Enlarge the list of spikes if those that are held leave too little for a step."""
        if n_held + self._arguments.room <= self._arguments.capacity:
            return
        capacity = 2 * n_held + self._arguments.room + SPARE_ENTRIES
        for name, dtype in (("entries", np.uint32), ("origins", np.int32)):
            self._held[name] = self._device.upload(np.zeros(capacity, dtype=dtype))
        entries, origins = (self._held[name].address for name in ("entries", "origins"))
        self._arguments = replace(self._arguments, capacity=capacity, entries=entries, origins=origins)

    def snapshot(self) -> Snapshot:
        download = self._device.download
        populations = self._plan.network.populations
        models = [population.neuron_model for population in populations]
        state = [download(arrays.state).reshape(-1)[: len(m.variables) * p.size].reshape(len(m.variables), p.size)
                 for arrays, m, p in zip(self._neurons.arrays, models, populations, strict=True)]  # fmt: skip
        counters = [download(arrays.counters).reshape(-1)[: m.n_counters * p.size].reshape(m.n_counters, p.size)
                    for arrays, m, p in zip(self._neurons.arrays, models, populations, strict=True)]  # fmt: skip
        neurons = [np.arange(population.size) for population in populations]
        return Snapshot(self._step, neurons, state, counters, *self._spikes_of(self._entries, self._origins))

    def restore(self, snapshot: Snapshot) -> None:
        for arrays, state, counters in zip(self._neurons.arrays, snapshot.state, snapshot.counters, strict=True):
            self._device.write(arrays.state, state.astype(self._plan.real))
            self._device.write(arrays.counters, counters.astype(np.int32))
        self._step = snapshot.step
        words, position = self._rows.words(snapshot.ids)
        self._hold_recent(words, snapshot.stamps[position] - 1)
        n = self._plan.network.n_neurons
        self._device.write(self._held["inputs"], np.zeros((2, 2, n), dtype=self._accumulator))
        self._launch("prime", snapshot.step)

    def counted(self, population: int, counter: int) -> int:
        size = self._plan.network.populations[population].size
        counters = self._device.download(self._neurons.arrays[population].counters).reshape(-1)
        return int(counters[counter * size : (counter + 1) * size].sum())

    def exchange_counts(self) -> ExchangeCounts:
        return ExchangeCounts()

    def close(self) -> None:
        """Release the memory of the device."""
        self._held.clear()
        for name in ("_neurons", "_traced", "_program"):
            setattr(self, name, None)
