"""The interface between the simulator and a backend."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from simcore.comm.communicator import COLLECTIVE, Communicator, ExchangeCounts
from simcore.network import Network
from simcore.placement import Placement
from simcore.synapses.plastic import PlasticCounts, PlasticState, PlasticWeights
from simcore.tables import Tables

PROCESS = "process"
"""Bytes of a process that do not depend on the network: interpreter, libraries, kernels."""
PHASES = ("update", "deliver", "communicate", "record")


@dataclass(frozen=True)
class Plan:
    """Input of a backend: everything that it needs to build its rank's part of a network.

    Parameters
    ----------
    comm
        Communicator of all ranks.
    seed, precision
        As given to the simulator.
    traces
        Recorded quantities: (population index, population-local id, variable name).
    delivery
        Delivery algorithm, see `simcore.synapses.layout.DELIVERIES`.
    exchange
        How ranks exchange spikes: ``"collective"`` or ``"directed"``.
    cpus
        CPUs to which the threads of this rank are pinned, one for each thread; empty if they are not pinned.
    skip_resting
        Whether a backend may skip neurons that are exactly at rest.
    """

    network: Network
    tables: Tables
    placement: Placement
    comm: Communicator
    seed: int
    precision: str
    traces: tuple[tuple[int, int, str], ...] = ()
    delivery: str = "auto"
    exchange: str = COLLECTIVE
    cpus: tuple[int, ...] = ()
    skip_resting: bool = True

    @property
    def rank(self) -> int:
        """Index of this rank."""
        return self.comm.rank

    @property
    def spike_word(self) -> type[np.unsignedinteger[Any]]:
        """Type of a spike: with multiplicities it is wider, see `simcore.synapses.spike_words`."""
        return np.uint64 if self.network.relays else np.uint32

    @property
    def real(self) -> type[np.floating[Any]]:
        """Type of the neuron state."""
        return np.float32 if self.precision == "float32" else np.float64


def in_three(parts: Mapping[str, int]) -> dict[str, int]:
    """Bytes of synapses, of their index and of the rest, from bytes by finer parts."""
    tables = {name: parts[name] for name in ("synapses", "index")}
    return {**tables, "state": sum(parts.values()) - sum(tables.values())}


def population_bounds(network: Network) -> npt.NDArray[np.int64]:
    """Global id of the first neuron of each population, and the number of neurons, int64."""
    return np.array([*network.first_ids.values(), network.n_neurons], dtype=np.int64)


def words_per_spike(plan: Plan) -> int:
    """The 32-bit words in which ranks exchange a spike."""
    return np.dtype(plan.spike_word).itemsize // 4


@dataclass(frozen=True)
class Construction:
    """Properties of the built network on this rank.

    Parameters
    ----------
    delivery
        Name of the delivery algorithm.
    exchange
        Name of the exchange between ranks, None if there is none.
    synapses, network_digest
        Number of synapses, and network digest, of this rank.
    synapse_digests
        Of this rank's synapses, one for each receptor: a part of `network_digest`.
    memory_bytes
        Bytes of synapses, index and state; reserved memory counts as far as it was used.
    interval_steps
        Steps between exchanges of spikes, also between threads; within a group of ranks if groups exchange spikes less
        often.
    destinations
        Ranks to which this rank sends spikes.
    routing_s
        Seconds in which the ranks determined the ranks of each neuron's targets; 0 without a directed exchange.
    delivery_reason
        Reason for the choice of the delivery algorithm, as a text.
    between_groups_steps
        Steps between exchanges of spikes between groups of ranks; None if all ranks exchange spikes at once.
    interval_reason
        Reason for the choice of the intervals, as a text.
    destinations_within_group
        Number of `destinations` in this rank's group.
    """

    delivery: str
    exchange: str | None
    synapses: int
    network_digest: int
    synapse_digests: tuple[int, ...]
    memory_bytes: dict[str, int]
    interval_steps: int = 1
    destinations: int = 0
    routing_s: float = 0.0
    delivery_reason: str = "the backend has only one layout"
    between_groups_steps: int | None = None
    interval_reason: str = "all ranks form one group"
    destinations_within_group: int = 0


@dataclass(frozen=True, eq=False)
class Snapshot:
    """State of this rank between two steps, from which a simulation with any placement can continue.

    A neuron that sent several spikes in a step occurs as many times in `stamps` and `ids`.

    Parameters
    ----------
    step
        Number of simulated steps.
    neurons
        For each population the population-local ids of this rank's neurons, int64 (n,).
    state, counters
        Their state (variables, n) and counters (counters, n), in the same order.
    stamps, ids
        End step and global id of the neurons' spikes of the last max_delay steps, whose input may still be pending.
    network_digest
        Digest of the whole network with the parameters in effect; None if it is compared elsewhere.
    seed, precision, weight_bits
        Values of the simulation; None if they are compared elsewhere.
    plastic
        State of plastic synapses; None if there are none.
    """

    step: int
    neurons: list[npt.NDArray[np.int64]]
    state: list[npt.NDArray[Any]]
    counters: list[npt.NDArray[np.int32]]
    stamps: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]
    network_digest: str | None = None
    seed: int | None = None
    precision: str | None = None
    weight_bits: int | None = None
    plastic: PlasticState | None = None


@dataclass
class Advance:
    """Results of some steps on this rank.

    Parameters
    ----------
    spike_stamps, spike_ids
        End step and global id of each spike, in order of (stamp, id); a neuron that sent several in a step is repeated.
    traces
        Recorded values, shape (steps, recorded quantities), in the precision of the state.
    synaptic_events
        Number of synapses over which a spike was delivered.
    spike_digest
        Sum modulo 2**128 over the spikes.
    phase_s
        Seconds by phase, one entry for each thread.
    exchange_s
        Seconds of preparing and awaiting the exchange between ranks, a part of `communicate`.
    excess
        Stamp and id of the first neuron of this rank that was to relay more spikes in a step than a spike's
        multiplicity can hold; later results are then wrong.
    waits
        Entry k counts the waits of a thread for the others of this rank that took 2^k to 2^(k+1) ns, see
        `simcore.simulator.Propagation`; empty if threads do not wait for each other.
    skipped_updates
        Updates of neurons at rest that were skipped; None if each neuron is updated in each step.
    """

    spike_stamps: npt.NDArray[np.int64]
    spike_ids: npt.NDArray[np.int64]
    traces: npt.NDArray[Any]
    synaptic_events: int
    spike_digest: int
    phase_s: dict[str, list[float]] = field(default_factory=dict)
    exchange_s: float = 0.0
    excess: tuple[int, int] | None = None
    waits: tuple[int, ...] = ()
    skipped_updates: int | None = None


def add_skipped(parts: Iterable[int | None]) -> int | None:
    """Sum of the skipped updates of stretches or ranks; None if none of them can skip any."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def joined(stretches: Sequence[Advance]) -> Advance:
    """Combine consecutive stretches."""
    phase_s = {
        phase: np.sum([stretch.phase_s[phase] for stretch in stretches], axis=0).tolist()
        for phase in stretches[0].phase_s
    }
    return Advance(
        np.concatenate([stretch.spike_stamps for stretch in stretches]),
        np.concatenate([stretch.spike_ids for stretch in stretches]),
        np.concatenate([stretch.traces for stretch in stretches]),
        sum(stretch.synaptic_events for stretch in stretches),
        sum(stretch.spike_digest for stretch in stretches) % 2**128,
        phase_s,
        sum(stretch.exchange_s for stretch in stretches),
        next((stretch.excess for stretch in stretches if stretch.excess is not None), None),
        tuple(map(sum, zip(*(stretch.waits for stretch in stretches), strict=True))),
        add_skipped(stretch.skipped_updates for stretch in stretches),
    )


class Engine(Protocol):
    """A built network that can be simulated."""

    construction: Construction

    def advance(self, n_steps: int) -> Advance:
        """Simulate `n_steps` steps, the same number on all ranks."""
        ...

    def snapshot(self) -> Snapshot:
        """State of this rank's neurons and their recent spikes; weights of plastic synapses are read by `weights`."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Continue from a snapshot of this rank's neurons, in order of id, and of all recent spikes."""
        ...

    def change_parameters(self, network: Network, tables: Tables) -> None:
        """Continue with the parameters of `network`, its only difference from the built one, and its tables."""
        ...

    def restart(self, seed: int) -> None:
        """Restart at step 0 with the state and the drives of another seed, on the same, static synapses."""
        ...

    def weight_blocks(self, projection: int) -> Iterator[PlasticWeights]:
        """Yield the synapses of `weights` in parts and in any order, which needs little memory."""
        ...

    def weights(self, projection: int) -> PlasticWeights:
        """Settled weights of the synapses of a plastic projection that end on this rank."""
        ...

    def set_weights(self, projection: int, weights: PlasticWeights) -> None:
        """Replace the weights of all these synapses of this rank, in the same order."""
        ...

    def plastic_counts(self, projection: int) -> PlasticCounts:
        """Updates of these synapses so far, after all weights are settled."""
        ...

    def counted(self, population: int, counter: int) -> int:
        """Sum of a counter over this rank's neurons of a population."""
        ...

    def memory_parts(self) -> dict[str, int]:
        """Bytes used so far, by the parts of `Backend.memory_estimate` or of synapses, index and state."""
        ...

    def exchange_counts(self) -> Mapping[str, ExchangeCounts]:
        """Counts of the exchanges so far by EVERYONE, WITHIN_GROUP or BETWEEN_GROUPS; empty without other ranks."""
        ...

    def close(self, together: bool = True) -> None:
        """Release threads and memory, and the communicators of exchanges if all ranks close `together`."""
        ...


class Backend(Protocol):
    """Builds engines."""

    name: str
    threaded: bool
    """True if the threads of a rank compute at the same time, each pinned to a CPU."""

    def prepare(self, plan: Plan) -> None:
        """Compile the kernels that the plan needs."""
        ...

    def memory_estimate(self, plan: Plan) -> dict[str, float]:
        """Bytes by part that `build` will allocate, from the description alone; raise if it cannot build it."""
        ...

    def build(self, plan: Plan) -> Engine:
        """Draw the synapses of this rank's neurons and initialise their state."""
        ...
