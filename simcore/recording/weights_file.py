"""File of recorded weights, in HDF5 with bytes that depend only on the recording.

For each recorded projection, a group /projections/NUMBER has the attributes `source` and `target`, names of
populations, and the datasets `sources` and `targets` (uint32, population-local ids), `delays` (uint32), `times`
(float64, ms) and `weights` (int32, one row for each time, one column for each synapse). Synapses are in order of
target, source, delay. Integers times the attribute `factor` of their dataset are values in its `units`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from simcore.errors import keywords_known, require
from simcore.recording.files import PathLike, replaced_file, usable_path
from simcore.recording.hdf5 import (
    LIBVER,
    SparseImage,
    opened_file,
    read_values,
    require_storable,
    reserve_dataset,
    text_type,
    write_dataset,
)
from simcore.recording.spikes import step_times_ms
from simcore.recording.weight_parts import WeightParts

GROUP = "projections"
INDICES = ("sources", "targets", "delays")


@dataclass(frozen=True)
class WeightColumns:
    """Projection whose weights are written.

    Parameters
    ----------
    projection
        Its number in the network.
    source, target
        Names of its populations.
    first_source, first_target
        Global ids of their first neurons.
    steps
        Numbers of steps after which the weights were recorded.
    factor, unit
        A weight is an integer times `factor`, in `unit`.
    """

    projection: int
    source: str
    target: str
    first_source: int
    first_target: int
    steps: Sequence[int]
    factor: float
    unit: str


@dataclass(frozen=True, eq=False)
class RecordedWeights:
    """Recorded weights of a projection.

    Parameters
    ----------
    projection
        Its number in the network.
    source, target
        Names of its populations.
    sources, targets
        Population-local ids of each synapse, int64 of shape (synapses,), in order of target, source and delay.
    delays_ms
        Delay of each synapse, ms, float64 of shape (synapses,).
    times_ms
        Times at which the weights were recorded, ms, float64 of shape (times,).
    integers
        Int32 of shape (times, synapses); mapped from the file.
    factor, unit
        A weight is an integer times `factor`, in `unit`.
    """

    projection: int
    source: str
    target: str
    sources: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    delays_ms: npt.NDArray[np.float64]
    times_ms: npt.NDArray[np.float64]
    integers: npt.NDArray[np.int32]
    factor: float
    unit: str

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """Weights in `unit`, float64 (times, synapses)."""
        return self.integers * np.float64(self.factor)


def write_weights(path: PathLike, parts: WeightParts, columns: Iterable[WeightColumns], resolution_ms: float) -> None:
    """Write the contents of part files in blocks; an existing file is replaced when the new one is complete.

    Raises
    ------
    InputError
        If the file cannot be written (`ResourceError` if the disk is full), or a part is missing or damaged.
    """
    recorded = list(columns)
    with replaced_file(path) as aside:
        image, places = SparseImage(), []
        import h5py

        with h5py.File(image, "w", libver=LIBVER) as file:
            file.create_group(GROUP)
            for one in recorded:
                places.append(_described(file.create_group(f"{GROUP}/{one.projection}"), one, parts, resolution_ms))
        image.save(aside)
        with aside.open("r+b") as out:
            for one, place in zip(recorded, places, strict=True):
                _fill(out, one, place, parts)


def _described(group: Any, one: WeightColumns, parts: WeightParts, resolution_ms: float) -> list[int]:
    """Create the datasets of a projection; return the places of indices and weights in the file."""
    require_storable((one.source, one.target))
    _put_text(group, "source", one.source)
    _put_text(group, "target", one.target)
    count = parts.count(one.projection)
    places = [reserve_dataset(group, name, count, "<u4") for name in INDICES]
    places.append(reserve_dataset(group, "weights", (len(one.steps), count), "<i4"))
    write_dataset(group, "times", step_times_ms(np.array(one.steps, dtype=np.int64), resolution_ms))
    for name, unit in (("times", "ms"), ("weights", one.unit), ("delays", "ms")):
        _put_text(group[name], "units", unit)
    for name, factor in (("weights", one.factor), ("delays", resolution_ms)):
        group[name].attrs["factor"] = float(factor)
    return places


def _put_text(entry: Any, name: str, text: str) -> None:
    entry.attrs.create(name, text.encode(), dtype=text_type(len(text.encode())))


def _fill(out: BinaryIO, one: WeightColumns, places: list[int], parts: WeightParts) -> None:
    """Write indices and weights of a projection to their places in the file."""
    done = 0
    for records in parts.synapses(one.projection):
        local = (records["source"] - one.first_source, records["target"] - one.first_target, records["delay"])
        for place, column in zip(places, local, strict=False):
            out.seek(place + 4 * done)
            out.write(column.astype("<u4").data)
        done += len(records)
    out.seek(places[-1])
    for step in one.steps:
        written = 0
        for units in parts.weights(one.projection, step):
            out.write(units.data)
            written += len(units)
        require(
            written == done, f"weights of projection {one.projection}", written, f"must be {done}, one for each synapse"
        )


@keywords_known
def read_weights(path: PathLike) -> dict[int, RecordedWeights]:
    """Read the file of recorded weights; the weights are mapped from it.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    dict
        Number of the projection -> its recorded weights.

    Raises
    ------
    InputError
        If the file does not exist or is damaged; names the file and the reason.
    """
    path = usable_path(path)
    with opened_file(path) as file:
        return {int(name): _recorded(path, int(name), file[GROUP][name]) for name in sorted(file[GROUP], key=int)}


def _recorded(path: Path, projection: int, group: Any) -> RecordedWeights:
    sources, targets, delays = (_column(group[name], np.uint32).astype(np.int64) for name in INDICES)
    times, weights = _column(group["times"], np.float64), group["weights"]
    factor, resolution_ms = (_factor(group[name], name) for name in ("weights", "delays"))
    shape = (len(times), len(sources))
    if not (np.all(np.isfinite(times)) and np.all(np.diff(times) > 0)):
        raise ValueError(f"the times of projection {projection} are not in order")
    if weights.dtype != np.int32 or weights.shape != shape or not len(sources) == len(targets) == len(delays):
        raise ValueError(f"the weights of projection {projection} have shape {weights.shape}, not {shape}")
    source, target = (_text(group, name) for name in ("source", "target"))
    integers = np.zeros(shape, dtype=np.int32)
    if integers.size:
        offset = weights.id.get_offset()
        if offset is None:
            raise ValueError(f"the weights of projection {projection} are not stored contiguously")
        integers = np.memmap(path, dtype="<i4", mode="r", offset=offset, shape=shape)
    unit = _text(weights, "units")
    delays_ms = delays * round(resolution_ms * 1000.0) / 1000.0
    return RecordedWeights(projection, source, target, sources, targets, delays_ms, times, integers, factor, unit)


def _column(dataset: Any, kind: type[np.generic]) -> npt.NDArray[Any]:
    """Read values of a given type; other types are not read, because variable-length strings can be endless."""
    if dataset.dtype != kind or dataset.ndim != 1:
        raise ValueError(
            f"{dataset.name} has type {dataset.dtype} and shape {dataset.shape}; use a column of {np.dtype(kind)}"
        )
    return read_values(dataset)


def _attribute(entry: Any, name: str, kind: str) -> Any:
    """Return an attribute with one value, a number ("f") or a string of fixed length ("S")."""
    found = entry.attrs.get_id(name)
    if found.dtype.kind != kind or found.shape != ():
        raise ValueError(f"{entry.name} has {name} of type {found.dtype} and shape {found.shape}; use a single value")
    return entry.attrs[name]


def _text(entry: Any, name: str) -> str:
    text: bytes = _attribute(entry, name, "S")
    return text.decode()


def _factor(dataset: Any, name: str) -> float:
    factor = float(_attribute(dataset, "factor", "f"))
    if not 0.0 < factor < math.inf:
        raise ValueError(f"the factor of the {name} is {factor}, but must be finite and > 0")
    return factor
