"""Expected loads of links against routes of single spikes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.noc.link_loads import exact_rates, link_loads
from simcore.neuromorphic.noc.routes import make_routes
from tests.simcore.neuromorphic.noc.invented import axons_to, networks, systems
from tests.simcore.neuromorphic.noc.invented import link_loads as loads_of_a_spike
from tests.simcore.neuromorphic.ranks_in_threads import Ranks

RATES = st.floats(0.0, 1e3)


def dealt(axons, rank, size):
    """The axons of the neurons of a rank."""
    own = axons.sources[rank::size]
    rows = [axons.cores[axons.starts[source] : axons.starts[source + 1]] for source in own]
    part = axons_to(*rows)
    return Axons(own, part.starts, part.cores, part.synapses, part.repeated)


@settings(deadline=None, max_examples=60)
@given(systems(), st.data())
def test_loads_are_those_of_the_routes_at_these_rates(system, data):
    axons, core_of = data.draw(networks(len(system.router_of_core)))
    rates = np.array([data.draw(RATES) for _ in core_of])
    routes = make_routes(system, axons, core_of)
    n_links = len(system.link_origin)
    expected = sum(rate * loads_of_a_spike(routes, source, n_links) for source, rate in enumerate(rates))
    found = link_loads(system, axons, core_of, rates)
    np.testing.assert_allclose(found.messages_per_s, expected, rtol=1e-9, atol=1e-9 * max(rates.sum(), 1e-300))
    assert found.hops * found.unit_hz == pytest.approx(float(np.dot(rates, routes.hops)), rel=1e-9, abs=1e-9)
    assert found.largest == found.multiples.max(initial=0)


@settings(deadline=None, max_examples=15)
@given(systems(), st.data(), st.integers(2, 3))
def test_loads_do_not_depend_on_ranks(system, data, size):
    axons, core_of = data.draw(networks(len(system.router_of_core)))
    rates = np.array([data.draw(RATES) for _ in core_of])
    alone = link_loads(system, axons, core_of, rates)
    for found in Ranks(size).run(lambda comm: link_loads(system, dealt(axons, comm.rank, size), core_of, rates, comm)):
        np.testing.assert_array_equal(found.multiples, alone.multiples)
        assert found.unit_hz == alone.unit_hz


@pytest.mark.parametrize("largest", [0.0, 5e-324, 1e-300, 1.0, 12.3, 1e300])
def test_rates_are_multiples_of_a_power_of_two(largest):
    rates = exact_rates(np.array([0.0, largest]), 7)
    assert np.log2(rates.unit_hz) == round(np.log2(rates.unit_hz))
    assert rates.multiples[0] == 0 and 8 * rates.multiples[1] < 2**51
    assert rates.multiples[1] * rates.unit_hz == pytest.approx(largest, rel=1e-12, abs=1e-260)
