"""The assignment of neurons to neuro-cores.

A mapping is independent of the placement of neurons on ranks and threads.
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
from simcore.neuromorphic.wording import counted
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
        Name of the mapper.
    cores
        Number of cores; each holds at least one neuron.
    core_of
        Core of each neuron, by global id, int64.
    slot_of_core
        Slot of each core, int64 (cores,). Slots are the physical cores of as many chips as are needed, numbered chip by
        chip and router by router. None if core k is in slot k.
    """

    mapper: str
    cores: int
    core_of: IntArray
    slot_of_core: IntArray | None = None


@dataclass(frozen=True, eq=False)
class DrawnNetwork:
    """The network that a mapper sees: its description, and its synapses, which are drawn on demand.

    Parameters
    ----------
    network, seed
        The network and the seed of its simulation.
    known_edges
        Its synapses, if they have already been drawn.
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
    """The limits that a mapper must keep, and its objective.

    Parameters
    ----------
    cores
        Number of cores; each must hold at least one neuron.
    neurons_per_core
        Maximum number of neurons per core.
    fewest_neurons
        Minimum number of neurons per core.
    even
        Whether cores get equal numbers of neurons, unless the mapper has a reason for other numbers; otherwise cores
        are filled one after the other.
    more_cores
        Whether the mapper may use more cores than `cores` to keep `room`.
    room
        Capacity of a core; only the number of neurons is limited unless `more_cores` is True.
    chip
        The sheet; None without a chip.
    weight_bits, delay_steps
        Width of a stored weight, and longest delay of the network, which determine the synapse memory.
    objective
        Objective of the mapper, one of `OBJECTIVES`.
    effort
        Number of proposals of a mapper that improves iteratively; None for the default of the mapper.
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
        """Core of each of `neurons` neurons that are dealt to the cores in order, int64 (neurons,)."""
        places = np.arange(neurons, dtype=np.int64)
        return places * self.cores // neurons if self.even else places // self.neurons_per_core


Mapper = Callable[[DrawnNetwork, CoreLimits, FloatArray, int], IntArray]
"""The core of each neuron, from the network, the limits, the expected rate of each neuron in 1/s, and the seed."""


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
"""Mappers that respect all limits of a core if they may use more cores."""
CHOOSE_CORES = ("halve",)
"""Mappers that choose the number of cores; with the objective ``step_time`` all mappers do."""
OTHER_OBJECTIVES: Mapping[str, tuple[str, ...]] = {"hops": ("anneal",), "link": ("anneal",), STEP_TIME: ("balanced",)}
"""Mappers for the objectives other than messages."""


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
        The network; the mapper uses its seed, too.
    neurons_per_core
        Maximum number of neurons per core.
    rates_hz
        Expected rate of each neuron, 1/s; equal rates by default.
    cores
        Number of cores; by default the fewest that hold the neurons, or the choice of a mapper of `CHOOSE_CORES`.
    room
        Capacity of a core, for a mapper of `SEE_ROOM`, which then uses as many cores as it needs.
    chip, weight_bits, delay_steps, objective, effort
        See `CoreLimits`.

    Raises
    ------
    InputError
        If the mapper is not known, a mapper from a file fails, the number of neurons per core or of cores is out of
        range, or the mapper does not support the objective or does not respect the limits.
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
    """Refuse an objective that is not known or not supported by the mapper."""
    choice(objective, "objective", OBJECTIVES)
    able = OTHER_OBJECTIVES.get(objective)
    if able is not None and mapper not in able:
        who = f"use {' or '.join(able)}" if able else "no mapper does"
        raise InputError(f"objective = {objective!r} is not allowed: mapper {mapper} does not support it; {who}")


def _number_of_cores(cores: int | None, neurons: int, most: int) -> int:
    fewest = ceil(neurons / most)
    if cores is None:
        return fewest
    allowed = f"must be in [{fewest:,}, {neurons:,}] for {counted(neurons, 'neuron')} and at most {most:,} per core"
    require(fewest <= integer(cores, "cores", 1) <= neurons, "cores", cores, allowed)
    return cores


def _checked(mapper: str, core_of: npt.NDArray[np.generic], n: int, limits: CoreLimits) -> tuple[int, IntArray]:
    """Number of cores, and the core of each neuron; refused if the mapper has not respected its limits."""
    within = core_of.shape == (n,) and core_of.dtype.kind in "iu"
    dealt = core_of.astype(np.int64, copy=False) if within else np.zeros(0, dtype=np.int64)
    within = within and dealt.min() >= 0 and dealt.max() < (n if limits.more_cores else limits.cores)
    cores = int(dealt.max()) + 1 if within and limits.more_cores else limits.cores
    held = np.bincount(dealt, minlength=cores) if within else np.zeros(1, dtype=np.int64)
    fewest = "one" if limits.fewest_neurons == 1 else f"{limits.fewest_neurons:,}"
    number = f"{limits.cores} or more cores" if limits.more_cores else counted(limits.cores, "core")
    neurons = counted(n, "neuron")
    allowed = f"it must assign {neurons} to {number}, at least {fewest} and at most {limits.neurons_per_core} to each"
    require(held.min() >= limits.fewest_neurons and held.max() <= limits.neurons_per_core, "mapper", mapper, allowed)
    return cores, dealt


def rates_of_neurons(network: Network, rates_hz: Mapping[str, float]) -> FloatArray:
    """The rate of each neuron, float64 (n,), from the mean rate of each population."""
    return np.repeat(
        [float(rates_hz[population.name]) for population in network.populations],
        [population.size for population in network.populations],
    )
