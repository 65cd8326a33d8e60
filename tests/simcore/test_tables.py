"""Tables are made once, however many there are, and equal ones are one array."""

from typing import ClassVar

from simcore.distributions import TABLE_SIZE
from simcore.network import FixedIndegree, Network, Normal, Population, Projection
from simcore.tables import delay_range, make_tables

MORE_THAN_THE_CACHE_HOLDS = 80


class CountedNormal(Normal):
    """Counts the tables that are computed."""

    tables: ClassVar[int] = 0

    def partial_moments(self, edges, mass):
        CountedNormal.tables += len(mass) == TABLE_SIZE
        return super().partial_moments(edges, mass)


def network(shift):
    """A network whose projections have distributions that differ by `shift`."""
    projections = [
        Projection(
            "A",
            "A",
            FixedIndegree(1),
            CountedNormal(mean=80.0 + k * shift, std=8.0, low=0.0),
            CountedNormal(mean=3.0 + k * shift, std=0.5, low=0.1),
        )
        for k in range(MORE_THAN_THE_CACHE_HOLDS)
    ]
    return Network([Population("A", 10)], projections)


def test_each_of_many_distributions_costs_one_table_from_description_to_preparation():
    CountedNormal.tables = 0
    described = network(shift=1e-3)
    make_tables(described)
    assert delay_range(described)[0] < 2.0
    assert CountedNormal.tables == 2 * MORE_THAN_THE_CACHE_HOLDS


def test_projections_with_equal_distributions_share_their_tables():
    tables = make_tables(network(shift=0.0))
    for look_ups in (tables.weights, tables.delays):
        assert len({id(look_up.entries) for look_up in look_ups}) == 1
        assert look_ups[0].kind == "table"
