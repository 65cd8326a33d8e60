"""Recorded spikes as Neo spike trains, for Elephant and other packages for data analysis."""

from typing import TYPE_CHECKING

from simcore.recording.files import PathLike
from simcore.recording.sonata import read_spikes
from simcore.recording.spikes import Spikes

if TYPE_CHECKING:
    import neo


def neo_spike_trains(source: "PathLike | Spikes") -> "dict[str, list[neo.SpikeTrain]]":
    """Return one `neo.SpikeTrain` for each neuron of each population; see `simcore.Spikes.to_neo`.

    Parameters
    ----------
    source
        A ``spikes.h5`` of a run, or the result of `Simulator.spikes`.

    Returns
    -------
    dict
        Name of the population -> one `neo.SpikeTrain` for each neuron, times in ms.

    Raises
    ------
    UnavailableError
        If Neo is not installed.
    InputError
        If the file cannot be read, or is not from this program and lacks resolution, interval or population sizes.
    """
    spikes = source if isinstance(source, Spikes) else read_spikes(source).spikes()
    return spikes.to_neo()
