"""Which neuron lies on which neuro-core.

A mapping is a table of its own: placement on ranks and threads is another matter and changes nothing of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.network import Network
from simcore.neuromorphic.mapping.in_edges import InEdges, draw_in_edges
from simcore.neuromorphic.mapping.room import NO_LIMIT, Room
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.registry import Entry, Registry
from simcore.registry.files import failures_of

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
OBJECTIVES = ("messages", "hops", "link", "step_time")
"""Messages between cores, links that they pass, messages of the busiest link, or the time of a step."""


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
    slot_of_core
        Where each core stands, int64 (cores,): slots are the cores of as many chips as hold these, numbered chip by
        chip, router by router. None if core k stands in slot k.
    """

    mapper: str
    cores: int
    core_of: IntArray
    slot_of_core: IntArray | None = None


@dataclass(frozen=True, eq=False)
class DrawnNetwork:
    """What a mapper may know of a network: its description, and its synapses, which are drawn when they are needed.

    Parameters
    ----------
    network, seed
        As it would be simulated.
    known_edges
        Its synapses, if they have been drawn before.
    """

    network: Network
    seed: int
    known_edges: InEdges | None = None

    @cached_property
    def in_edges(self) -> InEdges:
        """Sources of all neurons."""
        return self.known_edges or draw_in_edges(self.network, self.seed)


@dataclass(frozen=True)
class CoreLimits:
    """What a mapper must keep, and at what it aims.

    Parameters
    ----------
    cores
        Number of cores, each of which must hold a neuron.
    neurons_per_core
        Most neurons of a core.
    more_cores
        Whether the mapper may take more cores than `cores`, because `room` needs them.
    room
        The most that a core can hold; only neurons are limited unless `more_cores`.
    chip
        The sheet; None without a chip.
    weight_bits, delay_steps
        Width of a stored weight, and longest delay of the network: the memory of synapses depends on them.
    objective
        At what the mapper aims, of `OBJECTIVES`.
    effort
        Number of proposals of a mapper that improves step by step; None for its own.
    """

    cores: int
    neurons_per_core: int
    more_cores: bool = False
    room: Room = NO_LIMIT
    chip: Chip | None = None
    weight_bits: int = 8
    delay_steps: int = 1
    objective: str = "messages"
    effort: int | None = None


Mapper = Callable[[DrawnNetwork, CoreLimits, FloatArray, int], IntArray]
"""Core of each neuron, from the network, the limits, the expected rate of each neuron in 1/s, and the seed."""


def _fault(name: str, implementation: object) -> str | None:
    """Why a plug-in is not a mapper, or None."""
    return None if callable(implementation) else "is not a function that assigns neurons to cores"


mappers: Registry[Mapper] = Registry(
    "mapper",
    {
        name: Entry(f"simcore.neuromorphic.mappers.{name}:map_neurons")
        for name in ("in_order", "round_robin", "random", "greedy", "balanced")
    },
    group="simcore.mappers",
    fault=_fault,
    files=True,
)


def make_mapping(
    mapper: str, drawn: DrawnNetwork, neurons_per_core: int, rates_hz: FloatArray | None = None
) -> CoreMapping:
    """Deal neurons to as few cores as hold them.

    Parameters
    ----------
    mapper
        A name of `mappers`, or ``FILE.py:NAME``.
    drawn
        The network; its seed is that of the mapper, too.
    neurons_per_core
        Most neurons of a core.
    rates_hz
        Expected rate of each neuron, 1/s; all equal by default.

    Raises
    ------
    InputError
        If there is no such mapper, or that of a file fails, or a core is to hold no neuron, or the mapper does not keep
        the limits.
    """
    map_neurons = mappers.get(mapper)
    require(neurons_per_core >= 1, "neurons_per_core", neurons_per_core, "must be >= 1")
    n = drawn.network.n_neurons
    most = min(neurons_per_core, n)
    limits = CoreLimits(-(-n // most), most)
    rates = np.ones(n) if rates_hz is None else rates_hz
    with failures_of(map_neurons):
        core_of = np.asarray(map_neurons(drawn, limits, rates, drawn.seed))
    within = (
        core_of.shape == (n,) and core_of.dtype.kind in "iu" and core_of.min() >= 0 and core_of.max() < limits.cores
    )
    held = np.bincount(core_of.astype(np.int64), minlength=limits.cores) if within else np.zeros(1, dtype=np.int64)
    allowed = f"it must assign {n} neurons to {limits.cores} cores, at least one and at most {most} to each"
    require(held.min() > 0 and held.max() <= most, "mapper", mapper, allowed)
    return CoreMapping(mapper, limits.cores, core_of.astype(np.int64, copy=False))


def rates_of_neurons(network: Network, rates_hz: Mapping[str, float]) -> FloatArray:
    """The rate of each neuron, float64 (n,), from the mean rate of each population."""
    return np.repeat(
        [float(rates_hz[population.name]) for population in network.populations],
        [population.size for population in network.populations],
    )
