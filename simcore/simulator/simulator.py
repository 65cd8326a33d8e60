"""The simulator of a network on this rank."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends import Backend, Engine, Plan, Snapshot, backends
from simcore.checkpoint.snapshots import part_of_rank, refusal, whole_network
from simcore.comm import Communicator, LocalCommunicator
from simcore.comm.communicator import COLLECTIVE, EXCHANGES
from simcore.cpus import compiled_in_turn, node_share, pin_threads
from simcore.errors import choice, integer, keywords_known, require, truth
from simcore.jit.sources import share_package_hash
from simcore.memory import resident_bytes
from simcore.network import Network
from simcore.parameter_change import with_parameters
from simcore.placement import PLACEMENTS, ROUND_ROBIN
from simcore.placement.choice import make_placement
from simcore.random import MAX_SEED
from simcore.recording.recorded_traces import Traces
from simcore.recording.spikes import Spikes
from simcore.rounding import float32_refusal
from simcore.signals import signals_deferred
from simcore.simulator.built import BuiltNetwork
from simcore.simulator.construction import built, check_objects, expected_memory
from simcore.simulator.digests import identity_of
from simcore.simulator.propagation import (
    Observer,
    Propagation,
    Tally,
    multiplicity_refusal,
    steps_of_next_call,
)
from simcore.simulator.restarting import not_restartable_because
from simcore.simulator.snapshot_weights import checked_weights, snapshot_with_weights
from simcore.simulator.sources import tables_of_changed_source
from simcore.simulator.spike_log import SpikeLog
from simcore.simulator.traces import TraceLog, trace_columns
from simcore.synapses.layout import DELIVERIES
from simcore.tables import make_tables
from simcore.values import ValueLike, plain_text, whole_steps

PRECISIONS = ("float32", "float64")
MAX_THREADS = 1024


@keywords_known
class Simulator(BuiltNetwork):
    """Simulator of a network, which is constructed on creation.

    Parameters
    ----------
    network
        The description.
    seed
        0 ... 2**32 - 1. Together with the network, `precision` and `weight_bits`, it determines every spike.
    threads
        Threads of each rank; by default its share of the CPUs of its node, or fewer if a quota of CPU time or Slurm
        requires it. Does not change results. Each thread is pinned to a CPU that no other simulator occupies, until
        `close`; see `pinned_cpus`.
    backend
        Name of a backend.
    precision
        Type of the neuron state, ``"float32"`` or ``"float64"``.
    weight_bits
        Number of bits of a weight: 8, 16 or 32.
    accept_quantisation
        Accept weights that rounding changes by more than 1 %.
    delivery
        Delivery algorithm: ``"just_in_time"``, ``"by_source"``, ``"calendar"``, or ``"auto"`` for the fastest one. Does
        not change results.
    exchange
        Exchange of spikes between ranks: ``"collective"`` (all to all) or ``"directed"`` (to ranks with targets). Does
        not change results.
    comm
        Communicator; a single process by default. All ranks make the same calls.
    skip_resting
        Whether to skip neurons at rest until input arrives, if the backend supports it and most of the network is at
        rest at the start. Does not change results.
    placement
        Placement of neurons on ranks: ``"round_robin"``, ``"by_population"``, or ``"areas"`` for the populations of an
        area on a group of ranks; see `simcore.placement.choice.make_placement`. Does not change results.
    expected_rates_hz
        Mean rate of the neurons of each population, 1/s, with which `placement` balances the ranks; equal rates by
        default.

    Raises
    ------
    InputError
        If an option is wrong, float32 is not precise enough for the step, or the memory does not suffice.
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
        delivery: str = "auto",
        exchange: str = COLLECTIVE,
        comm: Communicator | None = None,
        skip_resting: bool = True,
        placement: str = ROUND_ROBIN,
        expected_rates_hz: Mapping[str, float] | None = None,
    ) -> None:
        check_objects(network, backend, comm)
        seed = integer(seed, "seed", 0, MAX_SEED)
        choice(precision, "precision", PRECISIONS)
        choice(delivery, "delivery", DELIVERIES)
        choice(exchange, "exchange", EXCHANGES)
        choice(placement, "placement", PLACEMENTS)
        truth(skip_resting, "skip_resting")
        truth(accept_quantisation, "accept_quantisation")
        self.comm: Communicator = comm or LocalCommunicator()
        share = node_share(self.comm)
        if threads is None:
            # Placement requires the same number on all ranks.
            threads = min(self.comm.gather(share.threads))
        threads = integer(threads, "threads", 1, MAX_THREADS)
        self.network = network
        if self.comm.size > 1:
            share_package_hash(self.comm.gather, self.comm.rank, share.first_rank)
        self.backend: Backend = backends.get(backend)
        start = time.perf_counter()
        # Computed on one rank, because sums of real numbers may differ between processors.
        placed = self.comm.from_root(
            lambda: make_placement(network, placement, self.comm.size, threads, expected_rates_hz)
        )
        if precision == "float32":
            self.comm.agree(float32_refusal(network, seed, placed, self.comm.rank))
        tables = self.comm.from_root(lambda: make_tables(network, weight_bits, accept_quantisation))
        traces = trace_columns(network)
        self.plan = Plan(
            network, tables, placed, self.comm, seed, precision, traces, delivery, exchange,
            skip_resting=skip_resting,
        )  # fmt: skip
        self.memory_expected, refusal_of_memory = expected_memory(self.backend, self.plan, share.ranks)
        self.comm.agree(refusal_of_memory)
        self.preparation_s = time.perf_counter() - start
        self.compile_s = compiled_in_turn(self.comm, share, self._compile)
        self._pinning = pin_threads(self.comm, share, threads) if self.backend.threaded else None
        self._held_before = resident_bytes()
        start = time.perf_counter()
        if self._pinning is not None:
            self.plan = replace(self.plan, cpus=self._pinning.cpus)
        self._engine: Engine = built(self.backend, self.plan, self._pinning)
        self.construction_s = time.perf_counter() - start - self._engine.construction.routing_s
        self.step = 0
        self._spikes = SpikeLog(network)
        self._traces = TraceLog(traces)
        self._steps_per_call = 16
        self._excess: tuple[int, int] | None = None
        self._exchanged_before = {}

    @property
    def time_ms(self) -> float:
        """Model time simulated so far, ms."""
        return self.step * self.network.resolution_ms

    @keywords_known
    def run(self, model_time_ms: float, progress: Any = None, observe: Observer | None = None) -> Propagation:
        """Simulate `model_time_ms`; several calls are equivalent to one.

        Parameters
        ----------
        model_time_ms
            A multiple of the resolution.
        progress
            Function that is called with the number of completed steps, a few times per second.
        observe
            Function that receives the spikes of this rank's neurons, block by block, during the run: the steps before
            the block, the steps of the block, stamps and global ids, int64 of shape (spikes,). Its time does not count
            as state propagation.

        Returns
        -------
        Propagation
            Wall times, spikes, synaptic events and digest of this call, of all ranks.

        Raises
        ------
        InputError
            If the time is negative or not on the grid, or a neuron has to relay more than 65,535 spikes in a step.
        """
        n_steps = whole_steps(model_time_ms, self.network.resolution_ms)
        for name, called in (("progress", progress), ("observe", observe)):
            require(called is None or callable(called), name, called, "use a function")
        tally = Tally(self.network)
        while tally.steps < n_steps:
            with signals_deferred():
                start = time.perf_counter()
                steps = min(self._steps_per_call, n_steps - tally.steps)
                block = self._engine.advance(steps)
                elapsed = time.perf_counter() - start
                self.step += steps
                if self.plan.network.relays:
                    self._excess = self._excess or block.excess
                    self.comm.agree(multiplicity_refusal(self.network, self._excess))
                self._spikes.keep(block.spike_stamps, block.spike_ids)
                self._traces.keep(block.traces)
                if observe is not None:
                    observe(self.step - steps, steps, block.spike_stamps, block.spike_ids)
            # All ranks must make the same calls.
            self._steps_per_call = steps_of_next_call(steps, max(self.comm.gather(elapsed)), self._steps_per_call)
            tally.add(block, steps, elapsed)
            if progress is not None:
                progress(tally.steps)
        return tally.over_ranks(self.comm)

    def spikes(self) -> Spikes:
        """Return the recorded spikes of this rank, if the network has a `SpikeRecorder`.

        Returns
        -------
        Spikes
            Stamps and global ids of the spikes.
        """
        return self._spikes.spikes(self.step)

    def traces(self) -> Traces:
        """Return the recorded traces of this rank: (population, local id, variable) -> values with stamps h, 2h, ...

        Returns
        -------
        Traces
            Float64 arrays of shape (steps,).
        """
        return self._traces.traces_of_rank(self.network, self.plan, self.step)

    @property
    def n_buffered_spikes(self) -> int:
        """Number of recorded spikes of this rank in memory."""
        return sum(map(len, self._spikes.ids))

    @property
    def buffered_ids(self) -> tuple[npt.NDArray[np.int64], ...]:
        """Return their ids in blocks as recorded, without copying."""
        return self._spikes.ids

    def take_spikes(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return and discard this rank's spikes since the last call, in order of (stamp, id).

        Returns
        -------
        tuple of ndarray
            Stamps in steps, and global ids, int64 of shape (spikes,) each.
        """
        taken = self.spikes()
        self._spikes.forget()
        return taken.stamps, taken.ids

    @keywords_known
    def snapshot(self, weights: bool = True) -> Snapshot | None:
        """Return the state of the whole network for `restore`; None on ranks other than 0.

        Parameters
        ----------
        weights
            Whether to include the weights of plastic synapses, 24 bytes each. A checkpoint stores them separately, in
            blocks.

        Returns
        -------
        Snapshot or None
            State of all neurons and plastic synapses, and the spikes that have not arrived yet.

        Raises
        ------
        InputError
            If `run` ended because a neuron had to relay too many spikes.
        """
        truth(weights, "weights")
        identity = identity_of(self.plan, self.network_digest)
        self.comm.agree(multiplicity_refusal(self.network, self._excess))
        with signals_deferred():
            own = snapshot_with_weights(self.plan, self._engine) if weights else self._engine.snapshot()
            parts = self.comm.collect(own)
        return None if parts is None else whole_network(parts, identity, self.network)

    @keywords_known
    def restore(self, whole: Snapshot | None) -> None:
        """Continue from a snapshot of the same network and seed; recorded spikes and traces are discarded.

        Parameters
        ----------
        whole
            Snapshot of the whole network, taken with any number of ranks and threads and any backend; only the argument
            of rank 0 is used.

        Raises
        ------
        InputError
            If the snapshot is from another network, seed, precision or weight bits, or from other parameters.
        """
        network, tables = self.network, self.plan.tables
        self.comm.agree(refusal(whole, identity_of(self.plan, self.network_digest), network, tables))
        own = self.comm.scatter(lambda rank: part_of_rank(whole, network, self.plan.placement, rank))
        self._engine.restore(checked_weights(self.plan, self._engine, own, whole))
        self.step, self._excess = own.step, None
        self._spikes.forget()
        self._traces = TraceLog(self.plan.traces)

    @keywords_known
    def restart(self, seed: int) -> None:
        """Restart at time 0 with another seed and the existing synapses; all ranks call this together.

        The results equal, bit for bit, those of a new simulator of `network` with this seed: parameters and initial
        values from distributions, drives and sources are redrawn. Recorded spikes and traces are discarded.
        `construction_s` is then the time of the restart.

        Parameters
        ----------
        seed
            0 ... 2**32 - 1.

        Raises
        ------
        InputError
            If synapses depend on the seed or are plastic, or float32 is not precise enough for the drawn parameters.
            Nothing is changed then.
        """
        seed = integer(seed, "seed", 0, MAX_SEED)
        reason = not_restartable_because(self.network)
        require(reason is None, "restart with seed", seed, f"{reason}; create a new simulator")
        start = time.perf_counter()
        if self.plan.precision == "float32":
            self.comm.agree(float32_refusal(self.network, seed, self.plan.placement, self.comm.rank))
        self.preparation_s, self.compile_s = time.perf_counter() - start, 0.0
        start = time.perf_counter()
        with signals_deferred():
            self._engine.restart(seed)
            self.plan = replace(self.plan, seed=seed)
            self.step, self._excess = 0, None
            self._spikes.forget()
            self._traces = TraceLog(self.plan.traces)
            self._exchanged_before = self._engine.exchange_counts()
        self.construction_s = time.perf_counter() - start

    @keywords_known
    def set_parameters(
        self, population: str, values: Mapping[str, ValueLike], ids: Sequence[int] | None = None
    ) -> None:
        """Change parameters of neurons from the next step on; all ranks call this together.

        Membrane potentials do not change, even if E_L changes. `network` and `network_digest` then describe the changed
        network. A snapshot does not contain parameters: set them again before `restore`, which refuses other
        parameters.

        Parameters
        ----------
        population
            Name of the population, or a selection of its neurons.
        values
            Parameter names -> constant, distribution or array of shape (neurons,), as in the description of the
            population; for a population with a source, names of its fields -> other rates, times or ids of spikes.
        ids
            Population-local ids of the neurons, in the order of array values; all neurons by default.

        Raises
        ------
        InputError
            Naming the field, the value and the allowed values. Nothing is changed then.
        """
        changed = with_parameters(self.network, population, values, ids, self.plan.seed)
        tables = self.plan.tables
        if changed.population(plain_text(population)).source is not None:
            tables = tables_of_changed_source(self.plan, changed, plain_text(population))
        if self.plan.precision == "float32":
            self.comm.agree(float32_refusal(changed, self.plan.seed, self.plan.placement, self.comm.rank))
        self._traces.settle(self.network, self.plan.seed)
        with signals_deferred():
            self._engine.change_parameters(changed, tables)
            self.network, self.plan = changed, replace(self.plan, tables=tables)

    def close(self) -> None:
        """Release threads, CPUs, memory and the communicators of exchanges; all ranks call this together."""
        self._close(together=True)

    def _close(self, together: bool) -> None:
        self._engine.close(together)
        if self._pinning is not None:
            self._pinning.claims.release()

    def __enter__(self) -> "Simulator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # After an error of this rank only, the other ranks do not close.
        self._close(together=error is None or error is self.comm.agreed_error)

    def _compile(self) -> None:
        self.backend.prepare(self.plan)
        self.comm.prepare()
