"""Expected spikes between ranks, computed from the description of a network and rates without drawing synapses."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.network import Network
from simcore.network.exchangeable import why_not_exchangeable
from simcore.placement.loads import neurons_of_ranks
from simcore.placement.owners import Placement

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

WORD_BYTES = 4
SURE = 700.0
"""Negative logarithm of a probability that counts as 0."""


@dataclass(frozen=True)
class Traffic:
    """Expected traffic of an exchange, as means over all networks that the description can yield.

    Parameters
    ----------
    leaving_share
        Share of all spikes that are sent to another rank.
    destinations
        Mean number of other ranks to which the spikes of a neuron are sent.
    bytes_per_step
        Bytes of spikes that all ranks send in a step to all destinations, without the headers and the padding of
        blocks.
    """

    leaving_share: float
    destinations: float
    bytes_per_step: float


def collective_traffic(network: Network, placement: Placement, rates_hz: Mapping[str, float]) -> Traffic:
    """Return the expected traffic if every spike is sent to all other ranks.

    Parameters
    ----------
    network, placement
        The description, and the owners of neurons.
    rates_hz
        Mean rate of the neurons of each population, 1/s.
    """
    others = placement.ranks - 1
    return Traffic(float(others > 0), float(others), _bytes_per_step(network, _spikes(network, rates_hz), others))


def directed_traffic(network: Network, placement: Placement, rates_hz: Mapping[str, float]) -> Traffic | None:
    """Return the expected traffic if a spike is sent only to the ranks with targets of its neuron.

    Parameters
    ----------
    network, placement, rates_hz
        As for `collective_traffic`.

    Returns
    -------
    Traffic or None
        None if neurons of a population are not exchangeable, see `simcore.network.exchangeable`: the ranks of their
        targets are then unknown before the synapses are drawn.
    """
    if why_not_exchangeable(network) is not None:
        return None
    # Ranks with equal numbers of neurons of each population are equivalent.
    kinds, ranks = np.unique(neurons_of_ranks(network, placement), axis=0, return_counts=True)
    sizes = np.array([population.size for population in network.populations])
    missed = _missed(network, kinds)
    reached = -np.expm1(-missed)
    # Share of the neurons of each population on ranks of each kind.
    here = (kinds * ranks[:, None]).T / sizes[:, None]
    destinations = reached @ ranks - (here * reached).sum(axis=1)
    elsewhere = np.maximum(0.0, (missed @ ranks)[:, None] - missed)
    leaving = (here * -np.expm1(-elsewhere)).sum(axis=1)
    spikes = _spikes(network, rates_hz)
    return Traffic(
        float(leaving @ spikes / spikes.sum()) if spikes.any() else 0.0,
        float(destinations @ sizes / sizes.sum()),
        _bytes_per_step(network, spikes, destinations),
    )


def neurons_needed(network: Network, placement: Placement, rank: int, seed: int = 0) -> IntArray | None:
    """Draw the number of neurons of a rank that have targets on each rank: the expected number, or 0.

    Parameters
    ----------
    network, placement
        As for `collective_traffic`.
    rank
        Rank whose neurons are counted.
    seed
        Seed for drawing the ranks without targets.

    Returns
    -------
    int64 (ranks,) or None
        Numbers of neurons; None as for `directed_traffic`.
    """
    if why_not_exchangeable(network) is not None:
        return None
    neurons = neurons_of_ranks(network, placement)
    kinds, of_ranks = np.unique(neurons, axis=0, return_inverse=True)
    missed = _missed(network, kinds)
    numbers = (neurons[rank] @ -np.expm1(-missed))[of_ranks.reshape(-1)]
    any_needed = -np.expm1(-(neurons[rank] @ missed))[of_ranks.reshape(-1)]
    chosen = np.random.default_rng(seed).random(placement.ranks) < any_needed
    needed = np.zeros(placement.ranks, dtype=np.int64)
    needed[chosen] = np.maximum(1.0, np.rint(numbers[chosen] / any_needed[chosen]))
    return needed


def _missed(network: Network, kinds: IntArray) -> FloatArray:
    """Return the negative logarithm of the probability that a neuron has no target on a rank, by population and kind.

    Returns
    -------
    float64 (populations, kinds).
    """
    missed = np.zeros((len(network.populations), len(kinds)))
    held = [np.unique(column, return_inverse=True) for column in kinds.T]
    for index, projection in enumerate(network.projections):
        numbers, places = held[network.index(projection.target)]
        log = projection.rule.log_unreached(network.wiring(index), numbers)
        assert log is not None  # noqa: S101 - the neurons are exchangeable
        missed[network.index(projection.source)] += np.minimum(-log, SURE)[places]
    return np.minimum(missed, SURE)


def _spikes(network: Network, rates_hz: Mapping[str, float]) -> FloatArray:
    """Return the expected spikes of each population in a second."""
    return np.array([rates_hz[population.name] * population.size for population in network.populations])


def _bytes_per_step(network: Network, spikes: FloatArray, destinations: FloatArray | int) -> float:
    words = 2 if network.relays else 1
    return float(WORD_BYTES * words * (spikes * destinations).sum() * network.resolution_ms * 1e-3)
