"""Populations with a source in Brian2: a generator connected one-to-one to neurons that relay its spikes.

They relay a spike one step later; a generator with given times is one step earlier than the source. Spikes of the first
step have arrived at its start.
"""

import math
from typing import Any

import numpy as np

from benchnn.simulators.brian2.connect import SynapseMaker, connect_edges
from benchnn.simulators.brian2.listed import Edges
from benchnn.simulators.brian2.module import brian2_module
from benchnn.simulators.brian2.places import Place, places
from benchnn.simulators.brian2.receivers import COUNTED
from simcore.errors import InputError
from simcore.network import Network, Population
from simcore.sources import BernoulliTrains, PoissonTrains, SpikeTrains
from simcore.values import delay_steps

KNOWN = (BernoulliTrains, PoissonTrains, SpikeTrains)


def check_source(population: Population) -> None:
    """Refuse a source that is not available on Brian2.

    Raises
    ------
    InputError
        If it is not supported.
    """
    source = population.source
    where = f"population {population.name}.source"
    if source is None:
        return
    if not isinstance(source, KNOWN):
        names = ", ".join(known.name for known in KNOWN)
        raise InputError(f"{where} = {source.name!r} is not allowed: brian2 supports {names}")
    if isinstance(source, SpikeTrains):
        if not source.at_most_one:
            raise InputError(f"{where}.times_ms is not allowed: a neuron of brian2 relays at most one spike per step")
    elif source.start_ms > 0.0 or not math.isinf(source.stop_ms):
        raise InputError(f"{where}.start_ms and stop_ms are not allowed: brian2 runs {source.name} at all times")


def connect_sources(maker: SynapseMaker, network: Network, groups: dict[str, Any]) -> list[Any]:
    """Make the generators of all populations with a source, and their synapses."""
    located, made = places(network), []
    for index, population in enumerate(network.populations):
        if population.source is not None:
            name = f"source_{index}"
            place = located[population.name]
            group = groups[place.model]
            generator = _generator(population, network.resolution_ms, maker.step_s, name)
            made += [generator, connect_edges(maker, generator, group, _one_to_one(name, place))]
            if isinstance(population.source, SpikeTrains):
                _send_first(population.source, network.resolution_ms, group, place)
    return made


def _generator(population: Population, resolution_ms: float, step_s: float, name: str) -> Any:
    brian2, source = brian2_module(), population.source
    if isinstance(source, SpikeTrains):
        stamps = delay_steps(source.times_ms, resolution_ms)
        times = (stamps[stamps > 1] - 2) * step_s * brian2.second
        return brian2.SpikeGeneratorGroup(population.size, np.asarray(source.ids)[stamps > 1], times, name=name)
    assert isinstance(source, BernoulliTrains | PoissonTrains)  # noqa: S101 - others are refused
    rates = np.broadcast_to(source.rate_hz, population.size)
    return brian2.PoissonGroup(population.size, np.array(rates, dtype=np.float64) * brian2.Hz, name=name)


def _send_first(source: SpikeTrains, resolution_ms: float, group: Any, place: Place) -> None:
    """Make neurons send the spikes of the first step."""
    first = np.asarray(source.ids)[delay_steps(source.times_ms, resolution_ms) == 1]
    if len(first):
        (receiver,) = COUNTED
        getattr(group, receiver)[place.first + first] = 1


def _one_to_one(name: str, place: Place) -> Edges:
    own = np.arange(place.size, dtype=np.int32)
    ones = np.ones(place.size)
    return Edges(name, place.model, COUNTED, own, own + place.first, ones, ones.astype(np.int64))
