"""Drives in Brian2: spike trains as a `SpikeGeneratorGroup`, Poisson drives as `PoissonInput`."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchnn.simulators.brian2.connect import SynapseMaker, connect_edges
from benchnn.simulators.brian2.currents import within
from benchnn.simulators.brian2.listed import EdgeLists, Edges
from benchnn.simulators.brian2.module import brian2_module
from benchnn.simulators.brian2.places import places
from benchnn.simulators.brian2.receivers import receivers_of
from simcore.drives import Dc, Drive, EventDrive, InhomogeneousPoisson, Noise, Poisson, SpikeTrain, StepCurrent
from simcore.drives.drive import FloatArray, ValueOfEach
from simcore.errors import InputError
from simcore.network import Network
from simcore.tables import Tables
from simcore.values import delay_steps

GENERATOR = "spike_trains"
KNOWN = (Dc, Poisson, SpikeTrain, InhomogeneousPoisson, Noise, StepCurrent)
SOURCES = 100_000
"""Number of sources of a `PoissonInput`, which draws a binomial number of events in each step: its variance is smaller
than the variance of a Poisson process by a share of mean / SOURCES."""
MAX_MEAN = 4.0
"""Maximum events per step of one `PoissonInput`: above 5 it draws from a normal distribution, and therefore larger
means are the sum of several."""


def check_drive(drive: Drive) -> None:
    """Refuse a drive that is not available on Brian2.

    Raises
    ------
    InputError
        If it is not supported.
    """
    if not isinstance(drive, KNOWN):
        names = ", ".join(known.name for known in KNOWN)
        raise InputError(f"drive {drive.name}->{drive.target} is not allowed: brian2 supports {names}")
    for name in drive.arrays() if isinstance(drive, Poisson | InhomogeneousPoisson) else ():
        raise InputError(
            f"drive {drive.name}->{drive.target}.{name} is not allowed: brian2 requires one number for a population"
        )


def described_weights(network: Network, drive: EventDrive, tables: Tables | None) -> FloatArray:
    """Return the weight of a drive for each neuron: from `simcore`'s `tables`, or else from the description."""
    weights, population = np.asarray(drive.weight, dtype=np.float64), network.index(drive.target)
    if tables is not None:
        receptors = network.receptors(drive)
        weights = tables.grid.value(tables.grid.quantise(weights, population, receptors), population, receptors)
    return np.broadcast_to(weights, network.populations[population].size)


def connect_spike_trains(
    maker: SynapseMaker, network: Network, groups: dict[str, Any], tables: Tables | None
) -> list[Any]:
    """Make the generator of all spike trains and its synapses; the neurons' drift already contains direct currents."""
    brian2 = brian2_module()
    trains = [drive for drive in network.drives if isinstance(drive, SpikeTrain) and len(drive.times_ms)]
    if not trains:
        return []
    located, lists = places(network), EdgeLists()
    neurons, steps, sources = [], [], 0
    for drive in trains:
        stamps = delay_steps(drive.times_ms, network.resolution_ms)
        repeats = _repeats(stamps)
        # A neuron of Brian2 spikes at most once per step: repeated times come from further neurons.
        neurons.append(sources + repeats)
        steps.append(stamps - 1)
        n_repeats = int(repeats.max()) + 1
        target = located[drive.target]
        n = n_repeats * target.size
        lists.add(
            Edges(
                GENERATOR,
                target.model,
                receivers_of(network, drive, -np.inf, np.inf),
                sources + np.repeat(np.arange(n_repeats), target.size),
                np.tile(target.first + np.arange(target.size), n_repeats),
                np.tile(described_weights(network, drive, tables), n_repeats),
                np.full(n, delay_steps(drive.delay_ms, network.resolution_ms)),
            )
        )
        sources += n_repeats
    times = np.concatenate(steps) * maker.step_s * brian2.second
    generator = brian2.SpikeGeneratorGroup(sources, np.concatenate(neurons), times, name=GENERATOR)
    edges = lists.joined()
    return [generator, *(connect_edges(maker, generator, groups[part.target_group], part) for part in edges)]


def _repeats(stamps: Any) -> Any:
    """The number of equal stamps before each stamp in an ascending list."""
    return np.arange(len(stamps)) - np.searchsorted(stamps, stamps, side="left")


def _one(value: ValueOfEach) -> float:
    """A value that is the same for all neurons; other values are refused before."""
    return float(np.asarray(value, dtype=np.float64))


def poisson_inputs(network: Network, groups: dict[str, Any]) -> Iterator[Any]:
    """Make the Poisson drives of the description."""
    brian2 = brian2_module()
    located = places(network)
    for drive in network.drives:
        if not isinstance(drive, Poisson) or _one(drive.rate_hz) == 0.0:
            continue
        place, weight, rate_hz = located[drive.target], _one(drive.weight), _one(drive.rate_hz)
        delay, start = (int(delay_steps(time, network.resolution_ms)) for time in (drive.delay_ms, drive.start_ms))
        stop = None if math.isinf(drive.stop_ms) else int(delay_steps(drive.stop_ms, network.resolution_ms)) + delay
        parts = math.ceil(rate_hz * network.resolution_ms * 1e-3 / MAX_MEAN)
        for _ in range(parts):
            yield brian2.PoissonInput(
                groups[place.model][place.first : place.first + place.size],
                *receivers_of(network, drive, weight, weight),
                SOURCES,
                rate_hz / (SOURCES * parts) * brian2.Hz,
                f"({weight!r})*{within(start + delay, stop)}",
                when="start",
            )
