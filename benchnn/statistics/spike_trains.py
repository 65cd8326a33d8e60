"""Recorded spikes as Neo spike trains, which Elephant and other packages for data analysis take."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from simcore.errors import UnavailableError
from simcore.recording.files import PathLike
from simcore.recording.sonata import FloatArray, read_spikes
from simcore.recording.spikes import IntArray, Spikes, step_times_ms

if TYPE_CHECKING:
    import neo


def neo_spike_trains(source: "PathLike | Spikes") -> "dict[str, list[neo.SpikeTrain]]":
    """One `neo.SpikeTrain` for each neuron of each population, also for those without spikes.

    Parameters
    ----------
    source
        A ``spikes.h5`` of a run, or what `Simulator.spikes` returns.

    Returns
    -------
    dict
        Population -> trains in the order of the population-local ids. Times are in ms, between t_start and t_stop of
        the recording; the annotations are `population` and `id`, the sampling rate is one over the time step.

    Raises
    ------
    UnavailableError
        If Neo is not installed.
    InputError
        If the file cannot be read, or does not tell resolution, interval and population sizes: it is not one of ours.

    References
    ----------
    Garcia et al. (2014), Neo: an object model for handling electrophysiology data in multiple formats, Front.
    Neuroinform. 8:10.
    """
    try:
        from neo import SpikeTrain
        from quantities import ms
    except ImportError as error:
        raise UnavailableError(f"spike trains of Neo need neo ({error}): pip install 'benchnn[neo]'") from error

    spikes = source if isinstance(source, Spikes) else read_spikes(source).spikes()
    interval = step_times_ms(np.array([spikes.start_step, spikes.stop_step]), spikes.resolution_ms)
    start, stop = interval.tolist()
    sampling_rate = 1.0 / (spikes.resolution_ms * ms)
    return {
        population: [
            SpikeTrain(
                times,
                units=ms,
                t_start=start * ms,
                t_stop=stop * ms,
                sampling_rate=sampling_rate,
                population=population,
                id=neuron,
            )
            for neuron, times in enumerate(by_neuron(*spikes.of(population), size))
        ]
        for population, size in spikes.sizes.items()
    }


def by_neuron(times_ms: FloatArray, ids: IntArray, size: int) -> Iterator[FloatArray]:
    """The ascending times of each of `size` neurons, from times in ascending order."""
    order = np.argsort(ids, kind="stable")
    edges = np.searchsorted(ids[order], np.arange(size + 1))
    return (times_ms[order[low:high]] for low, high in pairwise(edges))
