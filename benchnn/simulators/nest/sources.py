"""Populations with a source in NEST: a generator for each neuron, connected one-to-one to parrot neurons.

The shortest delay between them is one step, so that a generator is one step earlier than the parrot neuron that relays
its spikes; `drives` describes when generators of NEST 3.10 are silent.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from benchnn.simulators.nest.drives import milliseconds, window
from benchnn.simulators.nest.kernel import nest_module
from simcore.errors import InputError
from simcore.network import Network, Population
from simcore.sources import InhomogeneousPoissonTrains, PoissonTrains, SpikeTrains
from simcore.values import delay_steps

KNOWN = (InhomogeneousPoissonTrains, PoissonTrains, SpikeTrains)


def check_source(population: Population, resolution_ms: float) -> None:
    """Refuse a source that NEST does not have.

    Raises
    ------
    InputError
        If it is not supported.
    """
    source = population.source
    where = f"population {population.name}.source"
    if source is not None and not isinstance(source, KNOWN):
        raise InputError(f"{where} = {source.name!r} is not allowed: NEST has no corresponding generator")
    if isinstance(source, SpikeTrains) and np.any(delay_steps(source.times_ms, resolution_ms) < 2):
        raise InputError(
            f"{where}.times_ms = {resolution_ms} is not allowed: a parrot neuron of NEST relays the "
            f"spike of a generator one step later, and therefore not before {2 * resolution_ms:g} ms"
        )


def late_sources(network: Network) -> tuple[str, ...]:
    """Return names of populations whose source starts at time 0, whose first two steps NEST omits."""
    h = network.resolution_ms
    found = []
    for population in network.populations:
        match population.source:
            case PoissonTrains() as source:
                late = int(delay_steps(source.start_ms, h)) < 2
            case InhomogeneousPoissonTrains() as source:
                late = min(delay_steps(source.times_ms, h).tolist(), default=2) < 2
            case _:
                continue
        found += [population.name] if late else []
    return tuple(found)


def connect_source(network: Network, population: Population, nodes: dict[str, Any]) -> None:
    """Make the generators of a population and connect them to its parrot neurons; do nothing without a source."""
    if population.source is None:
        return
    h = network.resolution_ms
    model, params = _generators(population, h)
    generators = nest_module().Create(model, population.size, params=params)
    synapse = {"weight": 1.0, "delay": milliseconds(1, h)}
    nest_module().Connect(generators, nodes[population.name], "one_to_one", synapse)


def _generators(population: Population, h: float) -> tuple[str, list[dict[str, Any]]]:
    """NEST's model and the parameters for each neuron."""
    source, size = population.source, population.size
    match source:
        case SpikeTrains():
            times = milliseconds(delay_steps(source.times_ms, h) - 1, h)
            edges = np.searchsorted(source.ids, np.arange(size + 1)).tolist()
            each = [times[low:high] for low, high in pairwise(edges)]
            return "spike_generator", [{"spike_times": train} for train in each]
        case PoissonTrains():
            active = window(source.start_ms, source.stop_ms, h, earlier=2)
            rates = np.broadcast_to(source.rate_hz, size).tolist()
            return "poisson_generator", [{"rate": float(rate), **active} for rate in rates]
        case InhomogeneousPoissonTrains():
            steps, rates_hz = np.maximum(delay_steps(source.times_ms, h), 1), np.asarray(source.rates_hz)
            # The later of two times in the first step applies.
            last = np.append(np.diff(steps) > 0, True)[: len(steps)]
            times = milliseconds(steps[last], h)
            table = rates_hz if rates_hz.ndim == 2 else np.broadcast_to(rates_hz[:, np.newaxis], (len(steps), size))
            columns = table[last].T.tolist()
            named = [{"rate_times": times, "rate_values": column} for column in columns]
            return "inhomogeneous_poisson_generator", named
        case _:
            raise InputError(f"population {population.name}.source is not allowed: NEST has no corresponding generator")
