"""Updates of plastic synapses on a chip: against plain counts from recorded spikes and drawn edges."""

from dataclasses import replace

import numpy as np
import pytest

from simcore.comm import LocalCommunicator
from simcore.errors import InputError
from simcore.network import (
    FixedIndegree,
    FixedOutdegree,
    Network,
    Normal,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    Stdp,
    StdpPowerLaw,
    Tsodyks2,
)
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.costs.binding import mean_step
from simcore.neuromorphic.costs.energy import energy_parts
from simcore.neuromorphic.costs.step_time import core_times, step_times
from simcore.neuromorphic.fitting import FitOptions, examine_on_chip, fit_on_chip
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.expectation import composition_of, expectation_of
from simcore.neuromorphic.mapping.in_edges import draw_in_edges
from simcore.neuromorphic.mapping.precision import bits_needed, with_weight_bits
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.traffic.counts import CoreTimes
from simcore.neuromorphic.traffic.expected_loads import expected_loads
from simcore.neuromorphic.traffic.meter import MappedSources, TrafficMeter
from simcore.neuromorphic.traffic.population_loads import population_loads
from simcore.neuromorphic.traffic.weight_updates import plastic_synapses
from simcore.simulator import Simulator
from simcore.synapses.edges import draw_projection
from tests.simcore.neuromorphic.ranks_in_threads import Ranks

SEED, STEPS, DRAWS = 7, 300, 80
LOIHI = load_chip("loihi1")
TIMES = CoreTimes(3.5e-9, None, 8.4e-9, None, None, plasticity_s=6.1e-9, short_term_s=1.7e-9)
CHANGING, SHORT_TERM = (0, 3, 4), (2, 5)
NETWORK = Network(
    [
        Population("A", 40, params={"I_e": Normal(mean=500.0, std=60.0)}),
        Population("B", 30, params={"I_e": Normal(mean=500.0, std=60.0)}),
        Population("R", 6, "parrot_neuron"),
    ],
    [
        Projection("A", "B", FixedIndegree(9), 20.0, 1.5, plasticity=Stdp(lambda_=0.1)),
        Projection("B", "A", FixedIndegree(7), -20.0, 1.5),
        Projection("A", "A", PairwiseBernoulli(0.2), 10.0, 1.0, plasticity=Tsodyks2()),
        Projection("R", "B", FixedOutdegree(11), 30.0, 0.4, plasticity=StdpPowerLaw()),
        Projection("B", "B", FixedIndegree(5), 30.0, 2.0, plasticity=Stdp(axonal_delay_ms=0.5)),
        Projection("A", "B", FixedIndegree(2), 30.0, 0.1, plasticity=Tsodyks2(U=0.2)),
    ],
    [Poisson("R", 9000.0, 1.0, 0.1)],
    [SpikeRecorder()],
)
MAPPING = CoreMapping("dealt", 11, np.random.default_rng(3).permutation(NETWORK.n_neurons) // 7)


@pytest.fixture(scope="module")
def simulated():
    """Stamps and ids of all spikes, the synapses by projection, and the simulator's own counts."""
    with Simulator(NETWORK, seed=SEED, backend="oracle") as simulator:
        simulator.run(STEPS * NETWORK.resolution_ms)
        spikes = simulator.spikes()
        counts = [simulator.plastic_counts(index) for index in CHANGING]
        drawn = [draw_projection(NETWORK, simulator.plan.tables, SEED, k) for k in range(len(NETWORK.projections))]
    return spikes.stamps, spikes.ids, drawn, counts


def plain(stamps, ids, drawn):
    """Updates of weights and of states by step and core, one spike after the other."""
    weights, states = (np.zeros((STEPS, MAPPING.cores), dtype=np.int64) for _ in range(2))
    for stamp, neuron in zip(stamps, ids, strict=True):
        own = MAPPING.core_of[neuron]
        for index in CHANGING:
            for source, target in zip(drawn[index].sources, drawn[index].targets, strict=True):
                if source == neuron:
                    weights[stamp - 1, MAPPING.core_of[target]] += 1
                if target == neuron:
                    weights[stamp - 1, own] += 1
        for index in SHORT_TERM:
            first = NETWORK.first_ids[NETWORK.projections[index].source]
            states[stamp - 1, own] += first <= neuron < first + 40
    return weights, states


def mapped(comm, network=NETWORK, mapping=MAPPING):
    axons = count_axons(draw_in_edges(network, SEED, comm), mapping, comm)
    system = make_system(LOIHI, mapping.cores)
    plastic = plastic_synapses(network, SEED, mapping, comm)
    return MappedSources(axons, make_routes(system, axons, mapping.core_of), mapping.core_of, system, None, plastic)


def observed(comm, stamps, ids, blocks=(STEPS,), threads=1):
    meter, first = TrafficMeter(mapped(comm), comm, TIMES, threads, most_spikes=None), 0
    own = ids % comm.size == comm.rank
    for steps in blocks:
        chosen = own & (stamps > first) & (stamps <= first + steps)
        meter.observe(first, steps, stamps[chosen], ids[chosen])
        first += steps
    return meter.summary(), meter.totals()


def assert_counted(summary, counts, weights, states):
    np.testing.assert_array_equal(summary.weight_updates, weights.sum(axis=1))
    np.testing.assert_array_equal(summary.weight_updates_max, weights.max(axis=1))
    np.testing.assert_array_equal(summary.resource_updates, states.sum(axis=1))
    np.testing.assert_allclose(summary.plasticity_s, (weights * 6.1e-9 + states * 1.7e-9).max(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(counts.weight_updates, weights.sum(axis=0))
    np.testing.assert_array_equal(counts.resource_updates, states.sum(axis=0))


@pytest.mark.parametrize(("threads", "blocks"), [(1, (STEPS,)), (3, (STEPS,)), (1, (1, 99, 200))])
def test_updates_are_those_of_a_plain_count(simulated, threads, blocks):
    stamps, ids, drawn, _ = simulated
    weights, states = plain(stamps, ids, drawn)
    assert np.count_nonzero(weights.sum(axis=1)) > 50 and weights.max() > 10 and states.max() > 1
    # Parrots send several spikes in a step, each of which updates.
    assert len(np.unique(np.stack([stamps, ids]), axis=1).T) < len(ids)
    assert_counted(*observed(LocalCommunicator(), stamps, ids, blocks, threads), weights, states)


def test_ranks_count_the_same(simulated):
    stamps, ids, drawn, _ = simulated
    expected = plain(stamps, ids, drawn)
    for ranks in (2, 3):
        for counted in Ranks(ranks).run(lambda comm: observed(comm, stamps, ids)):
            assert_counted(*counted, *expected)


def test_updates_by_sources_are_the_depressions_of_the_simulator(simulated):
    stamps, ids, drawn, counts = simulated
    fan_out = np.zeros((len(CHANGING), NETWORK.n_neurons), dtype=np.int64)
    for row, index in enumerate(CHANGING):
        np.add.at(fan_out[row], drawn[index].sources, 1)
    by_sources = fan_out[:, ids].sum(axis=1)
    assert by_sources.tolist() == [one.depressions for one in counts]
    # The others are all facilitations that a chip looks at, those of sources that have not fired included.
    weights, _ = plain(stamps, ids, drawn)
    by_targets = weights.sum() - by_sources.sum()
    assert by_targets > sum(one.facilitations for one in counts) > 0


def test_static_networks_have_none():
    static = replace(NETWORK, projections=[replace(one, plasticity=None) for one in NETWORK.projections])
    assert plastic_synapses(static, SEED, MAPPING) is None
    meter = TrafficMeter(mapped(LocalCommunicator(), static), LocalCommunicator(), TIMES)
    meter.observe(0, 1, np.ones(3, dtype=np.int64), np.arange(3))
    assert meter.summary().weight_updates is None and meter.totals().weight_updates is None


def test_energy_and_time_of_updates(simulated):
    stamps, ids, drawn, _ = simulated
    weights, states = plain(stamps, ids, drawn)
    on_chip = mapped(LocalCommunicator())
    meter = TrafficMeter(on_chip, LocalCommunicator(), core_times(LOIHI))
    meter.observe(0, STEPS, stamps, ids)
    summary, counts = meter.summary(), meter.totals()
    energy = energy_parts(LOIHI, counts, on_chip.system, 1e-3)
    assert energy.parts["plasticity"] == pytest.approx(120e-12 * weights.sum())
    assert energy.lower_bounds["plasticity"] == "short_term_j (unpublished: not stated separately)"
    times = step_times(LOIHI, on_chip.system, summary, 0.1)
    np.testing.assert_allclose(times.plasticity_s, 6.1e-9 * weights.max(axis=1))
    assert times.lower_bounds["plasticity"] == "short_term_s (unpublished: not stated separately)"
    assert np.all(times.total_s >= times.plasticity_s + times.barrier_s) and states.any()
    fitted = load_chip("loihi1_sanafe")
    unknown = step_times(fitted, on_chip.system, summary, 0.1)
    assert unknown.plasticity_s is None and "plasticity_s (unpublished" in unknown.reasons["plasticity"]
    assert "plasticity_s" in unknown.lower_bounds["total"]
    energy = energy_parts(fitted, counts, on_chip.system, 1e-3)
    assert energy.parts["plasticity"] is None and "plasticity_j" in energy.reasons["plasticity"]
    assert "plasticity_j" in energy.lower_bounds["total"]
    # Without plastic synapses, nothing is missed.
    none = replace(
        summary, **dict.fromkeys(("weight_updates", "weight_updates_max", "resource_updates", "plasticity_s"))
    )
    silent = step_times(fitted, on_chip.system, none, 0.1)
    assert not silent.plasticity_s.any() and "plasticity_s" not in silent.lower_bounds["total"]


def test_expected_updates_are_those_of_a_run_at_these_rates():
    on_chip = mapped(LocalCommunicator())
    meter = TrafficMeter(on_chip, LocalCommunicator(), TIMES)
    firing = np.flatnonzero(np.arange(NETWORK.n_neurons) % 3 == 0)
    meter.observe(0, 10, np.repeat(np.arange(1, 11), len(firing)), np.tile(firing, 10))
    rates = np.where(np.isin(np.arange(NETWORK.n_neurons), firing), 10.0, 0.0)
    how = (on_chip.axons, on_chip.routes, on_chip.core_of, on_chip.system, rates, 100.0)
    loads, counts = expected_loads(*how, on_chip.plastic), meter.totals()
    np.testing.assert_allclose(loads.weight_updates, counts.weight_updates, rtol=1e-12)
    np.testing.assert_allclose(loads.resource_updates, counts.resource_updates, rtol=1e-12)
    assert expected_loads(*how).weight_updates is None
    step = mean_step(LOIHI, on_chip.system, loads, 100.0)
    np.testing.assert_allclose(step.times.plasticity_s, counts.weight_updates.max() / 10 * 6.1e-9, rtol=1e-12)
    # Here updates take longest, in the core that has most of them.
    assert (step.state, step.core) == ("memory", counts.weight_updates.argmax())
    assert step.part_s("total") >= step.times.plasticity_s[0]


def test_updates_in_closed_form_are_the_mean_of_drawn_networks():
    rates = np.repeat([3.0, 11.0, 20.0], [40, 30, 6])
    system, composition = make_system(LOIHI, MAPPING.cores), composition_of(NETWORK, MAPPING.core_of, MAPPING.cores)
    loads = population_loads(expectation_of(NETWORK, rates), composition, system, 0.1)
    drawn = []
    for seed in range(DRAWS):
        axons = count_axons(draw_in_edges(NETWORK, seed), MAPPING)
        plastic = plastic_synapses(NETWORK, seed, MAPPING)
        routes = make_routes(system, axons, MAPPING.core_of)
        drawn.append(expected_loads(axons, routes, MAPPING.core_of, system, rates, 0.1, plastic))
    np.testing.assert_allclose(loads.resource_updates, drawn[0].resource_updates, rtol=1e-12)
    values = np.array([one.weight_updates for one in drawn])
    error = values.std(axis=0) / np.sqrt(DRAWS)
    assert np.all(np.abs(values.mean(axis=0) - loads.weight_updates) <= 5.0 * error + 1e-4)


def test_a_chip_whose_weights_cannot_change_refuses_plastic_projections():
    truenorth, options = load_chip("truenorth"), FitOptions(neurons_per_core=4, weight_bits=8)
    for on_violation in ("error", "adapt"):
        with pytest.raises(
            InputError, match="the network needs 3 projections with plastic weights, more than the limit of 0"
        ):
            fit_on_chip(NETWORK, truenorth, replace(options, on_violation=on_violation))
    short_term = replace(NETWORK, projections=[NETWORK.projections[index] for index in SHORT_TERM])
    fitted = examine_on_chip(short_term, truenorth, options, np.ones(NETWORK.n_neurons))
    assert "plasticity" not in [check.quantity for check in fitted.checks]
    fitted, _ = fit_on_chip(NETWORK, LOIHI, options)
    assert "plasticity" not in [check.quantity for check in fitted.checks]
    fitted = examine_on_chip(NETWORK, load_chip("darwin3"), options, np.ones(NETWORK.n_neurons))
    check = next(check for check in fitted.checks if check.quantity == "plasticity")
    assert (check.largest, check.violated, check.reason) == (3, False, "unpublished: not in the available sources")


@pytest.mark.parametrize("bits", [2, 3, 5, 8])
def test_adapted_weights_stay_within_their_rule(bits):
    rule = Stdp(Wmax=100.7)
    network = Network([Population("A", 9)], [Projection("A", "A", FixedIndegree(3), 100.6, 1.0, plasticity=rule)])
    held, _ = with_weight_bits(network, bits)
    (projection,) = held.projections
    assert projection.plasticity == rule and 0.0 < projection.weight <= 100.7
    # On the grid, but for the 2 bits that cannot hold it.
    assert (bits_needed(held) <= bits) == (bits > 2)
