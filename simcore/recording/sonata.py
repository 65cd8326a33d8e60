"""Spikes in SONATA files, an HDF5 format that libsonata, bmtk and others read.

A file is a pure function of the recording: it does not contain time stamp, host, run or layout, so that equal spikes
give equal bytes.

References
----------
Dai et al. (2020), The SONATA data format for efficient description of large-scale network models, PLoS Comput. Biol.
16:e1007696. AllenInstitute/sonata, docs/SONATA_DEVELOPER_GUIDE.md, "Spike file".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, choice, keywords_known, require
from simcore.recording.composition import composed
from simcore.recording.files import PathLike, replaced_file, usable_path
from simcore.recording.hdf5 import (
    SparseImage,
    opened_file,
    require_storable,
    reserve_dataset,
    text_type,
    write_dataset,
)
from simcore.recording.own_files import RECORDED, recorded_of, require_possible, require_recorded, sizes_of
from simcore.recording.spike_groups import PopulationSpikes, population_spikes
from simcore.recording.spikes import IntArray, Spikes, mask_of, spike_order, step_times_ms
from simcore.recording.trace_files import write_traces as write_traces  # Users import it from here, too.

FloatArray = npt.NDArray[np.float64]
SpikeBlocks = Iterable[tuple[IntArray, IntArray]]

SORTING = {"none": 0, "by_id": 1, "by_time": 2}
OLD_LAYOUT_POPULATION = "default"
"""Name of the only population of a file with /spikes/{gids, timestamps}, which does not name it."""
NAMELESS = "<sonata:none>"
"""Name that bmtk uses for spikes without a population."""
INTERVAL = ("t_start_ms", "t_stop_ms")
LONGEST_MS = 1e12
"""Longest time, ms; later times exceed 64-bit numbers of steps."""
BLOCK = 1 << 20
"""Number of spikes that are converted at a time."""


@dataclass(frozen=True, eq=False)
class SpikeFile:
    """Contents of a spike file; None for missing information.

    Parameters
    ----------
    path
        The file.
    times_ms, ids
        For each population the spike times (ms, float64) and population-local ids (int64), in order of (time, id),
        arrays of shape (spikes,).
    sizes
        Number of neurons of each population; SONATA itself does not store neurons without spikes.
    resolution_ms
        Time step.
    t_start_ms, t_stop_ms
        The recorded interval (t_start_ms, t_stop_ms].
    rounding_ms
        Largest rounding error of the times of each population due to their type in the file.
    recorded
        Population -> ascending local ids of the recorded neurons, int64 of shape (neurons,); None if all were recorded.
    """

    path: str
    times_ms: dict[str, FloatArray]
    ids: dict[str, IntArray]
    sizes: dict[str, int] | None = None
    resolution_ms: float | None = None
    t_start_ms: float | None = None
    t_stop_ms: float | None = None
    rounding_ms: dict[str, float] = field(default_factory=dict)
    recorded: dict[str, IntArray] | None = None

    def __len__(self) -> int:
        return sum(len(times) for times in self.times_ms.values())

    @property
    def populations(self) -> list[str]:
        """Names of the populations, in the order of the network if the file contains it."""
        return list(self.times_ms)

    def of(self, population: str) -> tuple[FloatArray, IntArray]:
        """Return times (ms) and population-local ids of the spikes of one population.

        Parameters
        ----------
        population
            Name of the population.

        Returns
        -------
        tuple of ndarray
            Times, float64, and ids, int64, of shape (spikes,) each.

        Raises
        ------
        InputError
            If the file does not contain the population.
        """
        choice(population, "population", self.populations)
        return self.times_ms[population], self.ids[population]

    def spikes(self) -> Spikes:
        """Return the spikes as recorded, with stamps and global ids.

        Returns
        -------
        Spikes
            Stamps in steps and global ids.

        Raises
        ------
        InputError
            If the file does not state resolution, interval and sizes, or a spike is not on the grid.
        """
        if self.sizes is None or self.resolution_ms is None or self.t_start_ms is None or self.t_stop_ms is None:
            raise InputError(f"{self.path} does not state resolution, interval and population sizes")
        first_ids = dict(zip(self.sizes, np.cumsum([0, *self.sizes.values()]).tolist(), strict=False))
        stamps = _stamps(np.concatenate([*self.times_ms.values()]), self.resolution_ms, self.path)
        ids = np.concatenate([first_ids[name] + local for name, local in self.ids.items()])
        order = spike_order(stamps, ids)
        start, stop = _stamps(np.array([self.t_start_ms, self.t_stop_ms]), self.resolution_ms, self.path).tolist()
        sizes, h = dict(self.sizes), self.resolution_ms
        return Spikes(stamps[order], ids[order], first_ids, sizes, h, stop, start, self.recorded)


@keywords_known
def write_spikes(path: PathLike, spikes: Spikes) -> None:
    """Write spikes in memory to a file, as in `write_spikes_from`.

    Parameters
    ----------
    path
        The file, in an existing folder.
    spikes
        The spikes of the whole network, in any order.

    Raises
    ------
    InputError
        If the file cannot be written (`ResourceError` if the disk is full), or an id does not belong to a population.
    """
    require(isinstance(spikes, Spikes), "spikes", spikes, "use the return value of Simulator.spikes")
    first_ids = dict(zip(spikes.sizes, _id_edges(spikes.sizes).tolist(), strict=False))
    require(spikes.first_ids == first_ids, "spikes.first_ids", spikes.first_ids, f"must be {first_ids} for these sizes")
    order = spike_order(spikes.stamps, spikes.ids)

    def blocks() -> Iterator[tuple[IntArray, IntArray]]:
        for first in range(0, len(spikes), BLOCK):
            piece = slice(first, first + BLOCK)
            chosen = piece if isinstance(order, slice) else order[piece]
            yield spikes.stamps[chosen], spikes.ids[chosen]

    interval = spikes.start_step, spikes.stop_step
    write_spikes_from(path, blocks, spikes.sizes, spikes.resolution_ms, *interval, spikes.recorded)


def write_spikes_from(
    path: PathLike,
    blocks: Callable[[], SpikeBlocks],
    sizes: Mapping[str, int],
    resolution_ms: float,
    start_step: int,
    stop_step: int,
    recorded: Mapping[str, IntArray] | None = None,
) -> None:
    """Write a SONATA spike file in blocks; an existing file is replaced only when the new one is complete.

    Every population, even a silent one, has a group /spikes/<population> with `timestamps` (float64, ms) and `node_ids`
    (uint64, population-local) in order of (time, id). /benchnn contains information that SONATA does not store: the
    attributes resolution_ms, t_start_ms, t_stop_ms (float64) and the datasets `populations` (names, in the order of the
    network) and `population_sizes` (uint64). If not all neurons were recorded, it also contains
    `recorded/<population>`, the ascending population-local ids of the recorded neurons (uint64). The bytes do not
    depend on the division into blocks.

    Parameters
    ----------
    path
        The file, in an existing folder.
    blocks
        Function that is called twice, to count and to write, and yields the same spikes of the whole network in order
        of (stamp, id), as blocks (stamps, global ids) of integers of shape (spikes in the block,), such as
        `SpikeParts.blocks`.
    sizes
        Number of neurons of each population, in the order of their global ids, which start at 0.
    resolution_ms
        Time step.
    start_step, stop_step
        The recorded interval: the steps (start_step, stop_step].
    recorded
        Population -> ascending local ids of the recorded neurons; all neurons by default.

    Raises
    ------
    InputError
        If the file cannot be written (`ResourceError` if the disk is full), an id does not belong to a population, or
        the spikes are not in order.
    """
    require_storable(sizes)
    edges = _id_edges(sizes)
    counts = _population_counts(blocks(), edges)
    with replaced_file(path) as aside:
        image, places = SparseImage(), []
        with composed(image) as file:
            for name, count in zip(sizes, counts, strict=True):
                group = file.create_group(f"spikes/{name}")
                group.attrs.create("sorting", SORTING["by_time"], dtype=_sorting_type())
                times_at = reserve_dataset(group, "timestamps", count, "<f8", "ms")
                places.append((times_at, reserve_dataset(group, "node_ids", count, "<u8")))
            own = file.create_group("benchnn")
            own.attrs["resolution_ms"] = float(resolution_ms)
            interval = step_times_ms(np.array([start_step, stop_step]), resolution_ms)
            own.attrs["t_start_ms"], own.attrs["t_stop_ms"] = interval
            # Datasets, because an attribute has at most 64 kB, or 8,192 sizes.
            names = [name.encode() for name in sizes]
            own.create_dataset("populations", data=names, dtype=text_type(max(map(len, names))), track_times=False)
            write_dataset(own, "population_sizes", np.array(list(sizes.values()), dtype=np.uint64))
            for name, chosen in (recorded or {}).items():
                write_dataset(own, f"{RECORDED}/{name}", chosen.astype(np.uint64))
        image.save(aside)
        with aside.open("r+b") as out:
            written = _fill(out, blocks(), edges, places, resolution_ms)
        require(
            written == counts,
            "blocks",
            written,
            f"the blocks must have {counts} spikes per population, as in the first pass",
        )


def blocks_of(recorded: Mapping[str, IntArray], sizes: Mapping[str, int], blocks: SpikeBlocks) -> SpikeBlocks:
    """Yield the spikes of some neurons of populations of these sizes, in blocks (stamps, global ids)."""
    edges = _id_edges(sizes)
    mask = mask_of(recorded, dict(zip(sizes, edges.tolist(), strict=False)), int(edges[-1]))
    return ((stamps[mask[ids]], ids[mask[ids]]) for stamps, ids in blocks)


@keywords_known
def read_spikes(path: PathLike) -> SpikeFile:
    """Read a spike file of simcore, another SONATA file (with any sorting and number types), or the old layout.

    The old layout is /spikes/{gids, timestamps} or /spikes/{node_ids, timestamps}; its only population is called
    ``"default"``, as is the population that bmtk writes without a name. Times are in the unit of the attribute `units`
    of the timestamps, see `simcore.recording.time_units`; without it, they are in ms, as in bmtk.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    SpikeFile
        Times and ids of the spikes of each population.

    Raises
    ------
    InputError
        If the file is missing, not an HDF5 file, without /spikes or damaged; names the path and the reason.
    """
    name = str(usable_path(path))
    with opened_file(path) as file:
        spikes = file.get("spikes")
        if not hasattr(spikes, "keys"):
            raise InputError(f"cannot read {name}: it has no group /spikes")
        direct = next((ids for ids in ("gids", "node_ids") if hasattr(spikes.get(ids), "shape")), None)
        if direct is not None:
            groups = [key for key in spikes if hasattr(spikes[key], "keys")]
            if groups:
                raise InputError(f"cannot read {name}: /spikes has both {direct} and the population {groups[0]!r}")
            return _spike_file(name, {OLD_LAYOUT_POPULATION: population_spikes(spikes, direct, name)})
        own = file.get("benchnn")
        if own is None or "population_sizes" not in own:
            found = {key: population_spikes(spikes[key], "node_ids", name) for key in spikes}
            return _spike_file(name, {OLD_LAYOUT_POPULATION: found[NAMELESS]} if [*found] == [NAMELESS] else found)
        try:
            sizes = sizes_of(own)
            found = {key: population_spikes(spikes[key], "node_ids", name) for key in sizes}
            resolution_ms, start_ms, stop_ms = (float(own.attrs[key]) for key in ("resolution_ms", *INTERVAL))
            require_possible(found, sizes, (resolution_ms, start_ms, stop_ms))
            recorded = recorded_of(own, sizes)
            require_recorded(found, recorded)
        except InputError as error:
            known = str(error).startswith("cannot read")
            raise InputError(str(error) if known else f"cannot read {name}: {error}") from error
        return _spike_file(name, found, sizes, resolution_ms, start_ms, stop_ms, recorded)


def _id_edges(sizes: Mapping[str, int]) -> IntArray:
    """Return the first global id of each population, and the number of neurons."""
    return np.cumsum([0, *sizes.values()])


def _population_counts(blocks: SpikeBlocks, edges: IntArray) -> list[int]:
    """Return the number of spikes of each population."""
    counts = np.zeros(len(edges) + 1, dtype=np.int64)
    last = None
    for stamps, ids in blocks:
        if len(stamps) == 0:
            continue
        early = (stamps[1:] < stamps[:-1]) | ((stamps[1:] == stamps[:-1]) & (ids[1:] < ids[:-1]))
        ordered = (last is None or last <= (stamps[0], ids[0])) and not np.any(early)
        require(ordered, "blocks", (int(stamps[0]), int(ids[0])), "spikes must be in order of (stamp, id)")
        last = stamps[-1], ids[-1]
        counts += np.bincount(np.searchsorted(edges, ids, side="right"), minlength=len(counts))
    strays = int(counts[0] + counts[-1])
    require(strays == 0, "spikes.ids", strays, "each id must belong to a population")
    result: list[int] = counts[1:-1].tolist()
    return result


def _fill(
    out: BinaryIO, blocks: SpikeBlocks, edges: IntArray, places: list[tuple[int, int]], resolution_ms: float
) -> list[int]:
    """Write times and local ids of each population to their places in the file; return the numbers of spikes."""
    written = [0] * len(places)
    for stamps, ids in blocks:
        owners = np.searchsorted(edges, ids, side="right") - 1
        # Small integers are sorted by radix sort.
        order = np.argsort(owners.astype(np.min_scalar_type(len(places))), kind="stable")
        first = 0
        for index, count in enumerate(np.bincount(owners, minlength=len(places)).tolist()):
            mine = order[first : first + count]
            first += count
            values = step_times_ms(stamps[mine], resolution_ms).astype("<f8"), (ids[mine] - edges[index]).astype("<u8")
            for place, column in zip(places[index], values, strict=True):
                out.seek(place + 8 * written[index])
                out.write(column.data)
            written[index] += count
    return written


def _sorting_type() -> Any:
    import h5py

    return h5py.enum_dtype(SORTING, basetype="u1")


def _stamps(times_ms: FloatArray, resolution_ms: float, path: str) -> IntArray:
    if np.any(np.abs(times_ms) > LONGEST_MS):
        raise InputError(f"{path} has a time of {times_ms[np.argmax(np.abs(times_ms))]:g} ms, which is too long")
    stamps = np.rint(times_ms * 1000.0 / round(resolution_ms * 1000.0)).astype(np.int64)
    off_grid = np.abs(step_times_ms(stamps, resolution_ms) - times_ms) > 1e-6
    if np.any(off_grid):
        raise InputError(f"{path} has a time of {times_ms[off_grid][0]} ms, not a multiple of {resolution_ms} ms")
    return stamps


def _spike_file(
    path: str,
    found: Mapping[str, PopulationSpikes],
    sizes: dict[str, int] | None = None,
    resolution_ms: float | None = None,
    t_start_ms: float | None = None,
    t_stop_ms: float | None = None,
    recorded: dict[str, IntArray] | None = None,
) -> SpikeFile:
    times = {name: spikes.times_ms for name, spikes in found.items()}
    ids = {name: spikes.ids for name, spikes in found.items()}
    rounding = {name: spikes.rounding_ms for name, spikes in found.items()}
    return SpikeFile(path, times, ids, sizes, resolution_ms, t_start_ms, t_stop_ms, rounding, recorded)
