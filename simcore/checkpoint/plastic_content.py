"""The part of a checkpoint's file for plastic synapses.

Weights take four bytes per synapse, in canonical order; every rank knows their synapses from the network. They are not
composed or read in memory: the file is written in blocks and mapped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from simcore.checkpoint.plain_arrays import array, require_plain
from simcore.errors import require
from simcore.recording.hdf5 import reserve_dataset
from simcore.synapses.plastic import History, PlasticCounts, PlasticState, SourceTraces

GROUP = "plastic"
"""Name of the group with all data of plastic synapses."""
COUNTS = tuple(entry.name for entry in fields(PlasticCounts))


@dataclass(frozen=True)
class UnitBlocks:
    """Weights of the synapses of a projection in canonical order.

    Parameters
    ----------
    count
        Number of synapses.
    blocks
        Signed weights in units of lsb 2^-15, int32, in blocks.
    """

    count: int
    blocks: Iterable[npt.NDArray[np.int32]]


def compose_plastic(file: Any, state: PlasticState, units: Mapping[int, UnitBlocks]) -> dict[int, int]:
    """Write a state to an h5py.File and reserve space for weights; return projection -> byte of its weights.

    Parts are in order of their numbers, so that equal states have equal bytes for all backends.
    """
    group = file.create_group(GROUP)
    group["pending_events"] = state.pending_events.astype(np.int64, copy=False)
    for index, source in sorted(state.sources.items()):
        group[f"sources/{index}/last"] = source.last.astype(np.int64, copy=False)
        group[f"sources/{index}/values"] = source.values.astype(np.float64, copy=False)
    for population, history in sorted(state.histories.items()):
        group[f"histories/{population}/last"] = history.last.astype(np.int64, copy=False)
        group[f"histories/{population}/trace"] = history.trace.astype(np.float64, copy=False)
    for population, pending in sorted(state.pending.items()):
        group[f"pending/{population}"] = pending.astype(np.int64, copy=False)
    for index, one in sorted(state.counts.items()):
        group[f"counts/{index}"] = np.array([getattr(one, name) for name in COUNTS], dtype=np.int64)
    kept = group.create_group("units")
    return {index: reserve_dataset(kept, str(index), one.count, "<i4") for index, one in sorted(units.items())}


def write_units(out: BinaryIO, places: Mapping[int, int], units: Mapping[int, UnitBlocks]) -> None:
    """Write weights to an open file, starting at their places."""
    for index, one in units.items():
        out.seek(places[index])
        written = 0
        for block in one.blocks:
            out.write(np.ascontiguousarray(block, dtype="<i4").data)
            written += len(block)
        allowed = f"must equal the number of its synapses, {one.count}"
        require(written == one.count, f"weights of projection {index}", written, allowed)


def read_plastic(group: Any, path: Path) -> PlasticState:
    """Read the state in a group of an h5py.File; weights remain in the file, which is mapped.

    Raises
    ------
    LookupError, ValueError
        If an entry is missing or of another type or shape. The simulator checks whether the state is possible for the
        network.
    """
    return PlasticState(
        {},
        {
            index: SourceTraces(array(one["last"], (np.int64,), 1), array(one["values"], (np.float64,), 2))
            for index, one in _numbered(group, "sources")
        },
        {
            population: History(array(one["last"], (np.int64,), 1), array(one["trace"], (np.float64,), 1))
            for population, one in _numbered(group, "histories")
        },
        {population: array(one, (np.int64,), 3) for population, one in _numbered(group, "pending")},
        array(group["pending_events"], (np.int64,), 1),
        {index: _counts(one) for index, one in _numbered(group, "counts")},
        {index: _mapped(one, path) for index, one in _numbered(group, "units")},
    )


def _numbered(group: Any, name: str) -> list[tuple[int, Any]]:
    """Return the members of a group by the numbers in their names; an empty list without the group."""
    members = group.get(name, {})
    return [(int(key), members[key]) for key in sorted(members, key=int)]


def _counts(dataset: Any) -> PlasticCounts:
    numbers = array(dataset, (np.int64,), 1)
    if len(numbers) != len(COUNTS) or np.any(numbers < 0):
        raise ValueError(f"{dataset.name} has the counts {numbers.tolist()}, but must have {len(COUNTS)} counts >= 0")
    return PlasticCounts(*numbers.tolist())


def _mapped(dataset: Any, path: Path) -> npt.NDArray[np.int32]:
    require_plain(dataset, (np.int32,), 1)
    offset = dataset.id.get_offset()
    if not dataset.size:
        return np.zeros(0, dtype=np.int32)
    if offset is None:
        raise ValueError(f"{dataset.name} is not stored contiguously")
    return np.memmap(path, dtype="<i4", mode="r", offset=offset, shape=dataset.shape)
