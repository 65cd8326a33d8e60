"""Spikes of one population in a SONATA spike file, in the variants of several tools."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError
from simcore.recording.hdf5 import read_values
from simcore.recording.spikes import IntArray, spike_order
from simcore.recording.time_units import ms_per_unit


class PopulationSpikes(NamedTuple):
    """Spikes of one population, in order of (time, id).

    Parameters
    ----------
    times_ms, ids
        Times (ms, float64) and ids (int64), shape (spikes,).
    rounding_ms
        Largest rounding error of times due to their type in the file.
    """

    times_ms: npt.NDArray[np.float64]
    ids: IntArray
    rounding_ms: float


def population_spikes(group: Any, id_name: str, path: str) -> PopulationSpikes:
    """Read the datasets `timestamps` and `id_name` of an h5py.Group.

    Raises
    ------
    InputError
        If they are missing, have other shapes or types, an unknown unit, or impossible values.
    """
    for name in ("timestamps", id_name):
        if not hasattr(group, "keys") or name not in group:
            raise InputError(f"cannot read {path}: {group.name} does not contain the dataset {name}")
    times, ids = (np.asarray(read_values(group[name])) for name in ("timestamps", id_name))
    label = f"cannot read {path}: {group.name}"
    if times.ndim != 1 or times.shape != ids.shape:
        raise InputError(
            f"{label} has timestamps of shape {times.shape} but {id_name} of shape {ids.shape}; both must be lists of "
            "equal length"
        )
    # pandas gives empty columns a real type.
    if len(ids) and (times.dtype.kind not in "fiu" or ids.dtype.kind not in "iu"):
        raise InputError(
            f"{label} has timestamps of type {times.dtype} and {id_name} of type {ids.dtype}; use numbers and integers"
        )
    unit = _unit_ms(group, label)
    times_ms = times.astype(np.float64, copy=False)
    times_ms = times_ms if unit == 1.0 else times_ms * unit
    # The same bits as signed integers; values above 2**63 become negative.
    local = ids.view(np.int64) if ids.dtype == np.uint64 else ids.astype(np.int64)
    if not np.all(np.isfinite(times_ms)) or np.any(local < 0):
        raise InputError(f"{label} has a time that is not finite, or an id that is negative or above 2**63")
    order = spike_order(times_ms, local)
    return PopulationSpikes(times_ms[order], local[order], _rounding(times) * unit)


def _unit_ms(group: Any, label: str) -> float:
    """Return the number of milliseconds in the unit of the timestamps of an h5py.Group."""
    attributes = group["timestamps"].attrs
    given = attributes.get("units", attributes.get("unit", "ms"))
    # h5py writes strings as str; other tools write bytes, or an array of one string.
    first = given.item() if isinstance(given, np.ndarray) and given.size == 1 else given
    unit = first.decode(errors="replace") if isinstance(first, bytes) else str(first)
    factor = ms_per_unit(unit)
    if factor is None:
        raise InputError(f"{label}/timestamps has the unit {unit!r}: use ms, s, us or ns, or their names")
    return factor


def _rounding(times: npt.NDArray[Any]) -> float:
    """Return half the spacing of the type at the largest time; 0 for integers."""
    if times.dtype.kind != "f" or not len(times):
        return 0.0
    return float(np.spacing(np.abs(times).max())) / 2.0
