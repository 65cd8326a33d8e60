"""PyNN's recorder of a population: recorded neurons, and the data in the form that PyNN's classes need."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import recording

from benchnn.pynn import simulator
from simcore.errors import number

FloatArray = npt.NDArray[np.float64]


class Recorder(recording.Recorder):
    """Recorder of a population.

    Attributes
    ----------
    chosen
        Indices of the recorded neurons of all processes, by PyNN's variable.
    changed
        Whether neurons were selected since the last synchronisation with the simulator.
    """

    _simulator = simulator

    def __init__(self, population: Any, file: Any = None) -> None:
        super().__init__(population, file)
        self.chosen: dict[str, set[int]] = {}
        self.changed = False
        self._start = simulator.state.step

    def record(
        self,
        variables: str | Sequence[str],
        ids: Iterable[Any],
        sampling_interval: float | None = None,
        locations: Any = None,
    ) -> None:
        """Record variables of neurons from the current time on."""
        ids = list(ids)
        super().record(variables, ids, sampling_interval, locations)
        places = set(np.atleast_1d(self.population.id_to_index(np.array(ids, dtype=int))).tolist()) if ids else set()
        for name in [variables] if isinstance(variables, str) else variables:
            own = self.chosen.setdefault(name, set())
            self.changed |= not places <= own
            own |= places
        simulator.state.stale |= self.changed

    def _record(self, variable: Any, new_ids: Collection[Any], sampling_interval: float | None = None) -> None:
        if sampling_interval is None:
            return
        dt = simulator.state.dt
        stride = round(number(sampling_interval, "sampling_interval") / dt)
        if stride < 1 or abs(stride * dt - sampling_interval) > 1e-6:
            raise ValueError(f"sampling_interval = {sampling_interval} ms is not allowed: use a multiple of {dt} ms")
        self.sampling_interval = sampling_interval

    def _reset(self) -> None:
        self.chosen, self.changed = {}, True
        simulator.state.stale = True

    def store_to_cache(self, annotations: Any = None) -> None:
        """Store the finished segment unless the script cleared it."""
        super().store_to_cache(annotations)
        self._start = 0

    def _clear_simulator(self) -> None:
        # Earlier data are dropped; the current value is the first of the new data.
        self._start = simulator.state.step

    def _get_spiketimes(
        self, ids: Sequence[Any], clear: bool = False
    ) -> tuple[npt.NDArray[np.int64], FloatArray] | dict[int, FloatArray]:
        """Ids and times of the spikes of recorded neurons, which Neo converts to trains on demand."""
        if not ids:
            return {}
        places, steps = self._spikes()
        chosen = np.zeros(self.population.size, dtype=np.bool_)
        chosen[[self.population.id_to_index(neuron) for neuron in ids]] = True
        own = chosen[places]
        return places[own] + int(self.population.first_id), simulator.state.times(steps[own])

    def _spikes(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Indices and stamps of the spikes of the segment, sorted by both."""
        state = simulator.state
        state.pull()
        stamps, ids = state.recorded.spikes()
        places = ids - self.population.first
        own = (places >= 0) & (places < self.population.size) & (stamps > self._start)
        order = np.lexsort((stamps[own], places[own]))
        return places[own][order], stamps[own][order]

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        counts = np.bincount(self._spikes()[0], minlength=self.population.size)
        chosen = self.filter_recorded(variable, filter_ids)
        return {int(neuron): int(counts[self.population.id_to_index(neuron)]) for neuron in chosen}

    def _get_all_signals(self, variable: Any, ids: Sequence[Any], clear: bool = False) -> tuple[FloatArray, None]:
        state, population = simulator.state, self.population
        state.pull()
        native = population.celltype.variables[variable.name]
        stride = round(self.sampling_interval / state.dt)
        initial = state.initial(population, variable.name) if self._start == 0 else None
        columns = []
        for neuron in ids:
            place = population.id_to_index(neuron)
            values = state.recorded.trace((population.name, place, native.name), self._start, state.step)
            values /= native.scale
            if initial is not None and not np.isnan(values[1:2]).any():
                values[0] = initial[place]
            columns.append(values[::stride])
        return (np.stack(columns, axis=1) if columns else np.zeros((0, 0))), None
