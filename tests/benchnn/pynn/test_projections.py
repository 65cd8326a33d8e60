"""Connections: what connectors draw reaches the network, and is read and set in PyNN's units."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("pyNN")

from pyNN.random import NumpyRNG, RandomDistribution

from benchnn.pynn import projections

EDGES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 40), st.integers(1, 30)), min_size=1, max_size=25
)


def edges(projection):
    """Source, target, weight and delay of each edge of a described projection."""
    n = len(projection.rule.sources)
    weights, delays = (np.broadcast_to(np.asarray(value), n) for value in (projection.weight, projection.delay_ms))
    return list(zip(projection.rule.sources.tolist(), projection.rule.targets.tolist(), weights, delays, strict=True))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(listed=EDGES)
def test_a_list_of_connections_reaches_the_network_and_comes_back(sim, network, listed):
    sim.setup(timestep=0.1, threads=1)
    source, target = sim.Population(4, sim.SpikeSourceArray()), sim.Population(5, sim.IF_cond_exp())
    given_edges = [(i, j, weight / 8.0, delay / 10.0) for i, j, weight, delay in listed]
    made = sim.Projection(source, target, sim.FromListConnector(given_edges), receptor_type="inhibitory")
    assert len(made) == made.size() == len(listed)
    assert sorted(made.get(["weight", "delay"], "list")) == sorted(given_edges)
    (described,) = network().projections
    # nS for uS; conductances of inhibitory synapses have negative weights in the simulator.
    expected = sorted((i, j, weight * -1000.0, delay) for i, j, weight, delay in given_edges)
    assert sorted(edges(described)) == expected
    assert described.receptor == "in"
    totals = np.full((4, 5), np.nan)
    for i, j, weight, _ in given_edges:
        totals[i, j] = np.nansum([totals[i, j], weight])
    np.testing.assert_allclose(made.get("weight", "array"), totals)


def test_views_and_assemblies_are_wired_to_the_neurons_that_they_have(sim, network):
    one, two = sim.Population(4, sim.IF_curr_exp(), label="one"), sim.Population(3, sim.IF_curr_exp(), label="two")
    both = one[2:] + two
    synapse = sim.StaticSynapse(weight=0.5, delay=0.3)
    sim.Projection(one[1:3], both, sim.FromListConnector([(0, 0), (1, 1), (1, 2), (0, 4)]), synapse)
    seen: list[float] = []
    sim.Projection(two, both, sim.FixedProbabilityConnector(0.0, callback=seen.append), synapse)
    sim.Projection(
        sim.Population(1, sim.SpikeSourceArray()), both, sim.AllToAllConnector(callback=seen.append), synapse
    )
    assert seen == [0.0, 0.2, 0.4, 0.6, 0.8]
    found = {(p.source, p.target): edges(p) for p in network().projections if p.source == "one"}
    assert found == {
        ("one", "one"): [(1, 2, 500.0, 0.3), (2, 3, 500.0, 0.3)],
        ("one", "two"): [(2, 0, 500.0, 0.3), (1, 2, 500.0, 0.3)],
    }


def test_connectors_of_pynn_draw_what_they_say(sim):
    cells = sim.Population(20, sim.IF_curr_exp())
    synapse = sim.StaticSynapse(weight=0.1)

    def array(connector):
        return ~np.isnan(sim.Projection(cells, cells, connector, synapse).get("weight", "array"))

    rng = NumpyRNG(seed=5)
    assert array(sim.AllToAllConnector(allow_self_connections=False)).sum() == 380
    assert (array(sim.OneToOneConnector()) == np.eye(20, dtype=bool)).all()
    assert (array(sim.FixedNumberPreConnector(3, rng=rng)).sum(axis=0) == 3).all()
    assert (array(sim.FixedNumberPostConnector(4, rng=rng)).sum(axis=1) == 4).all()
    assert 40 < array(sim.FixedProbabilityConnector(0.2, rng=rng)).sum() < 120
    near = array(sim.DistanceDependentProbabilityConnector("d < 2.5"))
    i, j = np.nonzero(near)
    assert abs(i - j).max() == 2 and near.sum() == 20 + 2 * 19 + 2 * 18
    mask = np.zeros((20, 20), dtype=bool)
    mask[3, 4] = mask[7, 1] = True
    assert (array(sim.ArrayConnector(mask)) == mask).all()
    made = sim.Projection(cells, cells, sim.FixedTotalNumberConnector(70, rng=rng), synapse)
    assert made.size() == 70
    clone = sim.Projection(cells, cells, sim.CloneConnector(made), synapse)
    assert (np.isnan(clone.get("weight", "array")) == np.isnan(made.get("weight", "array"))).all()


def test_weights_and_delays_are_set_by_number_array_list_function_and_distribution(sim):
    source, target = sim.Population(2, sim.IF_curr_exp()), sim.Population(3, sim.IF_curr_exp())
    made = sim.Projection(source, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=0.5))
    made.set(weight=0.25, delay=lambda d: 0.4 + d)
    assert made.get("weight", "array").tolist() == [[0.25] * 3] * 2
    np.testing.assert_allclose(made.get("delay", "array"), [[0.4, 1.4, 2.4], [1.4, 0.4, 1.4]])
    made.set(weight=np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    assert made.get("weight", "array").tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    made.set(weight=[6.0, 5.0, 4.0, 3.0, 2.0, 1.0])
    assert made.get("weight", "array").tolist() == [[6.0, 5.0, 4.0], [3.0, 2.0, 1.0]]
    made.set(weight=RandomDistribution("uniform", low=1.0, high=2.0, rng=NumpyRNG(seed=3)))
    drawn = made.get("weight", "array")
    assert drawn.min() >= 1.0 and drawn.max() <= 2.0 and len(set(drawn.ravel())) == 6
    connection = list(made.connections)[1]
    connection.weight = 9.0
    assert connection.as_tuple("presynaptic_index", "postsynaptic_index", "weight") in made.get("weight", "list")
    assert (made.get("weight", "array") == 9.0).sum() == 1


def test_several_connections_of_a_pair_are_summed_or_chosen(sim):
    source, target = sim.Population(1, sim.IF_curr_exp()), sim.Population(1, sim.IF_curr_exp())
    listed = [(0, 0, 0.3, 1.0), (0, 0, 0.1, 1.0), (0, 0, 0.2, 1.0)]
    made = sim.Projection(source, target, sim.FromListConnector(listed))
    for operation, value in (("sum", 0.6), ("min", 0.1), ("max", 0.3), ("first", 0.3), ("last", 0.2)):
        assert made.get("weight", "array", multiple_synapses=operation)[0, 0] == pytest.approx(value)


def test_delays_lie_on_the_time_grid(sim):
    source, target = sim.Population(1, sim.IF_curr_exp()), sim.Population(3, sim.IF_curr_exp())
    made = sim.Projection(source, target, sim.FromListConnector([(0, 0, 0.1, 0.14), (0, 1, 0.1, 0.25), (0, 2, 0.1, 3)]))
    # Halves are rounded up, as in NEST.
    assert [delay for _, _, delay in made.get("delay", "list")] == [0.1, 0.3, 3.0]


def test_weights_of_the_wrong_sign_and_delays_out_of_range_are_refused(sim):
    sim.setup(timestep=0.1, min_delay=0.2, max_delay=2.0)
    source = sim.Population(1, sim.SpikeSourceArray())
    currents, conductances = sim.Population(1, sim.IF_curr_exp()), sim.Population(1, sim.IF_cond_exp())
    connector = sim.AllToAllConnector()
    refused = [
        (currents, {"weight": -0.1}, "excitatory", "positive"),
        (currents, {"weight": 0.1}, "inhibitory", "negative"),
        (conductances, {"weight": -0.1}, "inhibitory", "positive"),
        (currents, {"weight": 0.1, "delay": 0.1}, "excitatory", "at least 0.2 ms and at most 2 ms"),
        (currents, {"weight": 0.1, "delay": 2.5}, "excitatory", "at least 0.2 ms and at most 2 ms"),
    ]
    for target, values, receptor, message in refused:
        with pytest.raises(sim.errors.ConnectionError, match=message):
            sim.Projection(source, target, connector, sim.StaticSynapse(**values), receptor_type=receptor)
    made = sim.Projection(source, currents, connector, sim.StaticSynapse(weight=0.1))
    with pytest.raises(sim.errors.ConnectionError):
        made.set(weight=-1.0)
    with pytest.raises(sim.errors.NonExistentParameterError, match="strength"):
        made.set(strength=1.0)
    assert made.get("weight", "list") == [(0, 0, 0.1)]
    with pytest.raises(AttributeError, match="no attribute 'strength'"):
        _ = next(iter(made)).strength


def test_sources_take_no_connections_and_neurons_have_no_places(sim):
    source, target = sim.Population(1, sim.SpikeSourceArray()), sim.Population(1, sim.IF_curr_exp())
    with pytest.raises(Exception):  # noqa: B017, PT011 - PyNN's own
        sim.Projection(target, source, sim.AllToAllConnector())
    with pytest.raises(ValueError, match="neurons are points"):
        sim.Projection(source, target, sim.AllToAllConnector(location_selector="soma"))


def test_rows_are_grouped_by_their_values():
    keys = [np.array([1.0, 2.0, 1.0, 2.0]), np.array([5.0, 5.0, 5.0, 6.0])]
    distinct, members = projections._by_rows(keys)
    assert distinct.tolist() == [[1.0, 5.0], [2.0, 5.0], [2.0, 6.0]]
    assert [own.tolist() for own in members] == [[0, 2], [1], [3]]
