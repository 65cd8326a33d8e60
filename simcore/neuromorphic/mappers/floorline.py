"""Floorline-informed partitioning, which shortens the step of a chip move by move, according to its state.

The algorithm is ours. The expected step (`simcore.neuromorphic.costs.binding`) has a state, its longest part. For
memory or compute, cores are added, neurons are divided again over the same number of cores, so that cores with spare
time relieve the slowest, or neurons move to cores with spare time. For traffic, cores of the busiest link are swapped,
or cores are merged. For barrier, cores are merged. The search makes the move that shortens the step most, and ends if
no move does. Of equal steps, the step with less memory and computation outside the binding part counts as shorter.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from simcore.errors import InputError
from simcore.network.exchangeable import why_not_exchangeable
from simcore.neuromorphic.costs.binding import MeanStep, mean_step
from simcore.neuromorphic.mappers.cutting import Cutter
from simcore.neuromorphic.mappers.spreading import spread
from simcore.neuromorphic.mappers.step_costs import StepCosts
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, CoreMapping, DrawnNetwork, FloatArray, IntArray
from simcore.neuromorphic.mapping.expectation import Expectation, composition_of, expectation_of
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import System, make_system
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.traffic.expected_loads import expected_loads
from simcore.neuromorphic.traffic.population_loads import population_loads

DIGITS = 9
"""Digits of times in comparisons; further digits are rounding."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A mapping, the move that leads to it, and its expected step."""

    move: str
    core_of: IntArray
    step: MeanStep

    @property
    def cores(self) -> int:
        """Cores in use."""
        return int(self.core_of.max()) + 1

    @property
    def seconds(self) -> float:
        """Time of the step."""
        return self.step.total_s or 0.0

    @property
    def order(self) -> tuple[float, ...]:
        """Sorting key, smaller is better: the step, then the longer and the shorter of memory and computation.

        The shorter part determines those steps of a run in which it is by chance the longest.
        """
        works = sorted((self.step.part_s("memory") or 0.0, self.step.part_s("compute") or 0.0), reverse=True)
        return tuple(float(f"{seconds:.{DIGITS}g}") for seconds in (self.seconds, *works))


class StepSearch:
    """Search for the mapping with the shortest expected step.

    Parameters
    ----------
    drawn
        The network; its synapses are drawn only if its neurons are not exchangeable.
    limits
        With `CoreLimits.more_cores`, the number of cores is free up to that of a chip; otherwise it is given by the
        limits.
    rates_hz
        Expected rate of each neuron, 1/s, float64 (neurons,).
    events_hz
        Synaptic events per second of each neuron as target, float64 (neurons,).

    Raises
    ------
    InputError
        If no chip is given, or its sheet has no times.
    """

    def __init__(self, drawn: DrawnNetwork, limits: CoreLimits, rates_hz: FloatArray, events_hz: FloatArray) -> None:
        if limits.chip is None:
            raise InputError("objective = 'step_time' needs a chip; add --chip NAME")
        self._drawn, self._rates = drawn, rates_hz
        self._chip: Chip = limits.chip
        self._step_s = drawn.network.resolution_ms * 1e-3
        self._expectation: Expectation | None = None
        if why_not_exchangeable(drawn.network) is None:
            self._expectation = expectation_of(drawn.network, rates_hz)
        n = len(rates_hz)
        single = np.ones(n, dtype=np.int64)
        self.costs = costs = StepCosts(self._chip, single, events_hz * self._step_s, rates_hz * self._step_s)
        if self._expectation is not None:
            self.costs = StepCosts.of_populations(self._chip, self._expectation, self._step_s)
        self._most_neurons = min(limits.neurons_per_core, limits.room.neurons, n)
        self.cutter = Cutter(costs.seconds, np.ones((1, n)), np.array([self._most_neurons], dtype=np.float64))
        self._systems: dict[int, System] = {}
        self.fewest = self.most = limits.cores
        if limits.more_cores:
            self.fewest = max(limits.cores, self.cutter.cores_within(float("inf")))
            self.most = min(n, max(self.fewest, self._chip.count("cores_per_chip") or self.fewest))

    def shortest(self) -> Candidate:
        """The mapping for which no move shortens the step."""
        n = len(self._rates)
        found = self.examined("start", np.arange(n) * self.fewest // n)
        if found.step.total_s is None:
            raise InputError(
                f"objective = 'step_time' is not allowed: the step time of {self._chip.name} is unknown "
                f"({found.step.times.reasons['total']})"
            )
        while found.seconds > (found.step.times.tick_s or 0.0):
            own = MOVES[found.step.state]
            others = tuple(move for move in ALL_MOVES if move not in own)
            better = self._best(found, own) or self._best(found, others)
            if better is None:
                break
            found = better
        return found

    def _best(self, found: Candidate, moves: tuple[str, ...]) -> Candidate | None:
        """The candidate with the shortest step after one of these moves, if it is shorter."""
        candidates = [self.examined(move, core_of) for move in moves for core_of in PROPOSALS[move](self, found)]
        # The first of equal candidates is used: evenly divided neurons have the fewest cores with the longest time.
        best = min(candidates, key=lambda candidate: candidate.order, default=found)
        return best if best.order < found.order else None

    def bound_text(self) -> str:
        """The lower bound of the step of any mapping, as text."""
        return self.costs.bound(self.fewest, self.most).sentence()

    def add(self, found: Candidate) -> Iterator[IntArray]:
        """Mappings with more cores: as many as promise the shortest step."""
        yield from self._resized(range(found.cores + 1, self.most + 1))

    def merge(self, found: Candidate) -> Iterator[IntArray]:
        """Mappings with fewer cores: as many as promise the shortest step."""
        yield from self._resized(range(self.fewest, found.cores))

    def take(self, found: Candidate) -> Iterator[IntArray]:
        """Mappings with the same number of cores, divided again: cores with spare time relieve the slowest."""
        yield self.cutter.cut(found.cores)

    def move(self, found: Candidate) -> Iterator[IntArray]:
        """Mappings with the same number of cores, with neurons moved to cores with spare time."""
        yield from self._spread(found.cores)

    def place(self, found: Candidate) -> Iterator[IntArray]:
        """Mappings with a swap of the core that sends or receives most over the busiest link with another core."""
        if self._expectation is None or found.step.link is None:
            return
        composition = composition_of(self._drawn.network, found.core_of, found.cores)
        flows, system = self._expectation.flows(composition), self._system(found.cores)
        ids = np.arange(found.cores)
        origin, target = np.repeat(ids, found.cores), np.tile(ids, found.cores)
        routers = system.router_of_core
        first, end = system.runs(routers[origin], routers[target])
        passing = ((first <= found.step.link) & (found.step.link < end)).any(axis=0)
        over = np.where(passing, flows.ravel(), 0.0)
        for core in {int(np.bincount(end_of, over).argmax()) for end_of in (origin, target)}:
            for other in np.flatnonzero(routers != routers[core]):
                swapped = ids.copy()
                swapped[[core, other]] = other, core
                yield swapped[found.core_of]

    def _resized(self, numbers: range) -> Iterator[IntArray]:
        """For each method, the mapping onto one of these numbers of cores with the shortest step without messages."""
        costs = self.costs
        bounds = sorted((costs.step_s(float(costs.least_work(cores).max()), cores), cores) for cores in numbers)
        shortest, best = float("inf"), None
        for bound, cores in bounds:
            if bound >= shortest:
                break
            seconds = costs.step_s(self.cutter.least_cost(cores), cores)
            if seconds < shortest:
                shortest, best = seconds, cores
        if best is not None:
            yield self.cutter.cut(best)
        if bounds:
            yield from self._spread(bounds[0][1])

    def _spread(self, cores: int) -> Iterator[IntArray]:
        """Populations spread over all cores, with few messages or with evenly distributed messages."""
        if self._expectation is None:
            return
        for packed in (True, False):
            composition = spread(self.costs.seconds, self.costs.sizes, cores, self._most_neurons, packed)
            if composition is not None:
                yield np.concatenate([np.repeat(np.arange(cores), held) for held in composition.T])

    def examined(self, move: str, core_of: IntArray) -> Candidate:
        """A mapping with its expected step."""
        cores = int(core_of.max()) + 1
        system, network = self._system(cores), self._drawn.network
        if self._expectation is not None:
            composition = composition_of(network, core_of, cores)
            loads = population_loads(self._expectation, composition, system, network.resolution_ms)
        else:
            axons = count_axons(self._drawn.in_edges, CoreMapping("balanced", cores, core_of))
            routes = make_routes(system, axons, core_of)
            loads = expected_loads(axons, routes, core_of, system, self._rates, network.resolution_ms)
        return Candidate(move, core_of, mean_step(self._chip, system, loads, network.resolution_ms))

    def _system(self, cores: int) -> System:
        if cores not in self._systems:
            self._systems[cores] = make_system(self._chip, cores)
        return self._systems[cores]


PROPOSALS: Mapping[str, Callable[[StepSearch, Candidate], Iterator[IntArray]]] = {
    "add": StepSearch.add,
    "take": StepSearch.take,
    "move": StepSearch.move,
    "place": StepSearch.place,
    "merge": StepSearch.merge,
}
ALL_MOVES = ("add", "take", "move", "merge")
"""Moves that are tried if no move of the state shortens the step."""
MOVES: Mapping[str, tuple[str, ...]] = {
    "memory": ("add", "take", "move"),
    "compute": ("add", "take", "move"),
    "traffic": ("place", "merge"),
    "barrier": ("merge",),
    "unknown": ALL_MOVES,
}
