"""Expected messages and synaptic events of a mapping in closed form, from the description of a network alone.

Where the neurons of each population are exchangeable, how many of each population a core holds decides all
expectations: no synapse is drawn. They are means over all networks that the description can yield.
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
    """A projection: positions of its populations, and how it is drawn."""

    source: int
    target: int
    rule: Rule
    wiring: Wiring
    excludes_self: bool

    def missed(self, targets: IntArray) -> FloatArray:
        """Minus the logarithm of the probability that a source reaches none of so many targets."""
        log = self.rule.log_unreached(self.wiring, targets)
        assert log is not None  # noqa: S101 - expectation_of refuses such networks
        return -log


@dataclass(frozen=True, eq=False)
class Expectation:
    """What is expected of a network of exchangeable neurons.

    Parameters
    ----------
    sizes
        Neurons of each population, int64 (populations,).
    rates_hz
        Mean rate of the neurons of each population, 1/s, float64 (populations,).
    synapses
        Expected synapses of a neuron of each population (rows) onto a neuron of each (columns), float64.
    pathways
        The projections.
    plastic
        As `synapses`, but only of those whose weights change.
    resources
        States of short-term plasticity of a neuron of each population: one for each such projection, int64
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
        """Synaptic events that a neuron of each population receives in a second, float64 (populations,)."""
        return (self.rates_hz * self.sizes) @ self.synapses

    def reached(self, held: IntArray, own: bool = False) -> FloatArray:
        """Probability that a neuron of each population has a target among so many neurons of each.

        Parameters
        ----------
        held
            Neurons of each population, int64 (sets, populations).
        own
            Whether the neuron itself is in the set, if a set holds any of its population: it is no target of itself
            where autapses are not allowed.

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
        """Messages from core to core in a second, one for each core with targets of a neuron that fires.

        Parameters
        ----------
        composition
            Neurons of each population in each core, int64 (cores, populations).

        Returns
        -------
        float64 (source cores, target cores). The diagonal holds messages of neurons with targets in their own core.
        """
        sent = composition * self.rates_hz
        flows: FloatArray = sent @ self.reached(composition)
        np.fill_diagonal(flows, (sent * self.reached(composition, own=True).T).sum(axis=1))
        return flows

    def messages_per_s(self, composition: IntArray) -> float:
        """Messages between cores in a second; a neuron's own core is left out."""
        reached = self.reached(composition)
        others = self.sizes - composition
        return float((self.rates_hz * (others.T * reached).sum(axis=1)).sum())

    def synaptic_events_per_s(self, composition: IntArray) -> FloatArray:
        """Synaptic events of each core in a second, float64 (cores,)."""
        return composition @ self.events_of_neuron

    @property
    def any_plastic(self) -> bool:
        """Whether any synapse has plasticity."""
        return bool(self.plastic.any() or self.resources.any())

    def weight_updates_per_s(self, composition: IntArray) -> FloatArray:
        """Updates of plastic weights of each core in a second, by sources and targets that fire, float64 (cores,)."""
        in_degrees = self.sizes @ self.plastic
        return composition @ ((self.rates_hz * self.sizes) @ self.plastic + self.rates_hz * in_degrees)

    def messages_bound_per_s(self, neurons_per_core: int) -> float:
        """Fewest messages between cores in a second of any mapping that does not look at drawn synapses.

        Parameters
        ----------
        neurons_per_core
            Most neurons of a core.

        Notes
        -----
        The probability f = 1 - exp(-x) that a neuron of A reaches a core is a concave function of what the core holds,
        so that it is at least that of cores which hold neurons of one population B alone, in proportion. A neuron saves
        the message to its own core, at most to the one that it reaches most surely. With m neurons a core and lambda
        expected synapses of a neuron of A onto one of B, messages are at least the sum over A of rate N_A (sum over B
        of N_B / m f(m lambda) - maximum over B of f(m lambda)).
        Where targets are drawn without replacement, -log(1 - f) is convex in their number: its slope at one target
        stands for lambda in the sum, its largest slope in the maximum.
        """
        m = neurons_per_core
        if m >= self.sizes.sum():
            # All of them may share a core, and the difference below would leave a rounding error.
            return 0.0
        least, most = (np.zeros_like(self.synapses) for _ in range(2))
        for pathway in self.pathways:
            place = pathway.source, pathway.target
            full = np.minimum(m, self.sizes[pathway.target])
            least[place] += pathway.missed(np.ones(1, dtype=np.int64))[0]
            most[place] += pathway.missed(full[None])[0] / full
        pure = -np.expm1(-m * least) @ (self.sizes / m)
        own = -np.expm1(-m * most.max(axis=1))
        # It may be below 0 where all targets fit into the own core.
        return float((self.rates_hz * self.sizes * np.maximum(pure - own, 0.0)).sum())


def expectation_of(network: Network, rates_hz: FloatArray) -> Expectation:
    """What is expected of a network.

    Parameters
    ----------
    network
        Of exchangeable neurons.
    rates_hz
        Expected rate of each neuron, 1/s, float64 (neurons,): the mean of a population counts.

    Raises
    ------
    InputError
        If neurons of a population are not exchangeable, see `why_not_exchangeable`.
    """
    reason = why_not_exchangeable(network)
    if reason is not None:
        raise InputError(f"there is no expectation in closed form: {reason}")
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
    """Neurons of each population in each core, int64 (cores, populations), from the core of each neuron."""
    populations = len(network.populations)
    sizes = [population.size for population in network.populations]
    place = core_of * populations + np.repeat(np.arange(populations), sizes)
    return np.bincount(place, minlength=cores * populations).reshape(cores, populations)
