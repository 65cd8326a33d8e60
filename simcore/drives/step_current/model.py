"""A current that changes at given times, the same into every neuron of a population.

References
----------
NEST 3.10, models/step_current_generator.h: the amplitude of time t reaches the target after the connection's delay and
affects the potential with the stamp t + delay + h, one step h later.
Differences from NEST: time 0 is allowed; NEST requires later times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.drives.drive import (
    MAX_CURRENT_PA,
    CurrentDrive,
    DriveStream,
    FloatArray,
    PreparedDrive,
    check_changes,
    check_current,
    listed_numbers,
)
from simcore.errors import keywords_known
from simcore.values import delay_steps


@keywords_known
@dataclass(frozen=True, eq=False)
class StepCurrent(CurrentDrive):
    """Current ``amplitudes_pa[k]`` into each neuron of `target` from ``times_ms[k]`` until the next time.

    The current is 0 before the first time. Times refer to the generator; the current reaches the neurons `delay_ms`
    later.

    Parameters
    ----------
    target
        Name of the driven population, or a selection of its neurons.
    times_ms
        Times of the changes, ms, >= 0, on the time grid and ascending, shape (times,).
    amplitudes_pa
        Current from each time on, pA, shape (times,).
    delay_ms
        Time between a change and its effect, ms.

    Raises
    ------
    InputError
        If times or currents are not numbers.
    """

    target: str
    times_ms: Sequence[float] | npt.NDArray[np.float64]
    amplitudes_pa: Sequence[float] | npt.NDArray[np.float64]
    delay_ms: float = 1.0
    name = "step_current"
    cpu_kernels = "simcore.drives.step_current.cpu"
    per_neuron = False

    def __post_init__(self) -> None:
        for field in ("times_ms", "amplitudes_pa"):
            object.__setattr__(self, field, listed_numbers(getattr(self, field), field))

    def check(self, resolution_ms: float, field: str) -> None:
        times, amplitudes = np.asarray(self.times_ms), np.asarray(self.amplitudes_pa)
        check_changes(times, amplitudes, resolution_ms, field, "amplitudes_pa")
        for amplitude in amplitudes[np.abs(amplitudes) > MAX_CURRENT_PA][:1].tolist():
            check_current(amplitude, f"{field}.amplitudes_pa")

    def prepare(self, resolution_ms: float) -> PreparedDrive:
        """Header: the first step of each current, ascending. Values: the currents.

        Parameters
        ----------
        resolution_ms
            Time step of the network, ms.

        Returns
        -------
        PreparedDrive
            The drive in integers.
        """
        steps = delay_steps(self.times_ms, resolution_ms) + delay_steps(self.delay_ms, resolution_ms)
        return PreparedDrive(steps, np.zeros(0, dtype=np.uint32), 0, np.array(self.amplitudes_pa))

    def currents(self, prepared: PreparedDrive, stream: DriveStream, step: int, ids: Any) -> FloatArray:
        latest = int(np.searchsorted(prepared.header, step, side="right")) - 1
        return np.asarray(prepared.values[latest] if latest >= 0 else 0.0, dtype=np.float64)
