"""What is known of a network that is built on this rank: how it lies there, its digests, synapses and weights."""

from collections.abc import Mapping, Sequence

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
    """The part of a `Simulator` that does not advance it; its attributes are set there."""

    network: Network
    comm: Communicator
    backend: Backend
    plan: Plan
    memory_expected: Mapping[str, float]
    _held_before: int
    step: int
    _engine: Engine
    _pinning: Pinning | None
    _exchanged_before: ExchangeCounts

    @property
    def engine(self) -> Engine:
        """What the backend built on this rank; changing it is the simulator's own."""
        return self._engine

    @property
    def pinned_cpus(self) -> tuple[int, ...]:
        """CPUs to which the threads of this rank are pinned, in order of the threads; empty if they are not."""
        return self.plan.cpus

    @property
    def not_pinned_because(self) -> str | None:
        """Why the threads of this rank are not pinned; None if they are."""
        if self._pinning is None:
            return f"the {self.backend.name} backend does not pin threads"
        return self._pinning.reason

    @property
    def delivery(self) -> str:
        """Layout of the synapses from which spikes are delivered."""
        return self._engine.construction.delivery

    @property
    def delivery_reason(self) -> str:
        """Why that layout was chosen, in words."""
        return self._engine.construction.delivery_reason

    @property
    def exchange(self) -> str | None:
        """How spikes are exchanged between ranks; None with one rank."""
        return self._engine.construction.exchange

    @property
    def interval_steps(self) -> int:
        """Steps between exchanges of spikes."""
        return self._engine.construction.interval_steps

    @property
    def destinations(self) -> int:
        """Ranks to which this rank sends spikes."""
        return self._engine.construction.destinations

    @property
    def routing_s(self) -> float:
        """Seconds in which the ranks learned who holds targets of whom, for the directed exchange."""
        return self._engine.construction.routing_s

    @property
    def exchange_counts(self) -> ExchangeCounts:
        """What this rank exchanged with others since step 0."""
        return self._engine.exchange_counts().since(self._exchanged_before)

    @property
    def suppressed_spikes(self) -> dict[str, int]:
        """Spikes since step 0 that were not sent because the neuron had sent one in the same step, of all ranks.

        By population; those whose model cannot have any are left out.
        """
        counters = {p.name: p.neuron_model.suppressed_spikes for p in self.network.populations}
        known = {name: counter for name, counter in counters.items() if counter is not None}
        own = [self._engine.counted(self.network.index(name), counter) for name, counter in known.items()]
        return {name: sum(each) for name, each in zip(known, zip(*self.comm.gather(own), strict=True), strict=True)}

    @property
    def n_synapses(self) -> int:
        """Synapses of the whole network."""
        return sum(self.comm.gather(self._engine.construction.synapses))

    @property
    def network_digest(self) -> str:
        """Digest of synapses, parameters, initial values, weight grid, drives and resolution; no matter which ranks.

        In a network without synapses the sizes of the populations are part of it; synapses depend on them.
        """
        return digest_of_network(self.plan, self.network, self._engine.construction)

    @property
    def synapse_digest(self) -> str:
        """Digest of what was drawn: source, target, weight, delay and receptor of each synapse; no matter which ranks.

        Of the description it covers no more than the units of weights and delays: edges that were written to a file and
        are read from it have the digest of the rules that drew them.
        """
        return digest_of_synapses(self.plan, self._engine.construction)

    @property
    def memory_bytes(self) -> dict[str, int]:
        """Bytes of this rank by part: synapses, index, state; what is reserved counts so far as it is used."""
        return in_three(self._engine.memory_parts())

    @property
    def memory_parts(self) -> dict[str, tuple[float, int]]:
        """Expected and used bytes of this rank by part, the rest of its process and the sum of all; {} if not known.

        The rest, which has description, libraries and kernels, is expected to be what the process held before
        construction; the sum is compared with its largest resident set so far.
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
        """Synapses of the whole network, drawn anew: the same on every rank and backend.

        Costs about a microsecond and some 200 bytes for each synapse.

        Parameters
        ----------
        source, target
            Names of populations, or selections of their neurons; all by default.

        Returns
        -------
        Edges
            In order of the projections and, within each, of the targets (of the sources with `fixed_outdegree`).

        Raises
        ------
        InputError
            If there is no such population, or the memory does not suffice.
        """
        return draw_edges_between(self.network, self.plan.tables, self.plan.seed, source, target)

    @keywords_known
    def weights(self, projection: int | str) -> SynapticWeights | None:
        """Weights of the synapses of a plastic projection on rank 0; None elsewhere. All ranks call this together.

        Parameters
        ----------
        projection
            Its number in the network, or SOURCE->TARGET where that names one.

        Returns
        -------
        SynapticWeights or None
            One entry for each synapse.

        Raises
        ------
        InputError
            If there is none, or its weights do not change.
        """
        return read_weights(self.plan, self._engine, projection)

    @keywords_known
    def set_weights(
        self, projection: int | str, weights: float | Sequence[float] | npt.NDArray[np.float64] | None
    ) -> None:
        """Let plastic synapses have other weights from now on; all ranks call this together.

        Parameters
        ----------
        projection
            Its number in the network, or SOURCE->TARGET where that names one.
        weights
            On rank 0: one for all, or one for each synapse in the order of `weights`, in the unit of the target's
            model. Other ranks may give None.

        Raises
        ------
        InputError
            If a weight has the wrong sign or is too large, or there are too many or too few; nothing is changed then.
        """
        write_weights(self.plan, self._engine, projection, weights)

    @keywords_known
    def plastic_counts(self, projection: int | str) -> PlasticCounts:
        """Updates of the synapses of a plastic projection since step 0; all ranks call this together.

        Parameters
        ----------
        projection
            Its number in the network, or SOURCE->TARGET where that names one.

        Returns
        -------
        PlasticCounts
            Counts of all ranks.

        Raises
        ------
        InputError
            If there is none.
        """
        return counts_of(self.plan, self._engine, projection)

    @property
    def weight_digest(self) -> str | None:
        """Digest of all weights that change, no matter which ranks; None if no weight does."""
        digest = weight_digest(self.plan, self._engine)
        return None if digest is None else hexadecimal(digest)
