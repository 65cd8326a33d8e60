"""The simulation of a PyNN script: its parts, its time, and the network that is built from the parts.

PyNN's interface is a module with one current simulation, which its common classes access as ``simulator.state``. This
is the only reason for a global object; `setup` clears it.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import common

from benchnn.pynn.network import described_network, fits, native_initial, native_parameters, source_fields, weight_scale
from benchnn.pynn.parts import (
    ConnectionGroup,
    ElectrodePart,
    FloatArray,
    IntArray,
    PopulationPart,
    ProjectionPart,
)
from benchnn.pynn.ranks import currents_of_ranks, exchange_attributes, exchange_recorded, exchange_values
from benchnn.pynn.recorded import RecordedData
from benchnn.pynn.restoring import kept, resume
from benchnn.pynn.units import KILO
from simcore.comm import Communicator
from simcore.comm.started import communicator_of_launch
from simcore.errors import InputError, number
from simcore.simulator import Simulator

STATIC_BITS, PLASTIC_BITS = 32, 16
"""Default bits of a weight; plastic weights have fewer bits, which leaves room for finer changes."""

logger = logging.getLogger("PyNN")

name = "benchnn"
"""Name of the simulator in the metadata of recorded data."""

FIRST_ID = 1
"""PyNN id of the neuron with the global id 0."""


@dataclass(frozen=True)
class Options:
    """Parameters of `setup` in addition to PyNN's; see `benchnn.pynn.control.setup`."""

    seed: int = 1
    threads: int | None = None
    backend: str = "cpu"
    precision: str = "float64"
    weight_bits: int | None = None


class ID(int, common.IDMixin):
    """Id of a neuron, which gives access to its parameters."""

    def __init__(self, n: int) -> None:
        int.__init__(n)
        common.IDMixin.__init__(self)


class State(common.control.BaseState):
    """Parts of the network, current time, and the simulator as soon as it is built.

    Attributes
    ----------
    stale
        Whether the network must be rebuilt before the next run.
    driven
        Whether currents of electrodes were set since the last synchronisation with the simulator.
    """

    def __init__(self) -> None:
        super().__init__()
        self.comm: Communicator = communicator_of_launch()
        self.simulator: Simulator | None = None
        self.recorded = RecordedData()
        self._whole = 0
        self.clear(0.1, "auto", "auto", Options())

    def clear(self, dt: float, min_delay: float | str, max_delay: float | str, options: Options) -> None:
        """Discard the network, and use these settings for the next one."""
        self.close()
        self.dt, self.options = dt, options
        self.given_min_delay, self.given_max_delay = min_delay, max_delay
        self.recorders: set[Any] = set()
        self.write_on_end: list[Any] = []
        self.populations: list[PopulationPart] = []
        self.projections: list[ProjectionPart] = []
        self.electrodes: list[ElectrodePart] = []
        self.id_counter = FIRST_ID
        self.segment_counter = -1
        self.reset()

    def reset(self) -> None:
        """Return to time 0 of the same network."""
        self.close()
        self.running, self.stale, self.driven = False, False, False
        self.step, self.t_start = 0, 0
        self.segment_counter += 1
        self.recorded = RecordedData()
        self._initial: dict[tuple[int, str], FloatArray] = {}
        self._origins: list[tuple[int, ConnectionGroup]] = []
        self._applied: dict[int, FloatArray] = {}
        self._lost = False
        for electrode in self.electrodes:
            electrode.begin()
        for projection in self.projections:
            projection.begin()

    def close(self) -> None:
        """Fetch the recordings and release the simulator."""
        if self.simulator is not None:
            self.pull()
            self.recorded.forget_simulator()
            self.simulator.close()
            self.simulator = None

    def free_name(self, label: str) -> str:
        """A unique name for a population, made from its label."""
        plain = (
            "".join(" " if letter in "/:" or not letter.isprintable() else letter for letter in label) or "population"
        )
        known = {population.name for population in self.populations}
        names = (plain if not k else f"{plain} {k + 1}" for k in range(len(known) + 1))
        return next(name for name in names if name not in known)

    @property
    def t(self) -> float:
        """Current time, ms."""
        return self.time_of(self.step)

    def time_of(self, step: int) -> float:
        """Time of the end of a step, ms: the float closest to the decimal number."""
        return step * round(self.dt * 1000.0) / 1000.0

    def times(self, steps: npt.NDArray[np.int64]) -> FloatArray:
        """Times of the ends of several steps, ms."""
        return np.asarray(steps * round(self.dt * 1000.0) / 1000.0)

    @property
    def min_delay(self) -> float:
        """Smallest delay, as given to `setup`, or of the network if it is ``auto``, ms."""
        return self._delay_end(self.given_min_delay, min)

    @property
    def max_delay(self) -> float:
        """Largest delay, as given to `setup`, or of the network if it is ``auto``, ms."""
        return self._delay_end(self.given_max_delay, max)

    def _delay_end(self, given: float | str, of: Callable[[Iterable[float]], float]) -> float:
        if not isinstance(given, str):
            return given
        ends = [of(projection.delay_ends) for projection in self.projections if len(projection.pre_ids)]
        return of(ends) if ends else self.dt

    @property
    def mpi_rank(self) -> int:
        """Rank of this process."""
        return 0 if self._whole else self.comm.rank

    @property
    def num_processes(self) -> int:
        """Number of processes."""
        return 1 if self._whole else self.comm.size

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Context in which every neuron counts as a neuron of this process.

        PyNN's connectors and distributions then draw the same values for any number of processes.
        """
        self._whole += 1
        try:
            yield
        finally:
            self._whole -= 1

    def run_until(self, time_ms: float) -> None:
        """Simulate until `time_ms`."""
        end = round(number(time_ms, "time") / self.dt)
        self.running = True
        if end <= self.step:
            return
        if not self.populations:
            # Currents without target neurons can also be recorded.
            self.step = end
            return
        if self._lost:
            raise InputError("the state of the simulation was lost because an earlier run failed; call reset() first")
        simulator = self._prepared()
        while self.step < end:
            own = min((electrode.next_change(self.step) for electrode in self.electrodes), default=end)
            change = min(self.comm.gather(own))
            steps = min(end, change) - self.step
            simulator.run(self.time_of(steps))
            self.step += steps
            if self.step == change:
                self._apply_currents(simulator)

    def _prepared(self) -> Simulator:
        """The simulator, with all changes that the script made since the last run."""
        exchange_values(self.comm, self.populations)
        exchange_attributes(self.comm, self.projections)
        exchange_recorded(self.comm, self.populations)
        changed = [projection for projection in self.projections if projection.changed]
        weights = [projection for projection in changed if projection.plastic and projection.changed == {"weight"}]
        moved = any(population.moved for population in self.populations)
        stale = self.stale or moved or len(weights) < len(changed) or self.simulator is None
        if self.simulator is not None and not stale:
            network = self.simulator.network
            stale = not all(fits(population, network, self.dt) for population in self.populations if population.changed)
        if any(self.comm.gather(stale)):
            simulator = self._built()
        else:
            assert self.simulator is not None  # noqa: S101 - not stale
            simulator = self.simulator
            for population in self.populations:
                if population.changed:
                    self._set_parameters(simulator, population)
            if any(self.comm.gather(self.driven)):
                self._apply_currents(simulator)
        if self.step:
            for projection in weights:
                self._set_weights(simulator, projection)
        for population in self.populations:
            population.take_as_known()
        for projection in self.projections:
            projection.take_as_known()
        self.stale = self.driven = False
        return simulator

    def _built(self) -> Simulator:
        """A simulator of the current network, in the state of the old simulator if there is one."""
        options = self.options
        self._applied = self._currents()
        described = described_network(self.populations, self.projections, self._applied, self.dt)
        plastic = any(group.rule is not None for _, group in described.origins)
        before = None if self.simulator is None else kept(self.simulator)
        # Until the new simulator has the state of the old one, the simulation cannot be resumed.
        self._lost = before is not None
        self.close()
        self.simulator = Simulator(
            described.network,
            seed=options.seed,
            threads=options.threads,
            backend=options.backend,
            precision=options.precision,
            weight_bits=options.weight_bits or (PLASTIC_BITS if plastic else STATIC_BITS),
            accept_quantisation=True,
            comm=self.comm,
        )
        self._origins = list(described.origins)
        for adaptation in self.simulator.plan.tables.adaptations if self.comm.rank == 0 else ():
            logger.warning("weights of %d bits: %s", self.simulator.plan.tables.grid.bits, adaptation)
        if before is not None:
            moved = {
                population.name: {
                    native: values
                    for native, values in native_initial(population).items()
                    if native in {population.celltype.variables[name].name for name in population.moved}
                }
                for population in self.populations
            }
            resume(before, self.simulator, moved)
        else:
            self._initial = {
                (population.index, variable): population.initial_array(variable)
                for population in self.populations
                for variable in population.celltype.variables
            }
        self._lost = False
        return self.simulator

    def _set_parameters(self, simulator: Simulator, population: PopulationPart) -> None:
        """Pass changed parameters to the simulator."""
        if population.celltype.is_source:
            values = source_fields(population, self.dt)
        else:
            values = native_parameters(population, self._applied.get(population.index))
        simulator.set_parameters(population.name, values)

    def _apply_currents(self, simulator: Simulator) -> None:
        """Set the currents of electrodes for the current step."""
        for index, current in sorted(self._currents().items()):
            if index in self._applied and np.array_equal(self._applied[index], current):
                continue
            population = self.populations[index]
            simulator.set_parameters(population.name, {"I_e": native_parameters(population, current)["I_e"]})
            self._applied[index] = current

    def _currents(self) -> dict[int, FloatArray]:
        """Currents of electrodes into the neurons of each population in the current step, pA, of all ranks."""
        own: dict[int, FloatArray] = {}
        now = np.array([self.step])
        for electrode in self.electrodes:
            for population, places in electrode.targets:
                total = own.setdefault(population.index, np.zeros(population.size))
                total[places] += electrode.current(now)[0] * KILO
        return currents_of_ranks(self.comm, self.populations, own)

    def _set_weights(self, simulator: Simulator, projection: ProjectionPart) -> None:
        for index, group, order in self._plastic_groups(projection):
            cell = self.populations[group.target].celltype
            scale = weight_scale(cell, projection.receptor_type)
            weights = np.broadcast_to(projection.attribute("weight"), len(projection.pre_ids))[group.members] * scale
            simulator.set_weights(index, weights[order])

    def plastic_weights(self, projection: ProjectionPart) -> FloatArray:
        """Current weights of a plastic projection in PyNN's unit; a collective call."""
        assert self.simulator is not None  # noqa: S101 - asked by the caller
        found = np.zeros(len(projection.pre_ids))
        for index, group, order in self._plastic_groups(projection):
            scale = weight_scale(self.populations[group.target].celltype, projection.receptor_type)
            read = self.simulator.weights(index)
            weights = self.comm.gather(None if read is None else read.weights)[0]
            assert weights is not None  # noqa: S101 - rank 0 has them
            found[group.members[order]] = weights / scale
        return found

    def _plastic_groups(self, projection: ProjectionPart) -> Iterator[tuple[int, ConnectionGroup, IntArray]]:
        """Number in the network, group, and order of the group's weights in the simulator."""
        initial = np.broadcast_to(projection.attribute("weight"), len(projection.pre_ids))
        delays = np.broadcast_to(projection.attribute("delay"), len(projection.pre_ids))
        for index, (origin, group) in enumerate(self._origins):
            if self.projections[origin] is projection:
                own = group.members
                keys = (initial[own], delays[own], projection.pre_ids[own], projection.post_ids[own])
                yield index, group, np.lexsort(keys)

    def pull(self) -> None:
        """Fetch recorded data from the simulator."""
        self.recorded.pull(self.simulator)

    def initial(self, population: PopulationPart, variable: str) -> FloatArray:
        """Initial values of a variable of the neurons in PyNN's unit."""
        return self._initial.get((population.index, variable), population.initial_array(variable))


state = State()
"""The name under which PyNN's common classes find the simulation."""
