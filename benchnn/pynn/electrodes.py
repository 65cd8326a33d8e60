"""PyNN's current sources: currents in each step that the simulation adds to the constant current of neurons.

A current of time t acts in the step that begins at t, and first changes the potential at time t + dt. It is part of a
parameter of the neurons, so that parameters are set at the beginning of each step in which a current changes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN.parameters import ArrayParameter, ParameterSpace
from pyNN.standardmodels import StandardCurrentSource, electrodes

from benchnn.pynn import simulator
from benchnn.pynn.cells import unchanged
from simcore.distributions import Normal, quantile_table
from simcore.errors import InputError, require
from simcore.random import Purpose, philox

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
NEVER = 2**62


class Electrode(StandardCurrentSource):
    """Base of the current sources.

    Attributes
    ----------
    number
        Number of the current source in the script.
    targets
        Populations, and the indices of the neurons in them.
    """

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.number = len(simulator.state.electrodes)
        self.targets: list[tuple[Any, IntArray]] = []
        self._values: dict[str, Any] = {}
        self._past = np.zeros(0)
        self._recorded_from: int | None = None
        self.parameter_space.shape = (1,)
        self.set_native_parameters(self.native_parameters)
        simulator.state.electrodes.append(self)

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        """Set the parameters from the current time on."""
        given = parameters.evaluate(simplify=True).as_dict()
        values = self._values | {name: _plain(value) for name, value in given.items()}
        for name, value in values.items():
            require(not np.any(np.isnan(value)), name, value, "must be a number")
        self.check(values)
        if self._values:
            self._past = self._until_now(simulator.state.step)
        self._values = values
        simulator.state.driven = True

    def check(self, values: dict[str, Any]) -> None:
        """Sort the times, or raise an error."""

    def get_native_parameters(self) -> dict[str, Any]:
        """The parameters: numbers and arrays."""
        return dict(self._values)

    get_parameters = get_native_parameters

    def inject_into(self, cells: Any, location: Any = None) -> None:
        """Inject the current into a population, view, assembly, or list of neurons."""
        if location is not None:
            raise InputError(f"location = {location!r} is not allowed: neurons are points")
        chosen = [cells] if hasattr(cells, "all_cells") else [cell.as_view() for cell in cells]
        for group in chosen:
            for part in getattr(group, "populations", [group]):
                if not part.celltype.injectable:
                    raise TypeError(f"{part.label} does not accept a current, because it is a spike source")
                self.targets.append((part._root, part._places))
        simulator.state.driven = True

    def record(self) -> None:
        """Record the current from the current time on."""
        self._recorded_from = simulator.state.step

    def _get_data(self) -> tuple[FloatArray, FloatArray]:
        state = simulator.state
        if self._recorded_from is None:
            raise InputError("the current was not recorded; call record() before the simulation")
        steps = np.arange(self._recorded_from, state.step + 1)
        return np.asarray(state.times(steps)), self._until_now(state.step + 1)[self._recorded_from :]

    def _until_now(self, stop: int) -> FloatArray:
        """Currents in the steps before `stop`, with the parameters of that time."""
        known = len(self._past)
        return np.concatenate([self._past, self.current(np.arange(known, stop))]) if stop > known else self._past

    def begin(self) -> None:
        """Return to time 0; called when the simulation is reset."""
        self._past = np.zeros(0)
        if self._recorded_from is not None:
            self._recorded_from = 0

    def current(self, steps: IntArray) -> FloatArray:
        """Current in these steps, nA."""
        raise NotImplementedError

    def next_change(self, step: int) -> int:
        """First step after `step` in which the current may differ from the previous step."""
        raise NotImplementedError

    def _window(self) -> tuple[int, int]:
        """First step of the current, and the step after its last step."""
        start, stop = (min(float(self._values[name]) / simulator.state.dt, float(NEVER)) for name in ("start", "stop"))
        return round(start), round(stop)

    def _next_of(self, step: int, changes: IntArray | list[int]) -> int:
        later = [int(change) for change in changes if change > step]
        return min(later, default=NEVER)


class DCSource(Electrode, electrodes.DCSource):
    """A constant current between two times."""

    translations = unchanged(electrodes.DCSource.default_parameters)

    def current(self, steps: IntArray) -> FloatArray:
        start, stop = self._window()
        return np.where((steps >= start) & (steps < stop), float(self._values["amplitude"]), 0.0)

    def next_change(self, step: int) -> int:
        return self._next_of(step, list(self._window()))


class StepCurrentSource(Electrode, electrodes.StepCurrentSource):
    """A current that changes at given times, rounded to the grid; among equal times the last one is used."""

    translations = unchanged(electrodes.StepCurrentSource.default_parameters)

    def check(self, values: dict[str, Any]) -> None:
        times, amplitudes = (np.atleast_1d(values[name]) for name in ("times", "amplitudes"))
        if np.any(times < 0.0):
            raise ValueError(f"times = {times} are not allowed: must be >= 0 ms")
        if np.any(np.diff(times) < 0.0):
            raise ValueError(f"times = {times} are not allowed: must be in ascending order")
        if times.shape != amplitudes.shape:
            allowed = f"must have as many values as times, {len(times)}"
            raise ValueError(f"amplitudes = {amplitudes} are not allowed: {allowed}")
        steps = np.rint(times / simulator.state.dt).astype(np.int64)
        last = np.append(np.diff(steps) > 0, np.ones(min(len(steps), 1), dtype=np.bool_))
        values["times"] = simulator.state.times(steps[last])
        values["amplitudes"] = amplitudes[last]

    def _steps(self) -> IntArray:
        return np.asarray(np.rint(self._values["times"] / simulator.state.dt).astype(np.int64))

    def current(self, steps: IntArray) -> FloatArray:
        latest = np.searchsorted(self._steps(), steps, side="right")
        return np.asarray(np.concatenate([[0.0], self._values["amplitudes"]])[latest])

    def next_change(self, step: int) -> int:
        return self._next_of(step, self._steps())


class ACSource(Electrode, electrodes.ACSource):
    """A sine current between two times; `phase` is the phase at the start."""

    translations = unchanged(electrodes.ACSource.default_parameters)

    def current(self, steps: IntArray) -> FloatArray:
        start, stop = self._window()
        frequency, phase, amplitude, offset = (
            float(self._values[name]) for name in ("frequency", "phase", "amplitude", "offset")
        )
        seconds = np.asarray(simulator.state.times(steps - start)) * 1e-3
        sine = np.sin(2.0 * np.pi * frequency * seconds + np.deg2rad(phase))
        return np.where((steps >= start) & (steps < stop), offset + amplitude * sine, 0.0)

    def next_change(self, step: int) -> int:
        start, stop = self._window()
        return max(step + 1, start) if step < stop else NEVER


class NoisyCurrentSource(Electrode, electrodes.NoisyCurrentSource):
    """A Gaussian current between two times, redrawn in every interval; all target neurons receive the same current.

    A draw is a function of the seed of the simulation, and of the numbers of the current source and of the interval.
    """

    translations = unchanged(electrodes.NoisyCurrentSource.default_parameters)

    def check(self, values: dict[str, Any]) -> None:
        require(values["stdev"] >= 0.0, "stdev", values["stdev"], "must be >= 0 nA")
        interval = float(values["dt"]) / simulator.state.dt
        if interval < 0.5 or abs(interval - round(interval)) > 1e-6:
            raise InputError(f"dt = {values['dt']} ms is not allowed: use a multiple of {simulator.state.dt} ms")

    def _interval(self) -> int:
        return round(float(self._values["dt"]) / simulator.state.dt)

    def current(self, steps: IntArray) -> FloatArray:
        start, stop = self._window()
        intervals = np.maximum(steps - start, 0) // self._interval()
        blocks = intervals >> 2
        counter = (self.number, NEVER >> 32, blocks, blocks >> 32)
        words = np.stack(philox(counter, (simulator.state.options.seed, Purpose.NOISE)))
        chosen = words[intervals & 3, np.arange(len(steps))] >> 16
        standard = quantile_table(Normal(mean=0.0, std=1.0), "noise")
        drawn = float(self._values["mean"]) + float(self._values["stdev"]) * standard[chosen]
        return np.where((steps >= start) & (steps < stop), drawn, 0.0)

    def next_change(self, step: int) -> int:
        start, stop = self._window()
        if step < start:
            return start
        if step >= stop:
            return NEVER
        interval = self._interval()
        return min(stop, start + ((step - start) // interval + 1) * interval)


def _plain(value: Any) -> Any:
    """A number or an array of numbers."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.flat[0]
    return np.asarray(value.value, dtype=np.float64) if isinstance(value, ArrayParameter) else float(np.ravel(value)[0])


ELECTRODES = (DCSource, StepCurrentSource, ACSource, NoisyCurrentSource)
"""All current sources."""
