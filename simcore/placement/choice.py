"""Placements by name: round-robin, or groups of ranks for areas or populations."""

from collections.abc import Mapping

import numpy as np

from simcore.errors import InputError, choice, number, require
from simcore.network import Network
from simcore.placement.groups import grouped
from simcore.placement.loads import equal_rates, load_by_population
from simcore.placement.owners import AREAS, BY_POPULATION, PLACEMENTS, ROUND_ROBIN, Placement
from simcore.placement.ranges import RankGroup, merged


def make_placement(
    network: Network, name: str, ranks: int, threads: int, rates_hz: Mapping[str, float] | None = None
) -> Placement:
    """Return the placement of a network on ranks.

    Parameters
    ----------
    network
        The description.
    name
        ``"round_robin"`` distributes all neurons over all ranks. ``"areas"`` distributes the populations of an area
        over a group of ranks, whose number follows from the expected load; see `simcore.placement.groups`.
        ``"by_population"`` does the same with each population as a separate area.
    ranks, threads
        Number of ranks, and of threads of each rank.
    rates_hz
        Expected mean rate of the neurons of each population, 1/s; equal rates by default.

    Raises
    ------
    InputError
        If the placement is unknown, a rate is missing or negative, or `areas` is used and a population has no area.
    """
    choice(name, "placement", PLACEMENTS)
    rates_hz = equal_rates(network) if rates_hz is None else _checked_rates(network, rates_hz)
    areas = areas_of(network, name)
    if name == ROUND_ROBIN or ranks == 1:
        return Placement(network.n_neurons, ranks, threads, name=name)
    sizes = np.array([population.size for population in network.populations])
    load = sizes * load_by_population(network, rates_hz)
    bounds = [*network.first_ids.values(), network.n_neurons]
    groups = []
    for first, end, n in grouped(np.array([load[members].sum() for members in areas]), ranks):
        members = [member for area in areas[first:end] for member in area]
        groups.append(RankGroup(n, merged([(bounds[member], bounds[member + 1]) for member in members])))
    return Placement(network.n_neurons, ranks, threads, tuple(groups), name)


def _checked_rates(network: Network, rates_hz: Mapping[str, float]) -> dict[str, float]:
    """Return the rates of all populations; require a rate for each."""
    allowed = "use a dictionary from the names of all populations to rates in 1/s"
    require(isinstance(rates_hz, Mapping), "expected_rates_hz", rates_hz, allowed)
    checked = {}
    for population in network.populations:
        field = f"expected_rates_hz of population {population.name}"
        require(population.name in rates_hz, field, None, allowed)
        checked[population.name] = rate = number(rates_hz[population.name], field)
        require(rate >= 0.0, field, rate, "must be >= 0")
    return checked


def areas_of(network: Network, name: str) -> list[list[int]]:
    """Return the numbers of the populations of each area, in order of the first population of each."""
    if name == BY_POPULATION:
        return [[index] for index in range(len(network.populations))]
    areas: dict[str | None, list[int]] = {}
    for index, population in enumerate(network.populations):
        if name == AREAS and population.area is None:
            raise InputError(
                f"placement = {AREAS!r} is not allowed: population {population.name} has no area; use "
                f"{ROUND_ROBIN} or {BY_POPULATION}",
                "placement",
                name,
            )
        areas.setdefault(population.area, []).append(index)
    return list(areas.values())
