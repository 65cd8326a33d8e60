"""Which neuron lies on which neuro-core.

A mapping is a table of its own: placement on ranks and threads is another matter and changes nothing of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from math import ceil

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, choice, integer, require
from simcore.network import Network
from simcore.neuromorphic.mapping.in_edges import InEdges, draw_in_edges
from simcore.neuromorphic.mapping.room import NO_LIMIT, Room
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.registry import Entry, Registry
from simcore.registry.files import failures_of

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
STEP_TIME = "step_time"
OBJECTIVES = ("messages", "hops", "link", STEP_TIME)
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
    fewest_neurons
        Fewest neurons of a core.
    even
        Whether cores get equal numbers of neurons, as far as the mapper has no reason for others; else one core after
        the other is filled.
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
    fewest_neurons: int = 1
    even: bool = False
    more_cores: bool = False
    room: Room = NO_LIMIT
    chip: Chip | None = None
    weight_bits: int = 8
    delay_steps: int = 1
    objective: str = "messages"
    effort: int | None = None

    def dealt(self, neurons: int) -> IntArray:
        """Core of the first, the second ... neuron if they are dealt to one core after the other, int64 (neurons,)."""
        places = np.arange(neurons, dtype=np.int64)
        return places * self.cores // neurons if self.even else places // self.neurons_per_core


Mapper = Callable[[DrawnNetwork, CoreLimits, FloatArray, int], IntArray]
"""Core of each neuron, from the network, the limits, the expected rate of each neuron in 1/s, and the seed."""


def _fault(name: str, implementation: object) -> str | None:
    """Why a plug-in is not a mapper, or None."""
    return None if callable(implementation) else "is not a function that assigns neurons to cores"


def _missing(module: str) -> str | None:
    return None if find_spec(module) else f"{module} is not installed: pip install 'benchnn[mapping]'"


mappers: Registry[Mapper] = Registry(
    "mapper",
    {
        **{
            name: Entry(f"simcore.neuromorphic.mappers.{name}:map_neurons")
            for name in ("in_order", "round_robin", "random", "greedy", "anneal", "stream", "halve", "balanced")
        },
        "metis": Entry("simcore.neuromorphic.mappers.metis:map_neurons", lambda: _missing("pymetis")),
        "mtkahypar": Entry("simcore.neuromorphic.mappers.mtkahypar:map_neurons", lambda: _missing("mtkahypar")),
    },
    group="simcore.mappers",
    fault=_fault,
    files=True,
)
SEE_ROOM = ("greedy", "anneal", "stream", "halve", "balanced", "metis", "mtkahypar")
"""Mappers that keep all limits of a core, if they may take more cores."""
CHOOSE_CORES = ("halve",)
"""Mappers that take as many cores as they think right; for the time of a step all do."""
OTHER_OBJECTIVES: Mapping[str, tuple[str, ...]] = {"hops": ("anneal",), "link": ("anneal",), STEP_TIME: ("balanced",)}
"""Mappers that can aim at anything but messages."""


def make_mapping(
    mapper: str,
    drawn: DrawnNetwork,
    neurons_per_core: int,
    rates_hz: FloatArray | None = None,
    *,
    cores: int | None = None,
    room: Room | None = None,
    chip: Chip | None = None,
    weight_bits: int = 8,
    delay_steps: int = 1,
    objective: str = "messages",
    effort: int | None = None,
) -> CoreMapping:
    """Assign neurons to cores.

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
    cores
        Number of cores; by default the fewest that hold the neurons, or as many as a mapper of `CHOOSE_CORES` takes.
    room
        What a core can hold, for a mapper of `SEE_ROOM`, which then takes as many cores as it needs.
    chip, weight_bits, delay_steps, objective, effort
        See `CoreLimits`.

    Raises
    ------
    InputError
        If there is no such mapper, or that of a file fails, or a core is to hold no neuron, or there are too few or too
        many cores, or the mapper cannot aim at the objective or does not keep the limits.
    UnavailableError
        If the mapper cannot be used here.
    """
    map_neurons = mappers.get(mapper)
    require(neurons_per_core >= 1, "neurons_per_core", neurons_per_core, "must be >= 1")
    require_objective(mapper, objective)
    n = drawn.network.n_neurons
    most = min(neurons_per_core, n, max(1, (room or NO_LIMIT).neurons))
    limits = CoreLimits(
        _number_of_cores(cores, n, most),
        most,
        even=cores is not None,
        more_cores=room is not None or (cores is None and (mapper in CHOOSE_CORES or objective == STEP_TIME)),
        room=room or NO_LIMIT,
        chip=chip,
        weight_bits=weight_bits,
        delay_steps=delay_steps,
        objective=objective,
        effort=None if effort is None else integer(effort, "effort", 1),
    )
    rates = np.ones(n) if rates_hz is None else rates_hz
    with failures_of(map_neurons):
        core_of = np.asarray(map_neurons(drawn, limits, rates, drawn.seed))
    return CoreMapping(mapper, *_checked(mapper, core_of, n, limits))


def require_objective(mapper: str, objective: str) -> None:
    """Refuse an objective that is not known, or at which the mapper cannot aim."""
    choice(objective, "objective", OBJECTIVES)
    able = OTHER_OBJECTIVES.get(objective)
    if able is not None and mapper not in able:
        who = f"these can: {', '.join(able)}" if able else "no mapper can"
        raise InputError(f"objective = {objective!r} is not allowed: mapper {mapper} cannot aim at it; {who}")


def _number_of_cores(cores: int | None, neurons: int, most: int) -> int:
    fewest = ceil(neurons / most)
    if cores is None:
        return fewest
    allowed = f"{neurons:,} neurons fill {fewest:,} to {neurons:,} cores of at most {most:,} neurons"
    require(fewest <= integer(cores, "cores", 1) <= neurons, "cores", cores, allowed)
    return cores


def _checked(mapper: str, core_of: npt.NDArray[np.generic], n: int, limits: CoreLimits) -> tuple[int, IntArray]:
    """Number of cores, and the core of each neuron; refused where the mapper has not kept its limits."""
    within = core_of.shape == (n,) and core_of.dtype.kind in "iu"
    dealt = core_of.astype(np.int64, copy=False) if within else np.zeros(0, dtype=np.int64)
    within = within and dealt.min() >= 0 and dealt.max() < (n if limits.more_cores else limits.cores)
    cores = int(dealt.max()) + 1 if within and limits.more_cores else limits.cores
    held = np.bincount(dealt, minlength=cores) if within else np.zeros(1, dtype=np.int64)
    fewest = "one" if limits.fewest_neurons == 1 else f"{limits.fewest_neurons:,}"
    number = f"{limits.cores}{' or more' if limits.more_cores else ''}"
    allowed = (
        f"it must assign {n} neurons to {number} cores, at least {fewest} and at most {limits.neurons_per_core} to each"
    )
    require(held.min() >= limits.fewest_neurons and held.max() <= limits.neurons_per_core, "mapper", mapper, allowed)
    return cores, dealt


def rates_of_neurons(network: Network, rates_hz: Mapping[str, float]) -> FloatArray:
    """The rate of each neuron, float64 (n,), from the mean rate of each population."""
    return np.repeat(
        [float(rates_hz[population.name]) for population in network.populations],
        [population.size for population in network.populations],
    )
