"""The oracle: a simple, slow reference in NumPy, with which every fast backend is compared bit for bit."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import PHASES, Advance, Construction, Plan, Snapshot
from simcore.backends.oracle_plasticity import OraclePlasticity
from simcore.comm.communicator import ExchangeCounts
from simcore.drives import CurrentDrive, EventDrive
from simcore.drives.drive import DriveStream
from simcore.errors import InputError, require
from simcore.network import Network, Population
from simcore.neurons.declared import coefficients_of, initial_state_of
from simcore.neurons.model import MAX_MULTIPLICITY
from simcore.random import Purpose, digest_sum, philox
from simcore.registry.files import failures_of
from simcore.selection import selected
from simcore.synapses.edges import Edges, draw_projection
from simcore.synapses.plastic import PlasticCounts, PlasticWeights, plastic_projections, plastic_receptors
from simcore.tables import Tables, moved_state, population_values

IntArray = npt.NDArray[np.int64]


class OracleBackend:
    """Builds `OracleEngine`s on one rank; the number of threads has no effect."""

    name = "oracle"
    threaded = False

    def prepare(self, plan: Plan) -> None:
        """Nothing to compile."""

    def memory_estimate(self, plan: Plan) -> dict[str, float]:
        """Bytes by part: five 8-byte numbers per synapse, twice while they are sorted."""
        if plan.placement.ranks != 1:
            raise InputError(f"ranks = {plan.placement.ranks} is not allowed: the oracle runs on one rank")
        network = plan.network
        state = 8.0 * network.n_neurons * (8 + 2 * (plan.tables.max_delay + 1))
        return {"synapses": 80.0 * network.expected_synapses(), "index": 8.0 * network.n_neurons, "state": state}

    def build(self, plan: Plan) -> "OracleEngine":
        """Draw all edges with the rules' NumPy code."""
        return OracleEngine(plan)


class OracleEngine:
    """All neurons in one array for each population, all synapses in one table sorted by source."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._plastic_events = 0
        self._plasticity: OraclePlasticity | None = None
        synapse_digests = self._draw_synapses()
        self._synapse_digest = sum(synapse_digests)
        # Looked up once: the step loop would spend a third of its time on it.
        self._models = [population.neuron_model for population in plan.network.populations]
        self._sampled = [(number, self._models[number].row(name), neuron) for number, neuron, name in plan.traces]
        digest = self._begin()
        synapse_bytes = self._targets.nbytes + self._weights.nbytes + self._delays.nbytes
        memory = {"synapses": synapse_bytes, "index": self._row_start.nbytes, "state": self._ring.nbytes}
        self.construction = Construction("ring_buffer", None, self._n_synapses, digest, synapse_digests, memory)

    def _begin(self) -> int:
        """Draw the initial state, without spikes and input; return the digest of the network."""
        plan, network = self._plan, self._plan.network
        self._step = 0
        self._spikes: list[tuple[int, IntArray]] = []
        self._excess: tuple[int, int] | None = None
        self._states: list[npt.NDArray[Any]] = []
        self._counters: list[npt.NDArray[np.int32]] = []
        for index, population in enumerate(network.populations):
            values = population_values(network, index, plan.seed, self._ids(population))
            model = population.neuron_model
            state, counters = initial_state_of(model, values.params, values.initial, population.size)
            self._states.append(state.astype(plan.real))
            self._counters.append(counters)
        # Slot (step + delay) % slots holds the input of that step, in units of the receptor's lsb.
        shape = (plan.tables.max_delay + 1, network.most_receptors, network.n_neurons)
        self._ring = np.zeros(shape, dtype=np.int64)
        self._ring_events = np.zeros(plan.tables.max_delay + 1, dtype=np.int64)
        return (self._synapse_digest + self._take_parameters()) % 2**128

    def restart(self, seed: int) -> None:
        self._plan = replace(self._plan, seed=seed)
        self.construction = replace(self.construction, network_digest=self._begin())

    def _ids(self, population: Population) -> IntArray:
        first = self._plan.network.first_ids[population.name]
        return np.arange(first, first + population.size)

    def _take_parameters(self) -> int:
        """Compute the coefficients of all neurons; return the digest of the parameters and initial values."""
        network, seed = self._plan.network, self._plan.seed
        self._params = []
        self._coefficients: list[npt.NDArray[Any]] = []
        # By population, of those with a current drive.
        self._current_factors: dict[int, npt.NDArray[Any]] = {}
        digest = 0
        for index, population in enumerate(network.populations):
            ids = self._ids(population)
            values = population_values(network, index, seed, ids)
            digest += values.digest(index, ids, with_constants=True)
            model, size = population.neuron_model, population.size
            coefficients = coefficients_of(model, values.params, network.resolution_ms, size)
            each = np.broadcast_to(coefficients, (len(coefficients), size))
            self._params.append(values.params)
            self._coefficients.append(each.astype(self._plan.real))
        return digest

    def change_parameters(self, network: Network, tables: Tables) -> None:
        before, self._plan = self._plan.network, replace(self._plan, network=network, tables=tables)
        for index, population in enumerate(network.populations):
            ids = self._ids(population)
            self._states[index] = moved_state(before, network, index, self._plan.seed, ids, self._states[index])
        digest = (self._synapse_digest + self._take_parameters()) % 2**128
        self.construction = replace(self.construction, network_digest=digest)

    def _draw_synapses(self) -> tuple[int, ...]:
        plan, network = self._plan, self._plan.network
        parts = [draw_projection(network, plan.tables, plan.seed, p) for p in range(len(network.projections))]
        empty = np.zeros(0, dtype=np.int64)
        source = np.concatenate([empty, *(part.sources for part in parts)])
        target = np.concatenate([empty, *(part.targets for part in parts)])
        weight = np.concatenate([empty, *(part.codes for part in parts)])
        receptors = [self._receptors(index, part) for index, part in enumerate(parts)]
        receptor = np.concatenate([empty, *receptors])
        delay = np.concatenate([empty, *(part.delay_steps for part in parts)])
        self._n_synapses = len(source)
        words = philox((source, target, weight, delay), (0, Purpose.NETWORK_DIGEST))
        own = (receptor == number for number in range(network.most_receptors))
        digests = tuple(digest_sum((words[0][on], words[1][on], words[2][on], words[3][on])) for on in own)
        plastic = plastic_projections(plan.tables)
        if plastic:
            edges, own_receptors = {k: parts[k] for k in plastic}, {k: receptors[k] for k in plastic}
            self._plasticity = OraclePlasticity(plan, edges, own_receptors)
        numbers = np.repeat(np.arange(len(parts)), [len(part.sources) for part in parts])
        static = np.flatnonzero(~np.isin(numbers, plastic))
        order = static[np.argsort(source[static], kind="stable")]
        self._targets, self._weights, self._delays = target[order], weight[order], delay[order]
        self._row_start = np.searchsorted(source[order], np.arange(network.n_neurons + 1))
        self._receptor = receptor[order]
        return digests

    def _receptors(self, index: int, edges: Edges) -> IntArray:
        """Receptor of each edge of a projection."""
        network, tables = self._plan.network, self._plan.tables
        plus, minus = network.receptors(network.projections[index])
        if tables.plasticity[index] is not None:
            plus, minus = plastic_receptors(network, tables, index)
        return np.where(edges.codes < 0, minus, plus)

    def advance(self, n_steps: int) -> Advance:
        """Simulate `n_steps` steps."""
        seconds = dict.fromkeys(PHASES, 0.0)
        stamps, ids, traces, events = [], [], [], 0
        self._excess = None
        for _ in range(n_steps):
            start = time.perf_counter()
            spikes = self._update()
            updated = time.perf_counter()
            events += int(self._ring_events[self._slot(0)]) + self._plastic_events
            self._ring_events[self._slot(0)] = 0
            self._deliver(spikes)
            if self._plasticity is not None:
                self._plasticity.process(self._step + 1, np.bincount(spikes, minlength=self._plan.network.n_neurons))
            delivered = time.perf_counter()
            self._step += 1
            ids.append(spikes)
            self._spikes.append((self._step, spikes))
            stamps.append(np.full(len(spikes), self._step, dtype=np.int64))
            traces.append(self._sample())
            seconds["update"] += updated - start
            seconds["deliver"] += delivered - updated
            seconds["record"] += time.perf_counter() - delivered
        all_stamps, all_ids = np.concatenate(stamps), np.concatenate(ids)
        self._recent()
        words = philox((all_stamps, all_stamps >> 32, all_ids, 0), (0, Purpose.SPIKE_DIGEST))
        phase_s = {phase: [value] for phase, value in seconds.items()}
        return Advance(all_stamps, all_ids, np.array(traces), events, digest_sum(words), phase_s, excess=self._excess)

    def _slot(self, delay: int) -> int:
        return (self._step + delay) % len(self._ring)

    def _update(self) -> IntArray:
        """Update drives and neurons; return the global ids of the spikes, ascending, repeated for every spike."""
        plan = self._plan
        network = plan.network
        arrivals = self._ring[self._slot(0)]
        if self._plasticity is not None:
            plastic, self._plastic_events = self._plasticity.arriving(self._step)
            arrivals += plastic
        for index, one in enumerate(network.inputs):
            drive, prepared = one.drive, plan.tables.drives[index]
            if isinstance(drive, EventDrive) and prepared is not None:
                ids, chosen = self._ids(network.population(drive.target)), selected(drive.target)
                ids = ids if chosen is None else ids[chosen.array]
                with failures_of(drive):
                    counts = drive.events(prepared, DriveStream(plan.seed, one.stream), self._step, ids)
                if np.shape(counts) != ids.shape or counts.dtype.kind not in "iu":
                    allowed = f"must be an integer for each of the {len(ids)} neurons"
                    require(False, f"events of drive {drive.name}", type(counts).__name__, allowed)
                receptor = network.receptors(drive)[int(prepared.header[0]) < 0]
                arrivals[receptor, ids] += counts * prepared.weights(len(ids))
        self._apply_currents()
        spikes = []
        for index, population in enumerate(network.populations):
            first = network.first_ids[population.name]
            model = self._models[index]
            with failures_of(model):
                spiking = model.update(
                    self._states[index],
                    self._counters[index],
                    arrivals[: len(model.receptors), first : first + population.size],
                    self._coefficients[index],
                    plan.tables.grid.lsb[index].astype(plan.real),
                )
            if np.shape(spiking) != (population.size,):
                allowed = f"must be a Boolean for each of the {population.size} neurons"
                require(False, f"update of {model.name}", type(spiking).__name__, allowed)
            if population.relays:
                times = np.asarray(spiking)
                allowed = f"must be an integer for each of the {population.size} neurons"
                require(times.dtype.kind in "biu", f"update of {model.name}", str(times.dtype), allowed)
                spikes.append(self._relayed(first, times))
            else:
                spikes.append(first + np.flatnonzero(spiking))
        arrivals[:] = 0
        return np.concatenate(spikes)

    def _relayed(self, first: int, times: npt.NDArray[Any]) -> IntArray:
        """Global ids of neurons from `first` on that relay spikes, each repeated for every spike."""
        beyond = np.flatnonzero(times > MAX_MULTIPLICITY)
        if len(beyond) and self._excess is None:
            self._excess = self._step + 1, first + int(beyond[0])
        return first + np.repeat(np.arange(len(times)), np.clip(times, 0, MAX_MULTIPLICITY).astype(np.int64))

    def _apply_currents(self) -> None:
        """Replace the coefficient that is I_e times a factor where a current drive acts."""
        network = self._plan.network
        for index, population in enumerate(network.populations):
            model, ids, params = self._models[index], self._ids(population), self._params[index]
            total, driven = params["I_e"] if "I_e" in params else np.zeros(()), False
            for number, one in network.inputs_of(population.name):
                drive, prepared = one.drive, self._plan.tables.drives[number]
                if isinstance(drive, CurrentDrive) and prepared is not None:
                    stream = DriveStream(self._plan.seed, one.stream)
                    chosen = selected(drive.target)
                    here = 1.0 if chosen is None else np.isin(np.arange(population.size), chosen.array)
                    total = total + here * drive.currents(prepared, stream, self._step, ids)
                    driven = True
            if driven:
                if index not in self._current_factors:
                    coefficients = model.coefficients({**params, "I_e": np.ones(())}, network.resolution_ms)
                    self._current_factors[index] = coefficients[model.current_row]
                self._coefficients[index][model.current_row] = total * self._current_factors[index]

    def _deliver(self, spikes: IntArray) -> None:
        for source, times in zip(*np.unique(spikes, return_counts=True), strict=True):
            row = slice(self._row_start[source], self._row_start[source + 1])
            slots = (self._step + self._delays[row]) % len(self._ring)
            weights = self._weights[row]
            np.add.at(self._ring, (slots, self._receptor[row], self._targets[row]), weights * times)
            np.add.at(self._ring_events, slots, times)

    def _sample(self) -> list[Any]:
        return [self._states[population][row, neuron] for population, row, neuron in self._sampled]

    def snapshot(self) -> Snapshot:
        neurons = [np.arange(population.size) for population in self._plan.network.populations]
        state = [values.copy() for values in self._states]
        counters = [values.copy() for values in self._counters]
        plastic = None if self._plasticity is None else self._plasticity.snapshot(self._step)
        return Snapshot(self._step, neurons, state, counters, *self._recent(), plastic=plastic)

    def _recent(self) -> tuple[IntArray, IntArray]:
        """Stamps and ids of the spikes of the last max_delay steps."""
        self._spikes = [pair for pair in self._spikes if pair[0] > self._step - self._plan.tables.max_delay]
        stamps = [np.full(len(ids), stamp, dtype=np.int64) for stamp, ids in self._spikes]
        empty = [np.zeros(0, dtype=np.int64)]
        return np.concatenate(empty + stamps), np.concatenate(empty + [ids for _, ids in self._spikes])

    def restore(self, snapshot: Snapshot) -> None:
        for held, restored in ((self._states, snapshot.state), (self._counters, snapshot.counters)):
            for values, given in zip(held, restored, strict=True):
                values[:] = given
        self._ring[:] = 0
        self._ring_events[:] = 0
        self._spikes = []
        for stamp in range(max(1, snapshot.step - self._plan.tables.max_delay + 1), snapshot.step + 1):
            # As if the step before were being simulated; input of past steps is dropped.
            self._step = stamp - 1
            ids = snapshot.ids[snapshot.stamps == stamp]
            self._deliver(ids)
            self._spikes.append((stamp, ids))
            self._ring[self._slot(0)] = 0
            self._ring_events[self._slot(0)] = 0
        self._step = snapshot.step
        if self._plasticity is not None and snapshot.plastic is not None:
            n = self._plan.network.n_neurons
            recent = {stamp: np.bincount(ids, minlength=n) for stamp, ids in self._spikes}
            self._plasticity.restore(snapshot.plastic, snapshot.step, recent)

    def weights(self, projection: int) -> PlasticWeights:
        return self._plastic.weights(projection)

    def weight_blocks(self, projection: int) -> Iterator[PlasticWeights]:
        return self._plastic.weight_blocks(projection)

    def set_weights(self, projection: int, weights: PlasticWeights) -> None:
        self._plastic.set_weights(projection, weights)

    def plastic_counts(self, projection: int) -> PlasticCounts:
        return self._plastic.counts(projection)

    @property
    def _plastic(self) -> OraclePlasticity:
        if self._plasticity is None:
            raise RuntimeError("the network has no plastic projection")
        return self._plasticity

    def counted(self, population: int, counter: int) -> int:
        return int(self._counters[population][counter].sum())

    def memory_parts(self) -> dict[str, int]:
        return self.construction.memory_bytes

    def exchange_counts(self) -> dict[str, ExchangeCounts]:
        return {}

    def close(self, together: bool = True) -> None:
        """Do nothing: the oracle holds only arrays."""


BACKEND = OracleBackend()
