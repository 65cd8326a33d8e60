"""Expected messages and synaptic events of a mapping in closed form, from the description of a network.

If the neurons of each population are exchangeable, all expectations depend only on the number of neurons of each
population in each core, and no synapses are drawn. They are means over all networks that the description can yield.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simcore.connectivity import Rule, Wiring
from simcore.errors import InputError
from simcore.network import Network
from simcore.network.exchangeable import why_not_exchangeable

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Pathway:
    """A projection: positions of its populations, and its connection rule."""

    source: int
    target: int
    rule: Rule
    wiring: Wiring
    excludes_self: bool

    def missed(self, targets: IntArray) -> FloatArray:
        """Minus the logarithm of the probability that a source reaches none of `targets` neurons."""
        log = self.rule.log_unreached(self.wiring, targets)
        assert log is not None  # noqa: S101 - expectation_of refuses such networks
        return -log


@dataclass(frozen=True, eq=False)
class Expectation:
    """Expectations of a network of exchangeable neurons.

    Parameters
    ----------
    sizes
        Number of neurons of each population, int64 (populations,).
    rates_hz
        Mean rate of the neurons of each population, 1/s, float64 (populations,).
    synapses
        Expected number of synapses of a neuron of each population (rows) onto a neuron of each population (columns),
        float64.
    pathways
        The projections.
    plastic
        As `synapses`, for synapses with plastic weights.
    resources
        Number of states of short-term plasticity of a neuron of each population, one per such projection, int64
        (populations,).
    """

    sizes: IntArray
    rates_hz: FloatArray
    synapses: FloatArray
    pathways: tuple[_Pathway, ...]
    plastic: FloatArray
    resources: IntArray

    @cached_property
    def events_of_neuron(self) -> FloatArray:
        """Synaptic events per second of a neuron of each population, as target, float64 (populations,)."""
        return (self.rates_hz * self.sizes) @ self.synapses

    def reached(self, held: IntArray, own: bool = False) -> FloatArray:
        """Probability that a neuron of each population has a target in a set of neurons.

        Parameters
        ----------
        held
            Number of neurons of each population in each set, int64 (sets, populations).
        own
            Whether the neuron itself belongs to each set that holds its population; it is not its own target if
            autapses are not allowed.

        Returns
        -------
        float64 (populations, sets).
        """
        missed = np.zeros((len(self.sizes), len(held)))
        for pathway in self.pathways:
            targets = held[:, pathway.target]
            if own and pathway.excludes_self:
                targets = np.maximum(targets - 1, 0)
            missed[pathway.source] += pathway.missed(targets)
        return -np.expm1(-missed)

    def flows(self, composition: IntArray) -> FloatArray:
        """Messages per second from core to core: a spike sends one message to each core with targets of its neuron.

        Parameters
        ----------
        composition
            Number of neurons of each population in each core, int64 (cores, populations).

        Returns
        -------
        float64 (source cores, target cores). The diagonal holds the messages of neurons with targets in their own core.
        """
        sent = composition * self.rates_hz
        flows: FloatArray = sent @ self.reached(composition)
        np.fill_diagonal(flows, (sent * self.reached(composition, own=True).T).sum(axis=1))
        return flows

    def messages_per_s(self, composition: IntArray) -> float:
        """Messages between different cores per second."""
        reached = self.reached(composition)
        others = self.sizes - composition
        return float((self.rates_hz * (others.T * reached).sum(axis=1)).sum())

    def synaptic_events_per_s(self, composition: IntArray) -> FloatArray:
        """Synaptic events of each core per second, float64 (cores,)."""
        return composition @ self.events_of_neuron

    @property
    def any_plastic(self) -> bool:
        """Whether any synapse has plasticity."""
        return bool(self.plastic.any() or self.resources.any())

    def weight_updates_per_s(self, composition: IntArray) -> FloatArray:
        """Updates of plastic weights of each core per second, by spikes of sources and targets, float64 (cores,)."""
        in_degrees = self.sizes @ self.plastic
        return composition @ ((self.rates_hz * self.sizes) @ self.plastic + self.rates_hz * in_degrees)

    def messages_bound_per_s(self, neurons_per_core: int) -> float:
        """Fewest messages between cores per second of any mapping that ignores the drawn synapses.

        Parameters
        ----------
        neurons_per_core
            Maximum number of neurons per core.

        Notes
        -----
        The probability f = 1 - exp(-x) that a neuron of A reaches a core is a concave function of the contents of the
        core. It is therefore at least the weighted mean over cores that hold neurons of only one population B. A neuron
        saves the message to its own core, at best the core that it reaches most probably. With m neurons per core and
        lambda expected synapses of a neuron of A onto a neuron of B, the number of messages is at least the sum over A
        of rate N_A (sum over B of N_B / m f(m lambda) - maximum over B of f(m lambda)). If targets are drawn without
        replacement, -log(1 - f) is convex in their number: its slope at one target replaces lambda in the sum, and its
        largest slope replaces lambda in the maximum.
        """
        m = neurons_per_core
        if m >= self.sizes.sum():
            # All neurons may share a core, and the difference below would leave a rounding error.
            return 0.0
        least, most = (np.zeros_like(self.synapses) for _ in range(2))
        for pathway in self.pathways:
            place = pathway.source, pathway.target
            full = np.minimum(m, self.sizes[pathway.target])
            least[place] += pathway.missed(np.ones(1, dtype=np.int64))[0]
            most[place] += pathway.missed(full[None])[0] / full
        pure = -np.expm1(-m * least) @ (self.sizes / m)
        own = -np.expm1(-m * most.max(axis=1))
        # The bound may be negative if all targets fit into the core of the source.
        return float((self.rates_hz * self.sizes * np.maximum(pure - own, 0.0)).sum())


def expectation_of(network: Network, rates_hz: FloatArray) -> Expectation:
    """Expectations of a network.

    Parameters
    ----------
    network
        A network of exchangeable neurons.
    rates_hz
        Expected rate of each neuron, 1/s, float64 (neurons,); only the mean of each population is used.

    Raises
    ------
    InputError
        If the neurons of a population are not exchangeable; see `why_not_exchangeable`.
    """
    reason = why_not_exchangeable(network)
    if reason is not None:
        raise InputError(f"expected messages are not available in closed form: {reason}")
    sizes = np.array([population.size for population in network.populations], dtype=np.int64)
    rates = np.add.reduceat(rates_hz, list(network.first_ids.values())) / sizes
    synapses, plastic = (np.zeros((len(sizes), len(sizes))) for _ in range(2))
    resources = np.zeros(len(sizes), dtype=np.int64)
    pathways = []
    for index, projection in enumerate(network.projections):
        wiring = network.wiring(index)
        source, target = network.index(projection.source), network.index(projection.target)
        each = projection.rule.expected_synapses(wiring) / (float(sizes[source]) * sizes[target])
        synapses[source, target] += each
        if projection.plasticity is not None and projection.plasticity.changes_weights:
            plastic[source, target] += each
        elif projection.plasticity is not None:
            resources[source] += 1
        excludes = wiring.recurrent and not getattr(projection.rule, "allow_autapses", True)
        pathways.append(_Pathway(source, target, projection.rule, wiring, excludes))
    return Expectation(sizes, rates, synapses, tuple(pathways), plastic, resources)


def composition_of(network: Network, core_of: IntArray, cores: int) -> IntArray:
    """Number of neurons of each population in each core, int64 (cores, populations), from the core of each neuron."""
    populations = len(network.populations)
    sizes = [population.size for population in network.populations]
    place = core_of * populations + np.repeat(np.arange(populations), sizes)
    return np.bincount(place, minlength=cores * populations).reshape(cores, populations)
