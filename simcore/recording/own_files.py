"""Checked reading of the additions to SONATA in simcore's spike files, which may have been modified."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simcore.errors import InputError, integer, number, require
from simcore.recording.hdf5 import read_values
from simcore.recording.spike_groups import PopulationSpikes
from simcore.recording.spikes import IntArray

MAX_NEURONS = 2**31 - 1
LONGEST_MS = 2e9
"""Longest sum of warm-up and measured window, ms."""
ROUNDING_MS = 1e-6
RECORDED = "recorded"
"""Name of the group of recorded neurons, if not all neurons were recorded."""


def sizes_of(own: Any) -> dict[str, int]:
    """Read the number of neurons of each population from the group /benchnn of a file.

    Raises
    ------
    InputError
        If an entry is not a number of neurons, or the numbers do not match the names.
    """
    names = [name.decode() for name in read_values(own["populations"]).tolist()]
    sizes = read_values(own["population_sizes"]).tolist()
    require(len(names) == len(sizes), "len(population_sizes)", len(sizes), f"must be {len(names)}, the number of names")
    found = {name: integer(size, f"neurons of {name}", 1, MAX_NEURONS) for name, size in zip(names, sizes, strict=True)}
    require(sum(found.values()) <= MAX_NEURONS, "neurons", sum(found.values()), f"must be at most {MAX_NEURONS}")
    return found


def recorded_of(own: Any, sizes: Mapping[str, int]) -> dict[str, IntArray] | None:
    """Read local ids of the recorded neurons of each population from the group /benchnn; None if all were recorded.

    Raises
    ------
    InputError
        If they are not ascending ids of the population.
    """
    if RECORDED not in own:
        return None
    found = {}
    for name, size in sizes.items():
        given = np.asarray(read_values(own[f"{RECORDED}/{name}"]))
        ids = given.astype(np.int64)
        ascending = given.ndim == 1 and given.dtype.kind in "iu" and not np.any(ids[1:] <= ids[:-1])
        within = ascending and (not len(ids) or (ids[0] >= 0 and ids[-1] < size))
        require(bool(within), f"recorded neurons of {name}", shown_ids(given), f"must be ascending ids below {size}")
        found[name] = ids
    return found


def shown_ids(ids: Any) -> list[Any]:
    """Return the first ids, for messages."""
    return list(np.ravel(ids)[:5].tolist())


def require_recorded(found: Mapping[str, PopulationSpikes], recorded: Mapping[str, IntArray] | None) -> None:
    """Refuse spikes of neurons that were not recorded.

    Raises
    ------
    InputError
        Naming population and neuron.
    """
    for name, ids in (recorded or {}).items():
        strays = np.setdiff1d(found[name].ids, ids)
        if len(strays):
            raise InputError(f"{name} has a spike of neuron {strays[0]}, which was not recorded")


def require_possible(
    found: Mapping[str, PopulationSpikes], sizes: Mapping[str, int], interval: tuple[float, float, float]
) -> None:
    """Refuse an impossible time step or interval, and spikes outside populations and interval.

    Parameters
    ----------
    found
        Population -> spikes.
    sizes
        Population -> number of neurons.
    interval
        Resolution, begin and end of the recording, ms.

    Raises
    ------
    InputError
        Naming the quantity, its value and the allowed values.
    """
    resolution_ms, start_ms, stop_ms = (
        number(value, name) for name, value in zip(("resolution_ms", "t_start_ms", "t_stop_ms"), interval, strict=True)
    )
    require(1e-3 <= resolution_ms <= 1e3, "resolution_ms", resolution_ms, "must be in [0.001, 1000] ms")
    require(0.0 <= start_ms <= LONGEST_MS, "t_start_ms", start_ms, f"must be in [0, {LONGEST_MS:g}] ms")
    require(start_ms <= stop_ms <= LONGEST_MS, "t_stop_ms", stop_ms, f"must be in [{start_ms:g}, {LONGEST_MS:g}] ms")
    for name, spikes in found.items():
        beyond = spikes.ids[(spikes.ids < 0) | (spikes.ids >= sizes[name])]
        if len(beyond):
            raise InputError(f"{name} has {sizes[name]} neurons, but a spike of neuron {beyond[-1]}")
        times = spikes.times_ms
        outside = times[~((times > start_ms - ROUNDING_MS) & (times <= stop_ms + ROUNDING_MS))]
        allowed = f"must be in the recorded interval ({start_ms:g}, {stop_ms:g}] ms"
        require(not len(outside), f"time of a spike of {name}", np.asarray(outside[:1]).tolist(), allowed)
