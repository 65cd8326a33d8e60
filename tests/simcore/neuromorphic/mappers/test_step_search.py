"""The search for the shortest step: what is unequal is evened out, what is alike stays, and no bound is crossed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.network import AllToAll, Explicit, FixedIndegree, Network, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.costs.binding import mean_step
from simcore.neuromorphic.mappers import balanced
from simcore.neuromorphic.mappers.spreading import spread
from simcore.neuromorphic.mappers.step_costs import StepCosts
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, CoreMapping, DrawnNetwork
from simcore.neuromorphic.mapping.expectation import composition_of, expectation_of
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.traffic.expected_loads import expected_loads
from simcore.neuromorphic.traffic.population_loads import population_loads

LOIHI = load_chip("loihi1")


def small_chip(cores=16, **values):
    """Loihi with so many cores, and with other values of quantities; barriers are of one number if it is given."""
    values |= {"cores_per_chip": cores}
    facts = [
        replace(fact, value=float(values[fact.quantity.key]), table=(), over=None)
        if fact.quantity.key in values
        else fact
        for fact in LOIHI.facts
    ]
    return replace(LOIHI, facts=tuple(facts))


def network_of(sizes, projections):
    populations = [Population(name, size, "parrot_neuron") for name, size in sizes.items()]
    described = [Projection(source, target, rule, 1.0) for source, target, rule in projections]
    return Network(populations, described, resolution_ms=1.0)


UNEQUAL = network_of(
    {"many": 240, "few": 240},
    [
        (source, target, FixedIndegree(in_degree))
        for target, in_degree in (("many", 120), ("few", 3))
        for source in ("many", "few")
    ],
)
LAYERED = network_of(
    {"inputs": 120, "hidden": 32, "outputs": 4},
    [("inputs", "hidden", AllToAll()), ("hidden", "outputs", AllToAll())],
)
ALIKE = network_of({"E": 240, "I": 60}, [(a, b, FixedIndegree(20)) for a in "EI" for b in "EI"])


def rates_of(network):
    return np.full(network.n_neurons, 200.0 if network is LAYERED else 20.0)


def limits_of(network, chip, per_core=1024, **options):
    fewest = -(-network.n_neurons // per_core)
    return CoreLimits(fewest, per_core, **({"more_cores": True, "chip": chip, "objective": "step_time"} | options))


def searched(network, chip, **options):
    drawn = DrawnNetwork(network, 1)
    return balanced.step_search(drawn, limits_of(network, chip, **options), rates_of(network))


def counted_step(network, chip, core_of, seed=1):
    """The mean step of drawn synapses."""
    drawn, mapping = DrawnNetwork(network, seed), CoreMapping("own", int(core_of.max()) + 1, core_of)
    axons, system = count_axons(drawn.in_edges, mapping), make_system(chip, mapping.cores)
    routes = make_routes(system, axons, core_of)
    loads = expected_loads(axons, routes, core_of, system, rates_of(network), network.resolution_ms)
    return mean_step(chip, system, loads, network.resolution_ms)


def best_uniform(network, chip, order):
    n, cores = network.n_neurons, chip.count("cores_per_chip")
    found = []
    for size in sorted({-(-n // used) for used in range(1, cores + 1)}):
        used = -(-n // size)
        core_of = np.arange(n) // size if order == "in_order" else np.arange(n) % used
        found.append(counted_step(network, chip, core_of).total_s)
    return min(found)


@pytest.mark.parametrize("network", [UNEQUAL, LAYERED], ids=["unequal", "layered"])
def test_the_step_of_unequal_populations_is_shorter_than_that_of_any_uniform_number_of_neurons(network):
    chip = small_chip()
    core_of = balanced.map_neurons(DrawnNetwork(network, 1), limits_of(network, chip), rates_of(network), 1)
    ours = counted_step(network, chip, core_of).total_s
    assert ours <= 0.85 * best_uniform(network, chip, "in_order")
    # Drawn in-degrees are fixed; sums over the synapses of a core are not.
    assert ours <= best_uniform(network, chip, "round_robin") * (1.0 + 1e-9)


def test_what_is_alike_stays_as_even_as_it_is():
    chip = small_chip()
    found = searched(ALIKE, chip).shortest()
    ours = counted_step(ALIKE, chip, found.core_of).total_s
    assert ours <= best_uniform(ALIKE, chip, "in_order") * (1.0 + 1e-9)
    assert ours <= best_uniform(ALIKE, chip, "round_robin") * (1.0 + 1e-9)
    sizes = np.bincount(found.core_of)
    assert sizes.max() - sizes.min() <= 1


def test_what_does_not_bind_is_evened_out_where_that_costs_nothing():
    # Computation binds, 80 neurons a core; memory of one population is four times that of the other.
    network = network_of({"A": 640, "B": 640}, [("A", "A", FixedIndegree(8)), ("A", "B", FixedIndegree(2))])
    found = searched(network, small_chip()).shortest()
    assert found.step.state == "compute" and np.bincount(found.core_of).tolist() == [80] * 16
    assert composition_of(network, found.core_of, 16).tolist() == [[40, 40]] * 16


def test_the_bound_names_what_binds():
    chip = small_chip()
    compute = network_of({"A": 160}, [("A", "A", FixedIndegree(1))])
    search = searched(compute, chip)
    assert search.shortest().seconds == pytest.approx(10 * 8.4e-9 + search.costs.barrier_s(16))
    assert "on 16 cores, one core has at least 10 neurons and is bound by computation" in search.bound_text()
    search = searched(UNEQUAL, chip)
    # 15 neurons of in-degree 240, at 20/s in steps of 1 ms, and as many of in-degree 6.
    assert "one core has at least 73.8 synaptic events per step and is bound by memory" in search.bound_text()
    assert search.shortest().seconds <= 1.02 * search.costs.bound(1, 16).seconds


def test_a_long_barrier_keeps_cores_few_and_a_short_one_does_not():
    # By tiles: 4 cores each.
    table = ((1, 1e-9), (4, 1e-6))
    facts = [replace(fact, table=table) if fact.quantity.key == "barrier_s" else fact for fact in small_chip().facts]
    slow = replace(LOIHI, facts=tuple(facts))
    assert searched(ALIKE, slow).shortest().cores <= 8
    assert searched(ALIKE, small_chip(barrier_s=1e-9)).shortest().cores == 16


def test_cores_of_a_busy_link_change_places():
    # Populations of a core each that talk to one partner only, which stands far away in order of ids.
    names = "ABCDEFGH"
    partners = [(one, names[(place + 4) % 8], AllToAll()) for place, one in enumerate(names)]
    network = network_of(dict.fromkeys(names, 8), partners)
    chip = small_chip(8, link_bandwidth_spikes_per_s=1e6, cores_per_router=1)
    search = searched(network, chip, more_cores=False, per_core=8)
    start = search.examined("start", np.arange(64) // 8)
    found = search.shortest()
    assert start.step.state == "traffic" and found.move == "place"
    assert found.seconds < 0.7 * start.seconds
    assert sorted(np.bincount(found.core_of)) == [8] * 8
    assert counted_step(network, chip, found.core_of).total_s == pytest.approx(found.seconds)


def test_the_number_of_cores_is_kept_unless_it_is_free():
    for cores in (3, 16):
        limits = replace(limits_of(UNEQUAL, small_chip()), cores=cores, more_cores=False)
        core_of = balanced.map_neurons(DrawnNetwork(UNEQUAL, 1), limits, rates_of(UNEQUAL), 1)
        assert len(np.unique(core_of)) == core_of.max() + 1 == cores


def test_synapses_are_counted_where_neurons_are_not_exchangeable():
    # Every second neuron has all synapses.
    targets = np.repeat(np.arange(0, 64, 2), 40)
    listed = Explicit(np.arange(len(targets)) % 64, targets)
    network = network_of({"A": 64}, [("A", "A", listed)])
    chip = small_chip()
    found = searched(network, chip).shortest()
    assert found.seconds == pytest.approx(counted_step(network, chip, found.core_of).total_s)
    events = np.bincount(found.core_of, np.bincount(targets, minlength=64))
    assert events.max() == 80 and found.cores == 16


def test_a_search_without_times_is_refused():
    drawn = DrawnNetwork(ALIKE, 1)
    with pytest.raises(InputError, match="needs a chip"):
        balanced.map_neurons(drawn, CoreLimits(1, 1024, objective="step_time"), rates_of(ALIKE), 1)
    untimed = replace(LOIHI, facts=tuple(fact for fact in LOIHI.facts if fact.quantity.unit != "s"))
    with pytest.raises(InputError, match="the step time of loihi1 is unknown"):
        balanced.map_neurons(drawn, limits_of(ALIKE, untimed), rates_of(ALIKE), 1)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 30)), min_size=1, max_size=4),
    st.integers(1, 12),
    st.integers(3, 40),
    st.booleans(),
)
def test_spread_neurons_are_all_there_and_within_the_room(kinds, cores, most, packed):
    memory, sizes = (np.array(values) for values in zip(*kinds, strict=True))
    seconds = np.stack((memory, np.full(len(kinds), 5))).astype(float)
    composition = spread(seconds, sizes, cores, most, packed)
    if composition is None:
        assert sizes.sum() > cores * most or sizes.sum() < cores
        return
    assert composition.sum(axis=0).tolist() == sizes.tolist()
    assert composition.min() >= 0 and composition.sum(axis=1).min() >= 1 and composition.sum(axis=1).max() <= most
    if sizes.sum() <= cores * most // 2:
        # As of any list scheduling: at most the mean of all, and one neuron on top.
        dearest = (composition @ seconds.T).max()
        mean = (seconds * sizes).sum(axis=1).max() / cores
        assert dearest <= 2.0 * mean + 2.0 * seconds.max()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 11), min_size=60, max_size=60), st.integers(0, 3))
def test_no_mapping_is_below_the_bound(cores, seed):
    core_of = np.unique(np.array(cores), return_inverse=True)[1]
    network = network_of({"A": 45, "B": 15}, [("A", "B", FixedIndegree(30)), ("B", "A", FixedIndegree(2))])
    chip, mapped = small_chip(12), int(core_of.max()) + 1
    expectation = expectation_of(network, rates_of(network))
    loads = population_loads(expectation, composition_of(network, core_of, mapped), make_system(chip, mapped), 1.0)
    step = mean_step(chip, make_system(chip, mapped), loads, 1.0)
    costs = StepCosts.of_populations(chip, expectation, 1e-3)
    assert step.total_s >= costs.bound(mapped, mapped).seconds * (1.0 - 1e-9)
    assert costs.bound(1, 12).seconds <= costs.bound(mapped, mapped).seconds
    assert searched(network, chip).shortest().seconds <= step.total_s * 1.2
