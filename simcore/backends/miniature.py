"""A network on which kernels are compiled before the network itself is built."""

from simcore.network import Network, Population, Projection

NEURONS = 4
"""Of each population."""


def miniature(network: Network) -> Network:
    """A few neurons of each population, with every rule and every drive of a network."""
    populations = [Population(population.name, NEURONS, population.model) for population in network.populations]
    name = populations[0].name
    rules = {type(projection.rule): projection.rule.example() for projection in network.projections}
    projections = [Projection(name, name, rule, 1.0) for rule in rules.values()]
    return Network(populations, projections, network.drives, (), network.resolution_ms)
