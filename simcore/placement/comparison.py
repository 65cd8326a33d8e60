"""Comparison of placements: neurons, expected load and expected traffic of ranks, before network construction."""

from collections.abc import Mapping
from dataclasses import dataclass

from simcore.network import Network
from simcore.placement.choice import make_placement
from simcore.placement.loads import expected_load, neurons_of_ranks
from simcore.placement.owners import AREAS, PLACEMENTS, Placement
from simcore.placement.traffic import Traffic, collective_traffic, directed_traffic


@dataclass(frozen=True)
class PlacementFigures:
    """Expected figures of a placement.

    Parameters
    ----------
    name
        Name of the placement.
    groups
        Number of groups of ranks without common neurons.
    neurons
        Neurons per rank: ``min``, ``mean`` and ``max``.
    load_imbalance
        Largest expected load of a rank (synaptic events and neuron updates) divided by the mean of all ranks.
    collective, directed
        Traffic with each exchange; `directed` is None if it depends on the drawn synapses.
    """

    name: str
    groups: int
    neurons: dict[str, float]
    load_imbalance: float
    collective: Traffic
    directed: Traffic | None


def figures_of(network: Network, placement: Placement, rates_hz: Mapping[str, float]) -> PlacementFigures:
    """Return the expected figures of a placement at given mean rates of the populations, 1/s."""
    neurons = neurons_of_ranks(network, placement).sum(axis=1)
    load = expected_load(network, placement, rates_hz)
    return PlacementFigures(
        placement.name,
        len(placement.groups),
        {"min": int(neurons.min()), "mean": float(neurons.mean()), "max": int(neurons.max())},
        float(load.max() / load.mean()),
        collective_traffic(network, placement, rates_hz),
        directed_traffic(network, placement, rates_hz),
    )


def compared(network: Network, ranks: int, rates_hz: Mapping[str, float]) -> list[PlacementFigures]:
    """Return all possible placements of a network on `ranks` ranks; `areas` requires areas."""
    has_areas = all(population.area is not None for population in network.populations)
    names = [name for name in PLACEMENTS if name != AREAS or has_areas]
    return [figures_of(network, make_placement(network, name, ranks, 1, rates_hz), rates_hz) for name in names]
