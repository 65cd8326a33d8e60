"""Properties of the network on this rank: its distribution, digests, synapses and weights."""

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
import numpy.typing as npt

from simcore.backends import Backend, Engine, Plan
from simcore.backends.backend import in_three
from simcore.comm import Communicator
from simcore.comm.communicator import ExchangeCounts
from simcore.cpus import Pinning
from simcore.display.overview import Overview, Shown
from simcore.errors import keywords_known
from simcore.memory import peak_rss_bytes
from simcore.network import Network
from simcore.simulator.description import simulator_overview
from simcore.simulator.digests import digest_of_network, digest_of_synapses, hexadecimal
from simcore.simulator.weights import SynapticWeights, counts_of, read_weights, weight_digest, write_weights
from simcore.synapses.edges import Edges, draw_edges_between
from simcore.synapses.plastic import PlasticCounts


class BuiltNetwork(Shown):
    """Part of a `Simulator` that does not advance it; `Simulator` sets its attributes."""

    network: Network
    comm: Communicator
    backend: Backend
    plan: Plan
    memory_expected: Mapping[str, float]
    _held_before: int
    step: int
    _engine: Engine
    _pinning: Pinning | None
    _exchanged_before: Mapping[str, ExchangeCounts]

    @property
    def engine(self) -> Engine:
        """Engine that the backend built on this rank; only the simulator may change it."""
        return self._engine

    @property
    def pinned_cpus(self) -> tuple[int, ...]:
        """CPUs to which the threads of this rank are pinned, in order of the threads; empty if they are not."""
        return self.plan.cpus

    @property
    def not_pinned_because(self) -> str | None:
        """Reason why the threads of this rank are not pinned; None if they are."""
        if self._pinning is None:
            return f"the {self.backend.name} backend does not pin threads"
        return self._pinning.reason

    @property
    def delivery(self) -> str:
        """Name of the delivery algorithm."""
        return self._engine.construction.delivery

    @property
    def delivery_reason(self) -> str:
        """Reason for the choice of the delivery algorithm."""
        return self._engine.construction.delivery_reason

    @property
    def exchange(self) -> str | None:
        """Name of the exchange between ranks; None with one rank."""
        return self._engine.construction.exchange

    @property
    def interval_steps(self) -> int:
        """Number of steps between exchanges of spikes; within a group of ranks if groups exchange less often."""
        return self._engine.construction.interval_steps

    @property
    def between_groups_steps(self) -> int | None:
        """Steps between exchanges of different groups of ranks; None if all ranks exchange spikes at once."""
        return self._engine.construction.between_groups_steps

    @property
    def interval_reason(self) -> str:
        """Reason for the choice of these intervals."""
        return self._engine.construction.interval_reason

    @property
    def destinations(self) -> int:
        """Ranks to which this rank sends spikes."""
        return self._engine.construction.destinations

    @property
    def destinations_within_group(self) -> int:
        """Number of `destinations` in this rank's group."""
        return self._engine.construction.destinations_within_group

    @property
    def routing_s(self) -> float:
        """Wall time in which the ranks determined the destinations of neurons for the directed exchange, s."""
        return self._engine.construction.routing_s

    @property
    def exchange_counts(self) -> ExchangeCounts:
        """Counts of this rank's exchanges with other ranks since step 0."""
        return reduce(ExchangeCounts.plus, self.exchange_counts_by_partners.values(), ExchangeCounts())

    @property
    def exchange_counts_by_partners(self) -> dict[str, ExchangeCounts]:
        """The same counts by partners (`simcore.comm.communicator.EVERYONE`); empty with one rank.

        With two intervals, the partners are the ranks of the rank's group and the ranks of other groups; a group of one
        rank has no exchange within it.
        """
        counts = self._engine.exchange_counts()
        return {name: one.since(self._exchanged_before.get(name, ExchangeCounts())) for name, one in counts.items()}

    @property
    def suppressed_spikes(self) -> dict[str, int]:
        """Suppressed spikes of all ranks since step 0: the neuron had already sent one in the same step.

        Numbers by population, for models that can suppress spikes.
        """
        counters = {p.name: p.neuron_model.suppressed_spikes for p in self.network.populations}
        known = {name: counter for name, counter in counters.items() if counter is not None}
        own = [self._engine.counted(self.network.index(name), counter) for name, counter in known.items()]
        return {name: sum(each) for name, each in zip(known, zip(*self.comm.gather(own), strict=True), strict=True)}

    @property
    def n_synapses(self) -> int:
        """Number of synapses of the whole network."""
        return sum(self.comm.gather(self._engine.construction.synapses))

    @property
    def network_digest(self) -> str:
        """Digest of synapses, parameters, initial values, weight grid, drives and resolution, for any distribution.

        In a network without synapses, it includes the sizes of the populations, on which synapses depend.
        """
        return digest_of_network(self.plan, self.network, self._engine.construction)

    @property
    def synapse_digest(self) -> str:
        """Digest of source, target, weight, delay and receptor of each synapse, for any distribution over ranks.

        It covers only the units of weights and delays of the description: edges that were written to a file and are
        read from it have the digest of the rules that drew them.
        """
        return digest_of_synapses(self.plan, self._engine.construction)

    @property
    def memory_bytes(self) -> dict[str, int]:
        """Bytes of this rank by part: synapses, index, state; unused reserved memory does not count."""
        return in_three(self._engine.memory_parts())

    @property
    def memory_parts(self) -> dict[str, tuple[float, int]]:
        """Expected and used bytes of this rank by part, of the rest of its process, and in total; {} if unknown.

        The rest consists of description, libraries and kernels; its expected value is the memory of the process before
        construction. The total is compared with the peak resident set so far.
        """
        used, peak = self._engine.memory_parts(), peak_rss_bytes()
        if not set(used) <= set(self.memory_expected):
            return {}
        parts = {name: (self.memory_expected[name], size) for name, size in used.items()}
        parts["rest"] = self._held_before, max(0, peak - sum(used.values()))
        return {**parts, "sum": (sum(expected for expected, _ in parts.values()), peak)}

    def overview(self) -> Overview:
        return simulator_overview(self.network, self.plan, self._engine.construction, self.step)

    @keywords_known
    def edges(self, source: str | None = None, target: str | None = None) -> Edges:
        """Return the synapses of the whole network, drawn again; equal on every rank and backend.

        This takes about a microsecond and 200 bytes for each synapse.

        Parameters
        ----------
        source, target
            Names of populations, or selections of their neurons; all by default.

        Returns
        -------
        Edges
            Synapses in order of the projections and, within each, of the targets (of the sources with
            `fixed_outdegree`).

        Raises
        ------
        InputError
            If a population does not exist, or the memory does not suffice.
        """
        return draw_edges_between(self.network, self.plan.tables, self.plan.seed, source, target)

    @keywords_known
    def weights(self, projection: int | str) -> SynapticWeights | None:
        """Return the weights of a plastic projection on rank 0; None elsewhere. All ranks call this together.

        Parameters
        ----------
        projection
            Its number in the network, or SOURCE->TARGET if it is unique.

        Returns
        -------
        SynapticWeights or None
            One entry for each synapse.

        Raises
        ------
        InputError
            If the projection does not exist, or its weights do not change.
        """
        return read_weights(self.plan, self._engine, projection)

    @keywords_known
    def set_weights(
        self, projection: int | str, weights: float | Sequence[float] | npt.NDArray[np.float64] | None
    ) -> None:
        """Set the weights of plastic synapses; all ranks call this together.

        Parameters
        ----------
        projection
            Its number in the network, or SOURCE->TARGET if it is unique.
        weights
            On rank 0, one weight for all synapses, or an array of shape (synapses,) in the order of `weights`, in the
            unit of the target's model. Other ranks can pass None.

        Raises
        ------
        InputError
            If a weight has the wrong sign or is too large, or the number of weights is wrong. Nothing is changed then.
        """
        write_weights(self.plan, self._engine, projection, weights)

    @keywords_known
    def plastic_counts(self, projection: int | str) -> PlasticCounts:
        """Return the numbers of updates of a plastic projection since step 0; all ranks call this together.

        Parameters
        ----------
        projection
            Its number in the network, or SOURCE->TARGET if it is unique.

        Returns
        -------
        PlasticCounts
            Counts of all ranks.

        Raises
        ------
        InputError
            If the projection does not exist.
        """
        return counts_of(self.plan, self._engine, projection)

    @property
    def weight_digest(self) -> str | None:
        """Digest of all weights that change, for any distribution over ranks; None if no weight changes."""
        digest = weight_digest(self.plan, self._engine)
        return None if digest is None else hexadecimal(digest)
