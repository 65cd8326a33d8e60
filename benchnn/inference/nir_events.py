"""Events of NIR's ``write_data``: recordings of a node on a time grid, or in continuous time.

The layout follows the package nir 1.0.8, nir/serialization.py.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError
from simcore.memory import require_memory

GRIDDED, EVENTS = "TimeGriddedData", ("EventData", "ValuedEventData")


def nir_events(file: Any, path: Path, resolution_ms: float) -> npt.NDArray[Any]:
    """Read the events of the only node of a recording, (samples, steps, neurons).

    Parameters
    ----------
    file
        An open h5py file.
    path
        Path of the file, for messages.
    resolution_ms
        Step of the time grid to which events in continuous time are assigned.

    Raises
    ------
    InputError
        If the file does not contain exactly one recording of one node, or is damaged.
    """
    found = _recordings(file)
    if len(found) != 1:
        names = ", ".join(group.name for group in found) or "none"
        raise InputError(f"cannot use {path}: it must contain one recording of one node, but contains {names}")
    group = found[0]
    try:
        if group.attrs["__type__"] == GRIDDED:
            return np.asarray(group["data"][()])
        ids, times_s = np.asarray(group["idx"][()]), np.asarray(group["time"][()])
        neurons, last_s = int(group.attrs["n_neurons"]), float(group.attrs["t_max"])
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise InputError(f"cannot use {path}: {group.name} is damaged: {error}") from error
    return _on_grid(ids, times_s, neurons, last_s, resolution_ms, f"{path}: {group.name}")


def _recordings(file: Any) -> list[Any]:
    """All groups with a recording."""
    found = []

    def visit(_: str, entry: Any) -> None:
        if entry.attrs.get("__type__") in (GRIDDED, *EVENTS):
            found.append(entry)

    file.visititems(visit)
    return found


def _on_grid(
    ids: npt.NDArray[Any], times_s: npt.NDArray[Any], neurons: int, last_s: float, resolution_ms: float, where: str
) -> npt.NDArray[np.float32]:
    """Number of events of each neuron in each step; unused entries have the id -1."""
    listed = ids.ndim == 2 and ids.shape == times_s.shape and ids.dtype.kind in "iu" and times_s.dtype.kind == "f"
    if not listed or neurons < 1 or not 0.0 < last_s < 1e6:
        raise InputError(f"cannot use {where}: idx and time must be arrays of the same shape (samples, events)")
    steps = max(1, int(np.ceil(last_s * 1e3 / resolution_ms - 1e-9)))
    require_memory({"events": 4.0 * len(ids) * steps * neurons}, "the events of the samples")
    sample, place = np.nonzero(ids >= 0)
    neuron, time_s = ids[sample, place].astype(np.int64), times_s[sample, place]
    inside = (neuron < neurons) & np.isfinite(time_s) & (time_s >= 0.0) & (time_s <= last_s)
    if not inside.all():
        wrong = int(np.argmin(inside))
        event = f"sample {sample[wrong]} has an event of neuron {neuron[wrong]} at {time_s[wrong]:g} s"
        allowed = f"neurons must be in [0, {neurons - 1}], and times at most {last_s:g} s"
        raise InputError(f"cannot use {where}: {event}; {allowed}")
    step = np.minimum((time_s * 1e3 / resolution_ms + 1e-9).astype(np.int64), steps - 1)
    events = np.zeros((len(ids), steps, neurons), dtype=np.float32)
    np.add.at(events, (sample, step, neuron), 1.0)
    return events
