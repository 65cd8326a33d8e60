"""Plastic synapses: the rules of the simulator with PyNN's parameters, weights read and set."""

import numpy as np
import pytest

from simcore import (
    Explicit,
    Network,
    Population,
    Projection,
    Simulator,
    SpikeRecorder,
    SpikeTrains,
    Stdp,
    TraceRecorder,
    Tsodyks2,
)

PRE = [2.0, 9.0, 14.0, 30.0, 31.0, 44.0, 58.0, 71.0]
POST = [5.0, 12.0, 21.0, 33.0, 47.0, 60.0, 70.0]
RULES = {
    "AdditiveWeightDependence": ({}, {"mu_plus": 0.0, "mu_minus": 0.0}),
    "MultiplicativeWeightDependence": ({}, {"mu_plus": 1.0, "mu_minus": 1.0}),
    "AdditivePotentiationMultiplicativeDepression": ({}, {"mu_plus": 0.0, "mu_minus": 1.0}),
    "GutigWeightDependence": ({"mu_plus": 0.3, "mu_minus": 0.6}, {"mu_plus": 0.3, "mu_minus": 0.6}),
}


def pair(sim, synapse):
    """A source, and a neuron that another source makes fire, with a plastic connection between them."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=PRE))
    teacher = sim.Population(1, sim.SpikeSourceArray(spike_times=POST))
    cell = sim.Population(1, sim.IF_curr_exp(tau_syn_E=0.5))
    sim.Projection(teacher, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=60.0, delay=0.5))
    return cell, sim.Projection(source, cell, sim.AllToAllConnector(), synapse, label="plastic")


def native(rule, weight, time, tau_minus=20.0, bits=16):
    """Spikes, potential and weights of the same network, described for the simulator."""
    sources = [Population(name, 1, source=SpikeTrains.by_neuron([t])) for name, t in (("s", PRE), ("t", POST))]
    params = {"C_m": 1000.0, "tau_m": 20.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 0.1}
    params |= {"tau_syn_ex": 0.5, "tau_syn_in": 5.0}
    cell = Population("cell", 1, "iaf_psc_exp", params, tau_minus=tau_minus)
    projections = [
        Projection("t", "cell", Explicit([0], [0]), 60000.0, 0.5),
        Projection("s", "cell", Explicit([0], [0]), weight, 1.0, plasticity=rule),
    ]
    recorders = [SpikeRecorder("cell"), TraceRecorder("cell", [0], ["V_m"])]
    network = Network([*sources, cell], projections, recorders=recorders)
    options = {"threads": 1, "precision": "float64", "weight_bits": bits, "accept_quantisation": True}
    with Simulator(network, **options) as simulator:
        simulator.run(time)
        weights = simulator.weights(1).weights if rule.changes_weights else None
        return simulator.spikes().times_ms, simulator.traces()["cell", 0, "V_m"], weights


@pytest.mark.parametrize("name", RULES)
def test_stdp_changes_weights_as_the_rule_of_the_simulator(sim, name):
    given, exponents = RULES[name]
    timing = sim.SpikePairRule(tau_plus=15.0, tau_minus=25.0, A_plus=0.05, A_minus=0.03)
    dependence = getattr(sim, name)(w_min=0.0, w_max=2.0, **given)
    cell, made = pair(sim, sim.STDPMechanism(timing, dependence, weight=0.8, delay=1.0))
    cell.record(["spikes", "v"])
    assert made.get("weight", "list") == [(0, 0, 0.8)]
    sim.run(50.0)
    sim.run(30.0)
    rule = Stdp(tau_plus=15.0, lambda_=0.05, alpha=0.6, Wmax=2000.0, **exponents)
    spikes, potential, weights = native(rule, 800.0, 80.0, tau_minus=25.0)
    segment = cell.get_data().segments[0]
    assert np.asarray(segment.spiketrains[0]).tolist() == spikes.tolist()
    np.testing.assert_allclose(np.asarray(segment.filter(name="v")[0])[1:, 0], potential, rtol=0.0, atol=1e-9)
    (weight,) = made.get("weight", "list", with_address=False)
    assert weight == pytest.approx(weights[0] / 1000.0, rel=1e-12)
    assert abs(weight - 0.8) > 0.01
    assert made.get(["A_plus", "tau_minus", "w_max"], "list", with_address=False) == [(0.05, 25.0, 2.0)]


def stdp(sim, **options):
    timing = sim.SpikePairRule(A_plus=0.05, A_minus=0.03)
    return sim.STDPMechanism(timing, sim.AdditiveWeightDependence(w_max=2.0), **({"weight": 0.8} | options))


def test_weights_that_are_set_between_runs_change_further(sim):
    _, made = pair(sim, stdp(sim))
    sim.run(40.0)
    made.set(weight=0.5)
    assert made.get("weight", "list") == [(0, 0, 0.5)]
    sim.run(40.0)
    (weight,) = made.get("weight", "list", with_address=False)
    assert 0.0 < abs(weight - 0.5) < 0.5


def test_weights_begin_anew_after_a_reset_and_are_kept_after_the_end(sim):
    _, made = pair(sim, stdp(sim))
    sim.run(80.0)
    changed = made.get("weight", "list")
    sim.reset()
    assert made.get("weight", "list") == [(0, 0, 0.8)]
    sim.run(80.0)
    sim.end()
    assert made.get("weight", "list") == changed
    assert changed != [(0, 0, 0.8)]


def test_weights_come_back_to_their_connections(sim):
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[[5.0], [5.0, 15.0], [5.0, 15.0, 25.0]]))
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=[0.0, 1.5]))
    made = sim.Projection(source, cells, sim.FromListConnector([(2, 1), (0, 0), (1, 1), (2, 0)]), stdp(sim))
    sim.run(60.0)
    weights = {(i, j): weight for i, j, weight in made.get("weight", "list")}
    # The first neuron never fires, so that nothing changes its synapses; more spikes change the second's more.
    assert weights[0, 0] == weights[2, 0] == pytest.approx(0.8, abs=1e-4)
    changes = [abs(weights[k, 1] - 0.8) for k in (1, 2)]
    assert min(changes) > 1e-3 and changes[0] != changes[1]


def test_a_part_of_the_delay_can_be_axonal(sim, network):
    pair(sim, stdp(sim, delay=2.0, dendritic_delay_fraction=0.25))
    assert network().projections[1].plasticity.axonal_delay_ms == 1.5
    sim.setup(timestep=0.1, threads=1)
    pair(sim, stdp(sim, delay=2.0, dendritic_delay_fraction=0.0))
    with pytest.raises(ValueError, match=r"at least one step of 0\.1 ms must be dendritic"):
        sim.run(1.0)


def test_rules_that_cannot_be_had_are_refused_before_the_simulation(sim):
    def run(timing, dependence, **options):
        sim.setup(timestep=0.1, threads=1)
        pair(sim, sim.STDPMechanism(timing, dependence, weight=0.8, **options))
        sim.run(1.0)

    with pytest.raises(ValueError, match=r"w_min = 0\.1 is not allowed"):
        run(sim.SpikePairRule(), sim.AdditiveWeightDependence(w_min=0.1, w_max=2.0))
    with pytest.raises(ValueError, match=r"A_plus = 0 with A_minus = 0\.5"):
        run(sim.SpikePairRule(A_plus=0.0, A_minus=0.5), sim.AdditiveWeightDependence(w_max=2.0))
    with pytest.raises(ValueError, match="between 0 and Wmax"):
        run(sim.SpikePairRule(), sim.AdditiveWeightDependence(w_max=0.5))
    with pytest.raises(ValueError, match="STDPMechanism with nothing"):
        sim.STDPMechanism(weight_dependence=sim.AdditiveWeightDependence())
    sim.setup(timestep=0.1, threads=1)
    cell, _ = pair(sim, stdp(sim))
    other = sim.STDPMechanism(sim.SpikePairRule(tau_minus=33.0), sim.AdditiveWeightDependence(w_max=2.0), weight=0.1)
    sim.Projection(cell, cell, sim.AllToAllConnector(), other)
    with pytest.raises(ValueError, match=r"tau_minus = 33 ms is not allowed.*share one trace"):
        sim.run(1.0)


def test_plastic_synapses_do_not_change_after_time_zero(sim):
    _, made = pair(sim, stdp(sim))
    sim.run(10.0)
    made.set(tau_plus=10.0)
    for message in ("cannot change after time 0", "was lost because an earlier run failed"):
        with pytest.raises(ValueError, match=message):
            sim.run(10.0)
    sim.reset()
    sim.run(10.0)
    assert made.get("tau_plus", "list") == [(0, 0, 10.0)]


def test_static_weights_may_change_as_far_as_the_unit_of_weights_allows(sim):
    cell, made = pair(sim, stdp(sim))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[22.0]))
    static = sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0))
    sim.run(20.0)
    static.set(weight=50.0)
    sim.run(20.0)
    assert made.get("weight", "list") != [(0, 0, 0.8)]
    static.set(weight=500.0)
    with pytest.raises(ValueError, match="another unit"):
        sim.run(20.0)


def test_weights_that_the_bits_hold_badly_are_in_the_log(sim, caplog):
    cell, _ = pair(sim, stdp(sim))
    source = sim.Population(1, sim.SpikeSourceArray())
    tiny = sim.StaticSynapse(weight=1e-6)
    sim.Projection(source, cell, sim.AllToAllConnector(), tiny)
    sim.run(0.1)
    assert "weights of 16 bits" in caplog.text and "weights would become 0" in caplog.text


def test_short_term_plasticity_is_that_of_the_simulator(sim):
    synapse = sim.TsodyksMarkramSynapse(weight=5.0, delay=1.0, U=0.3, tau_rec=60.0, tau_facil=40.0)
    cell, made = pair(sim, synapse)
    cell.record("v")
    sim.run(80.0)
    # PyNN's u is that before the first spike, 0 by default, which raises it to U.
    rule = Tsodyks2(U=0.3, u=0.3, x=1.0, tau_rec=60.0, tau_fac=40.0)
    _, potential, _ = native(rule, 5000.0, 80.0)
    values = np.asarray(cell.get_data().segments[0].filter(name="v")[0])[1:, 0]
    np.testing.assert_allclose(values, potential, rtol=0.0, atol=1e-9)
    assert made.get(["weight", "U"], "list") == [(0, 0, 5.0, 0.3)]
    sim.reset()
    made.initialize(u=0.5)
    sim.run(80.0)
    _, potential, _ = native(Tsodyks2(U=0.3, u=0.65, x=1.0, tau_rec=60.0, tau_fac=40.0), 5000.0, 80.0)
    values = np.asarray(cell.get_data().segments[1].filter(name="v")[0])[1:, 0]
    np.testing.assert_allclose(values, potential, rtol=0.0, atol=1e-9)
    with pytest.raises(ValueError, match="only u can be initialised, and only with a single number"):
        made.initialize(x=0.5)


def test_several_values_of_a_parameter_become_several_projections(sim, network):
    source, cells = sim.Population(2, sim.SpikeSourceArray()), sim.Population(3, sim.IF_cond_exp())
    synapse = sim.TsodyksMarkramSynapse(weight=0.01, U=lambda d: 0.1 + 0.2 * d)
    made = sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    found = {p.plasticity.U: sorted(zip(p.rule.sources, p.rule.targets, strict=True)) for p in network().projections}
    rounded = {round(use, 9): pairs for use, pairs in found.items()}
    assert rounded == {0.1: [(0, 0), (1, 1)], 0.3: [(0, 1), (1, 0), (1, 2)], 0.5: [(0, 2)]}
    many = sim.Population(300, sim.IF_cond_exp())
    made = sim.Projection(source[:1], many, sim.AllToAllConnector(), synapse)
    made.set(U=np.linspace(0.1, 0.9, 300)[np.newaxis])
    with pytest.raises(ValueError, match="300 different combinations of values"):
        sim.run(1.0)
