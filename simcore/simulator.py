"""Builds a network on this rank and runs it."""

import hashlib
import os
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends import Advance, Backend, Engine, Plan, backends
from simcore.comm import Communicator, LocalCommunicator
from simcore.errors import integer, number, require
from simcore.memory import require_memory
from simcore.network import Network, SpikeRecorder, TraceRecorder
from simcore.placement import Placement
from simcore.random import MAX_SEED
from simcore.recording.spikes import Spikes
from simcore.signals import signals_deferred
from simcore.tables import make_tables, population_values

PRECISIONS = ("float32", "float64")
MAX_THREADS = 1024
MAX_STEPS_PER_CALL = 10_000
SECONDS_PER_CALL = 0.25
"""Between calls into the backend signals are seen and progress is shown."""


def usable_cpus() -> int:
    """Number of CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Propagation:
    """What one call of `Simulator.run` yielded, summed over ranks.

    Parameters
    ----------
    steps
        Simulated steps.
    wall_s
        Wall time of the state propagation on this rank.
    spikes
        Number of spikes of each population.
    synaptic_events
        Number of deliveries (spike x out-degree, counted).
    spike_digest
        Sum modulo 2**128 of Philox(stamp, id) over the spikes.
    phase_s
        Seconds by phase, one entry for each thread of this rank.
    """

    steps: int
    wall_s: float
    spikes: dict[str, int]
    synaptic_events: int
    spike_digest: str
    phase_s: dict[str, list[float]]


class Simulator:
    """A built network.

    Parameters
    ----------
    network
        The description.
    seed
        0 ... 2**32 - 1. With the network, `precision` and `weight_bits` it fixes every spike.
    threads
        Threads of this rank; all usable CPUs by default. Does not change a bit.
    backend
        Name of a backend.
    precision
        ``"float32"`` or ``"float64"``: the neuron state.
    weight_bits
        8, 16 or 32.
    accept_quantisation
        Accept weights that the bits move by more than 1 %.
    comm
        Communicator; a single process by default.

    Raises
    ------
    InputError
        If an option is wrong, or the memory does not suffice.
    """

    def __init__(
        self,
        network: Network,
        *,
        seed: int = 1,
        threads: int | None = None,
        backend: str = "cpu",
        precision: str = "float32",
        weight_bits: int = 16,
        accept_quantisation: bool = False,
        comm: Communicator | None = None,
    ) -> None:
        seed = integer(seed, "seed", 0, MAX_SEED)
        require(precision in PRECISIONS, "precision", precision, "use float32 or float64")
        threads = usable_cpus() if threads is None else integer(threads, "threads", 1, MAX_THREADS)
        self.comm: Communicator = comm or LocalCommunicator()
        self.network = network
        self.backend: Backend = backends.get(backend)
        start = time.perf_counter()
        made = make_tables(network, weight_bits, accept_quantisation) if self.comm.rank == 0 else None
        tables = self.comm.broadcast(made)
        assert tables is not None  # noqa: S101 - for the type checker
        placement = Placement(network.n_neurons, self.comm.size, threads)
        traces = tuple(
            (network.index(recorder.population), neuron, variable)
            for recorder in network.recorders
            if isinstance(recorder, TraceRecorder)
            for variable in recorder.variables
            for neuron in recorder.ids
        )
        self.plan = Plan(network, tables, placement, self.comm.rank, seed, precision, traces)
        require_memory(self.backend.memory_estimate(self.plan), "the network")
        self.preparation_s = time.perf_counter() - start
        start = time.perf_counter()
        self.backend.prepare(self.plan)
        self.compile_s = time.perf_counter() - start
        start = time.perf_counter()
        self._engine: Engine = self.backend.build(self.plan)
        self.construction_s = time.perf_counter() - start
        self.step = 0
        self._record_spikes = any(isinstance(recorder, SpikeRecorder) for recorder in network.recorders)
        self._stamps: list[npt.NDArray[np.int64]] = []
        self._ids: list[npt.NDArray[np.int64]] = []
        self._trace_blocks: list[npt.NDArray[Any]] = []
        self._steps_per_call = 16

    @property
    def delivery(self) -> str:
        """Layout of the synapses from which spikes are delivered."""
        return self._engine.construction.delivery

    @property
    def n_synapses(self) -> int:
        """Synapses of the whole network."""
        return sum(self.comm.gather(self._engine.construction.synapses))

    @property
    def network_digest(self) -> str:
        """Digest of synapses, parameters, initial values, weight grid, drives and resolution; no matter which ranks."""
        shared = hashlib.sha256(f"{self.plan.tables.digest} {self.network.resolution_ms!r}".encode()).hexdigest()
        return _hexadecimal(sum(self.comm.gather(self._engine.construction.network_digest)) + int(shared[:32], 16))

    @property
    def memory_bytes(self) -> dict[str, int]:
        """Bytes of this rank by part: synapses, index, state."""
        return self._engine.construction.memory_bytes

    @property
    def time_ms(self) -> float:
        """Model time simulated so far."""
        return self.step * self.network.resolution_ms

    def run(self, model_time_ms: float, progress: Any = None) -> Propagation:
        """Simulate `model_time_ms`; several calls are the same as one.

        Parameters
        ----------
        model_time_ms
            A multiple of the resolution.
        progress
            Called with the number of steps done, a few times a second.

        Raises
        ------
        InputError
            If the time is negative or not on the grid.
        """
        n_steps = self._steps(model_time_ms)
        edges = np.array([*self.network.first_ids.values(), self.network.n_neurons])
        counts = np.zeros(len(self.network.populations), dtype=np.int64)
        events, digest, done, wall_s = 0, 0, 0, 0.0
        phase_s: dict[str, list[float]] = {}
        while done < n_steps:
            with signals_deferred():
                start = time.perf_counter()
                block = self._engine.advance(min(self._steps_per_call, n_steps - done))
                elapsed = time.perf_counter() - start
                steps = len(block.traces)
                self.step += steps
                self._keep(block)
            wall_s += elapsed
            # All ranks must take the same calls.
            self._steps_per_call = self.comm.broadcast(self._adapted(steps, elapsed))
            done += steps
            counts += np.histogram(block.spike_ids, edges)[0]
            events += block.synaptic_events
            digest += block.spike_digest
            for phase, seconds in block.phase_s.items():
                before = phase_s.get(phase, [0.0] * len(seconds))
                phase_s[phase] = [a + b for a, b in zip(before, seconds, strict=True)]
            if progress is not None:
                progress(done)
        totals = self.comm.gather((counts, events, digest))
        by_population = np.sum([total[0] for total in totals], axis=0).tolist()
        return Propagation(
            n_steps,
            wall_s,
            dict(zip(self.network.first_ids, by_population, strict=True)),
            sum(total[1] for total in totals),
            _hexadecimal(sum(total[2] for total in totals)),
            phase_s,
        )

    def spikes(self) -> Spikes:
        """Recorded spikes of this rank, if the network has a `SpikeRecorder`."""
        empty = [np.zeros(0, dtype=np.int64)]
        return Spikes(
            np.concatenate(empty + self._stamps),
            np.concatenate(empty + self._ids),
            dict(self.network.first_ids),
            {population.name: population.size for population in self.network.populations},
            self.network.resolution_ms,
            self.step,
        )

    def traces(self) -> dict[tuple[str, int, str], npt.NDArray[np.float64]]:
        """Recorded traces of this rank: (population, local id, variable) -> values stamped h, 2h, ..."""
        recorded = np.concatenate(self._trace_blocks) if self._trace_blocks else np.zeros((0, len(self.plan.traces)))
        result = {}
        for column, (index, neuron, variable) in enumerate(self.plan.traces):
            population = self.network.populations[index]
            ids = np.array([self.network.first_ids[population.name] + neuron])
            params = population_values(self.network, index, self.plan.seed, ids).params
            offset = population.neuron_model.offset(variable, params)
            result[population.name, neuron, variable] = recorded[:, column].astype(np.float64) + offset
        return result

    def close(self) -> None:
        """Release threads and memory."""
        self._engine.close()

    def __enter__(self) -> "Simulator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _steps(self, model_time_ms: float) -> int:
        h = self.network.resolution_ms
        model_time_ms = number(model_time_ms, "model_time_ms")
        require(model_time_ms >= 0.0, "model_time_ms", model_time_ms, "must be >= 0")
        require(model_time_ms <= 1e9, "model_time_ms", model_time_ms, "must be at most 1e9 ms")
        n_steps = round(model_time_ms / h)
        on_grid = abs(n_steps * h - model_time_ms) < 1e-6 * max(h, 1.0)
        require(on_grid, "model_time_ms", model_time_ms, f"must be a multiple of the resolution {h} ms")
        return n_steps

    def _adapted(self, steps: int, elapsed: float) -> int:
        wanted = int(steps * SECONDS_PER_CALL / max(elapsed, 1e-6))
        return max(1, min(wanted, 2 * self._steps_per_call, MAX_STEPS_PER_CALL))

    def _keep(self, block: Advance) -> None:
        if self._record_spikes:
            self._stamps.append(block.spike_stamps)
            self._ids.append(block.spike_ids)
        if self.plan.traces:
            self._trace_blocks.append(block.traces)


def _hexadecimal(digest: int) -> str:
    return f"{digest % 2**128:032x}"
