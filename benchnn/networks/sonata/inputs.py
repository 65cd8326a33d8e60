"""Spikes of virtual nodes, from files in SONATA's current and older layouts."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchnn.networks.sonata.attributes import IntArray
from benchnn.networks.sonata.configuration import Configuration
from benchnn.networks.sonata.json_file import Section
from benchnn.networks.sonata.node_sets import NodeSets
from benchnn.networks.sonata.nodes import NodePopulation, Part
from simcore.errors import InputError, printable
from simcore.network import SpikeTrains
from simcore.recording.sonata import OLD_LAYOUT_POPULATION, read_spikes
from simcore.sources import spike_trains_from_sonata
from simcore.values import duration_steps, on_grid


class Given(NamedTuple):
    """Spikes on the time grid, the number of moved spikes, and the number of spikes of nodes outside the input."""

    trains: SpikeTrains
    moved: int
    left_out: int


SILENT = Given(SpikeTrains([], []), 0, 0)


def given_spikes(
    configuration: Configuration, sets: NodeSets, nodes: Mapping[str, NodePopulation], dt_ms: float
) -> dict[str, Given]:
    """Spikes of each population of virtual nodes; a population without an input is silent.

    Raises
    ------
    InputError
        If a file cannot be read, the node or time of a spike is out of range, or two inputs are for nodes of the same
        population.
    """
    found: dict[str, Given] = {}
    for section, path in zip(configuration.inputs, configuration.input_files, strict=True):
        for name, ids in sets.of(section, "node_set").items():
            virtual = next((part for part in nodes[name].parts if part.virtual), None)
            if virtual is None or not np.all(np.isin(ids, virtual.ids)):
                section.refuse(
                    "node_set", f"only virtual nodes can have input spikes, but some nodes of {name!r} are not virtual"
                )
            if virtual.name in found:
                section.refuse("node_set", f"another input also has spikes for the population {name!r}")
            found[virtual.name] = _spikes(section, path, nodes[name], virtual, ids, dt_ms)
    virtual_parts = [part.name for population in nodes.values() for part in population.parts if part.virtual]
    return {name: found.get(name, SILENT) for name in virtual_parts}


def _spikes(
    section: Section, path: Path, population: NodePopulation, virtual: Part, chosen: IntArray, dt_ms: float
) -> Given:
    """The spikes of a population in a file; in the older layout the population has no name."""
    known = read_spikes(path).populations
    name = OLD_LAYOUT_POPULATION if known == [OLD_LAYOUT_POPULATION] else population.name
    if name not in known:
        section.refuse("input_file", f"{path} has spikes of {', '.join(known) or 'no population'}, but not of {name}")
    trains = spike_trains_from_sonata(path, name, dt_ms)
    times_ms, ids = np.asarray(trains.times_ms), np.asarray(trains.ids)
    if len(ids) and int(ids.max()) >= population.size:
        size = f"the population {population.name!r} has {population.size:,} nodes"
        raise InputError(printable(f"{path} has a spike of node {int(ids.max())}, but {size}"))
    mine = np.isin(ids, chosen)
    times_ms, ids = times_ms[mine], ids[mine]
    # As NEST's spike_generator with allow_offgrid_times: rounded to 0.001 ms (half up), then up to whole steps.
    steps = duration_steps(times_ms, dt_ms)
    if len(steps) and int(steps.min()) < 1:
        wrong = int(np.argmin(steps))
        raise InputError(
            printable(f"{path} has a spike of node {ids[wrong]} at {times_ms[wrong]:g} ms: spike times must be > 0 ms")
        )
    moved = int(np.count_nonzero(~on_grid(times_ms, dt_ms)))
    on_steps = steps * round(dt_ms * 1000.0) / 1000.0
    return Given(SpikeTrains(on_steps, population.within(virtual, ids)[1]), moved, int(np.count_nonzero(~mine)))
