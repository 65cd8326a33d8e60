"""Spike trains that `simcore` draws for random sources, for simulators that need the same trains."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from simcore.drives.drive import DriveStream, EventDrive
from simcore.network import Network, SpikeTrains
from simcore.tables import Tables

NONE: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)


def with_drawn_trains(network: Network, tables: Tables, seed: int, steps: int) -> Network:
    """Replace random sources by `SpikeTrains` with their spikes in the steps before `steps`.

    Parameters
    ----------
    network
        The description.
    tables
        Tables of the network.
    seed
        Seed of the simulation.
    steps
        Number of steps of the simulation.
    """
    sources: dict[str, SpikeTrains] = {}
    for index, one in enumerate(network.inputs):
        population, drive, prepared = network.population(one.drive.target), one.drive, tables.drives[index]
        if population.source is None or not population.source.random:
            continue
        # As for the inputs of all sources.
        assert isinstance(drive, EventDrive) and prepared is not None  # noqa: S101
        ids = network.first_ids[population.name] + np.arange(population.size)
        stream = DriveStream(seed, one.stream)
        counts = [drive.events(prepared, stream, step, ids) for step in range(steps)]
        neurons = [np.repeat(np.arange(population.size), count) for count in counts]
        stamps = 1 + np.repeat(np.arange(steps), [len(spiking) for spiking in neurons])
        times_ms = stamps * round(network.resolution_ms * 1000.0) / 1000.0
        sources[population.name] = SpikeTrains(times_ms, np.concatenate([NONE, *neurons]))
    populations = [replace(p, source=sources.get(p.name, p.source)) for p in network.populations]
    return replace(network, populations=populations) if sources else network
