"""Spike recordings from files: results of this program, SONATA files, and text files of NEST."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchnn.record.folder import SPIKES
from simcore.errors import InputError, number, require
from simcore.network import Network
from simcore.recording.files import usable_path
from simcore.recording.nest_text import read_nest_spikes
from simcore.recording.sonata import OLD_LAYOUT_POPULATION, SpikeFile, read_spikes
from simcore.recording.spikes import IntArray, Spikes, spike_order, step_times_ms
from simcore.values import LONGEST_MS, delay_steps

FloatArray = npt.NDArray[np.float64]

HDF5 = (".h5", ".hdf5", ".sonata")
TEXT = (".dat", ".gdf", ".txt")
NEST_RANGES = "population_nodeids.dat"


def read_recording(path: Path, network: Network, start_ms: float, stop_ms: float) -> Spikes:
    """Read the spikes of a recording in the window (start_ms, stop_ms].

    Parameters
    ----------
    path
        A folder with ``spikes.h5``; an HDF5 file in one of the two SONATA layouts; or text as NEST's
        ``spike_recorder`` writes it: one file, or a folder or a pattern such as ``spikes-*.dat`` for several files.
    network
        The description: its populations in the order of their ids, with their sizes, so that silent neurons count.
        NEST's id of a neuron is its global id plus one, or follows from ``population_nodeids.dat`` next to the text
        files: first and last id of each population, as the reference implementation of the cortical microcircuit
        writes them.
    start_ms, stop_ms
        The window; spikes before it belong to the warm-up.

    Returns
    -------
    Spikes
        Stamps in steps and global ids, in order of (stamp, id).

    Raises
    ------
    InputError
        If the file cannot be read or does not fit the network or the window.
    """
    path = usable_path(path)
    require(isinstance(network, Network), "network", network, "must be a simcore.network.Network")
    start_ms, stop_ms = number(start_ms, "start_ms"), number(stop_ms, "stop_ms")
    if path.is_dir() and (path / SPIKES).exists():
        path = path / SPIKES
    if path.suffix in HDF5:
        file = read_spikes(path)
        recorded = file.recorded
        stamps, ids, covered = _from_sonata(file, network)
        if covered is not None and (covered[0] > start_ms + 1e-6 or covered[1] < stop_ms - 1e-6):
            raise InputError(
                f"{path} contains the spikes of ({covered[0]:g}, {covered[1]:g}] ms, not all of ({start_ms:g}, "
                f"{stop_ms:g}] ms"
            )
    else:
        recorded = None
        stamps, ids = _from_text(_text_files(path), network)
    start, stop = (int(delay_steps(time, network.resolution_ms)) for time in (start_ms, stop_ms))
    return replace(window(stamps, ids, network, start, stop), recorded=recorded)


def window(stamps: IntArray, ids: IntArray, network: Network, start_step: int, stop_step: int) -> Spikes:
    """Select the spikes with stamps in (start_step, stop_step], in order of (stamp, id)."""
    inside = (stamps > start_step) & (stamps <= stop_step)
    stamps, ids = stamps[inside], ids[inside]
    order = spike_order(stamps, ids)
    sizes = {population.name: population.size for population in network.populations}
    return Spikes(
        stamps[order], ids[order], dict(network.first_ids), sizes, network.resolution_ms, stop_step, start_step
    )


def _from_sonata(file: SpikeFile, network: Network) -> tuple[IntArray, IntArray, tuple[float, float] | None]:
    """Stamps, global ids, and the recorded interval (ms) if the file contains it."""
    names = list(network.first_ids)
    if file.populations == [OLD_LAYOUT_POPULATION] and OLD_LAYOUT_POPULATION not in names:
        # A single list of global ids.
        times, ids = file.of(OLD_LAYOUT_POPULATION)
        _require_ids(ids, network.n_neurons, file.path, "the network")
        return _stamps(times, network, file.path, file.rounding_ms[OLD_LAYOUT_POPULATION]), ids, None
    unknown = [name for name in file.populations if name not in names]
    if unknown:
        raise InputError(f"{file.path} has a population {unknown[0]!r}; the network has {', '.join(names)}")
    stamps, owners = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for name in file.populations:
        times, local = file.of(name)
        size = network.population(name).size
        if file.sizes is not None and file.sizes[name] != size:
            raise InputError(f"{file.path} has {file.sizes[name]:,} neurons in {name}, but the network has {size:,}")
        _require_ids(local, size, file.path, name)
        stamps.append(_stamps(times, network, file.path, file.rounding_ms[name]))
        owners.append(network.first_ids[name] + local)
    stated = file.t_start_ms is not None and file.t_stop_ms is not None
    covered = (float(file.t_start_ms or 0.0), float(file.t_stop_ms or 0.0)) if stated else None
    return np.concatenate(stamps), np.concatenate(owners), covered


def _text_files(path: Path) -> list[Path]:
    """One file, the files of a folder, or the files that match a pattern in the last part of the path."""
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.suffix in TEXT and file.name != NEST_RANGES)
    elif any(letter in path.name for letter in "*?["):
        found = sorted(path.parent.glob(path.name))
    else:
        found = [path]
    if not found:
        raise InputError(f"{path} does not contain spikes: a folder must contain {SPIKES} or a file {', '.join(TEXT)}")
    return found


def _from_text(files: Sequence[Path], network: Network) -> tuple[IntArray, IntArray]:
    """Stamps and global ids from NEST's text: lines of sender and time in ms, after comments and a line of titles."""
    stamps, ids = [], []
    for file in files:
        senders, times = read_nest_spikes(file)
        stamps.append(_stamps(times, network, str(file)))
        ids.append(_global_ids(senders, _ranges(file.parent / NEST_RANGES, network), network, file))
    return np.concatenate(stamps), np.concatenate(ids)


def _ranges(path: Path, network: Network) -> IntArray:
    """First and last NEST id of each population, shape (populations, 2)."""
    sizes = np.array([population.size for population in network.populations])
    if not path.exists():
        last = np.cumsum(sizes)
        return np.column_stack([last - sizes + 1, last])
    try:
        # NumPy warns of a file without numbers, and takes compressed files by their names.
        with open(path, encoding="utf-8") as stream:
            words = [line.partition("#")[0].split() for line in stream]
        ranges = np.array([list(map(int, row)) for row in words if row], dtype=np.int64)
    except (OSError, ValueError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "each line must contain two integers"
        raise InputError(f"cannot read {path}: {reason}") from error
    if ranges.shape != (len(sizes), 2) or np.any(ranges[:, 1] - ranges[:, 0] + 1 != sizes):
        expected = ", ".join(f"{name}: {size}" for name, size in zip(network.first_ids, sizes, strict=True))
        raise InputError(f"{path} must list the first and the last id of each population of the network ({expected})")
    return ranges


def _global_ids(senders: IntArray, ranges: IntArray, network: Network, file: Path) -> IntArray:
    ids = np.full(len(senders), -1)
    for first_id, (first, last) in zip(network.first_ids.values(), ranges, strict=True):
        mine = (senders >= first) & (senders <= last)
        ids[mine] = senders[mine] - first + first_id
    if np.any(ids < 0):
        known = f"{ranges.min()} to {ranges.max()}, {network.n_neurons:,} in total"
        raise InputError(f"{file} has a spike of neuron {senders[ids < 0][0]}; NEST's ids of the network are {known}")
    return ids


def _require_ids(ids: IntArray, n: int, path: str, what: str) -> None:
    if len(ids) and ids.max() >= n:
        raise InputError(f"{path} has a spike of neuron {ids.max()}; the neurons of {what} are 0 to {n - 1}")


def _stamps(times_ms: FloatArray, network: Network, path: str, rounding_ms: float = 0.0) -> IntArray:
    """End steps of the times; times may deviate from the grid only by rounding, including their type in the file."""
    h = network.resolution_ms
    if not np.all(np.abs(times_ms) <= LONGEST_MS):
        raise InputError(f"{path} has a spike whose time is not a number in [-{LONGEST_MS:g}, {LONGEST_MS:g}] ms")
    if rounding_ms > h / 4.0:
        raise InputError(f"{path} stores times with an error of {rounding_ms:.2g} ms, too large for steps of {h} ms")
    stamps = np.rint(times_ms / h).astype(np.int64)
    off = np.abs(step_times_ms(stamps, h) - times_ms) > 1e-3 * h + rounding_ms
    if np.any(off):
        raise InputError(f"{path} has a spike at {times_ms[off][0]} ms, which is not a multiple of {h} ms")
    return stamps
