"""Spike trains from SONATA files, NEST's text files and Neo."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, choice, integer, keywords_known, number, printable, require, shown
from simcore.sources.trains import SpikeTrains
from simcore.values import LONGEST_MS, plain_numbers

if TYPE_CHECKING:
    import neo

    from simcore.recording.files import PathLike


@keywords_known
def spike_trains_from_sonata(
    path: "PathLike", population: str | None = None, resolution_ms: float = 0.001
) -> SpikeTrains:
    """Read the spikes of one population from a SONATA file in the current or the older layout.

    Parameters
    ----------
    path
        An HDF5 file; see `simcore.recording.sonata.read_spikes`.
    population
        Its name in the file; optional if the file has only one population.
    resolution_ms
        Time step, ms. Times that differ from a multiple of it only by the rounding of the file's type, such as float32,
        become that multiple; other times do not change.

    Returns
    -------
    SpikeTrains
        The spikes of the population.

    Raises
    ------
    InputError
        Naming the file and the fault.
    """
    from simcore.recording.sonata import read_spikes

    h = number(resolution_ms, "resolution_ms")
    require(0.001 <= h <= 1000.0, "resolution_ms", resolution_ms, "must be in [0.001, 1000] ms")
    file = read_spikes(path)
    if not file.populations:
        raise InputError(f"{file.path} does not contain a population")
    if population is None and len(file.populations) > 1:
        raise InputError(f"population is missing: {file.path} contains {', '.join(file.populations)}")
    name = file.populations[0] if population is None else population
    times_ms, ids = file.of(choice(name, f"population of {file.path}", file.populations))
    if file.recorded is not None and file.sizes is not None and len(file.recorded[name]) < file.sizes[name]:
        part = f"{len(file.recorded[name]):,} of the {file.sizes[name]:,} neurons of {name}"
        raise InputError(f"{file.path} contains the spikes of only {part}; the other neurons would be silent")
    trains = _trains(times_ms, ids, file.path)
    return trains if file.rounding_ms[name] == 0.0 else _snapped(trains, file.rounding_ms[name], h, file.path)


def _snapped(trains: SpikeTrains, rounding_ms: float, h: float, path: str) -> SpikeTrains:
    """Return the spikes with their times before rounding, if these were on the grid."""
    if rounding_ms > h / 4.0:
        raise InputError(
            f"{path} stores times in a type that rounds them by up to {rounding_ms:.2g} ms, too much for "
            f"resolution_ms = {h}; use a longer step"
        )
    times_ms = np.asarray(trains.times_ms)
    multiples = np.rint(times_ms / h) * round(h * 1000.0) / 1000.0
    return SpikeTrains(np.where(np.abs(multiples - times_ms) <= rounding_ms, multiples, times_ms), trains.ids)


@keywords_known
def spike_trains_from_nest(paths: "PathLike | Sequence[PathLike]", first_id: int = 1) -> SpikeTrains:
    """Read the spikes from text files (``.dat``) of NEST's ``spike_recorder``.

    Parameters
    ----------
    paths
        One file, or the files of all threads and processes.
    first_id
        NEST's id of the first neuron of the population.

    Returns
    -------
    SpikeTrains
        The spikes of all files.

    Raises
    ------
    InputError
        Naming the file and the fault.
    """
    from simcore.recording.nest_text import read_nest_spikes

    first_id = integer(first_id, "first_id", 0)
    several = isinstance(paths, Sequence) and not isinstance(paths, str | bytes)
    listed: Any = paths if several else [paths]
    times, ids = [np.zeros(0)], [np.zeros(0, dtype=np.int64)]
    for path in listed:
        senders, times_ms = read_nest_spikes(path)
        _trains(times_ms, senders - first_id, str(path), f", with first_id = {first_id}")
        times.append(times_ms)
        ids.append(senders - first_id)
    return SpikeTrains(np.concatenate(times), np.concatenate(ids))


@keywords_known
def spike_trains_from_neo(trains: "Iterable[neo.SpikeTrain]") -> SpikeTrains:
    """Convert spike trains of Neo, in any unit of time, to one train for each neuron.

    Parameters
    ----------
    trains
        Trains of neurons 0, 1, ..., such as `Segment.spiketrains`.

    Returns
    -------
    SpikeTrains
        The source of a population of as many neurons.

    Raises
    ------
    InputError
        Naming the wrong train.
    """
    try:
        listed = list(trains)
    except TypeError:
        allowed = "use a list of neo.SpikeTrain"
        raise InputError(f"trains = {shown(trains)} is not allowed: {allowed}", "trains", trains) from None
    each = []
    for neuron, train in enumerate(listed):
        try:
            times_ms = np.asarray(train.rescale("ms").magnitude, dtype=np.float64)
        except (AttributeError, TypeError, ValueError) as error:
            raise InputError(f"trains[{neuron}] is not allowed: use a neo.SpikeTrain ({error})") from error
        plain_numbers(times_ms, f"trains[{neuron}]", "use a neo.SpikeTrain")
        each.append(times_ms)
    return SpikeTrains.by_neuron(each)


def _trains(times_ms: npt.NDArray[np.float64], ids: npt.NDArray[np.int64], path: str, hint: str = "") -> SpikeTrains:
    """Return the spikes of a file; require possible times and ids."""
    wrong = np.flatnonzero(~(np.abs(times_ms) <= LONGEST_MS))
    if len(wrong):
        raise InputError(
            f"{printable(path)} has a spike at {times_ms[wrong[0]]} ms; the largest possible time is {LONGEST_MS:g} ms"
        )
    if np.any(ids < 0):
        raise InputError(f"{printable(path)} has a spike of neuron {ids.min()}{hint}; ids start at 0")
    return SpikeTrains(times_ms, ids)
