"""Which neuron lies on which neuro-core.

A mapping is a table of its own: placement on ranks and threads is another matter and changes nothing of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.random import philox

IntArray = npt.NDArray[np.int64]
SHUFFLED = 8
"""Purpose of the random numbers of the mapper `random`; streams of the simulation have others."""


@dataclass(frozen=True, eq=False)
class CoreMapping:
    """Core of every neuron.

    Parameters
    ----------
    mapper
        Who made it.
    cores
        Number of cores; all hold neurons.
    core_of
        Core of each neuron, by global id, int64.
    """

    mapper: str
    cores: int
    core_of: IntArray


def make_mapping(mapper: str, n_neurons: int, neurons_per_core: int, seed: int) -> CoreMapping:
    """Deal neurons to as few cores as hold them.

    Parameters
    ----------
    mapper
        ``in_order``: one core after the other is filled; ``round_robin``: dealt like cards; ``random``: in order of
        random numbers.
    n_neurons
        Neurons of the network.
    neurons_per_core
        Most neurons of a core.
    seed
        Of the random mapper.

    Raises
    ------
    InputError
        If there is no such mapper, or a core is to hold no neuron.
    """
    require(mapper in MAPPERS, "mapper", mapper, f"use {', '.join(MAPPERS)}")
    require(neurons_per_core >= 1, "neurons_per_core", neurons_per_core, "must be >= 1")
    neurons_per_core = min(neurons_per_core, n_neurons)
    cores = -(-n_neurons // neurons_per_core)
    return CoreMapping(mapper, cores, MAPPERS[mapper](n_neurons, cores, neurons_per_core, seed))


def _in_order(n_neurons: int, cores: int, neurons_per_core: int, seed: int) -> IntArray:
    return np.arange(n_neurons, dtype=np.int64) // neurons_per_core


def _round_robin(n_neurons: int, cores: int, neurons_per_core: int, seed: int) -> IntArray:
    return np.arange(n_neurons, dtype=np.int64) % cores


def _random(n_neurons: int, cores: int, neurons_per_core: int, seed: int) -> IntArray:
    ids = np.arange(n_neurons, dtype=np.int64)
    high, low, _, _ = philox((ids, 0, 0, 0), (seed, SHUFFLED))
    core_of = np.empty(n_neurons, dtype=np.int64)
    core_of[np.lexsort((ids, low, high))] = _in_order(n_neurons, cores, neurons_per_core, seed)
    return core_of


MAPPERS: Mapping[str, Callable[[int, int, int, int], IntArray]] = {
    "in_order": _in_order,
    "round_robin": _round_robin,
    "random": _random,
}
