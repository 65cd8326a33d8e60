"""float32 is refused where rounding changes the steps of a neuron near threshold."""

import numpy as np
import pytest

from benchnn.models import declarations, models
from simcore.errors import InputError
from simcore.network import Network, Population, SpikeRecorder, Uniform
from simcore.neurons import neuron_models
from simcore.placement import Placement
from simcore.rounding import float32_refusal
from simcore.simulator import Simulator
from simcore.tables import parameter_values


def one_neuron(model="iaf_psc_exp", resolution_ms=0.1, size=1, **params):
    return Network([Population("A", size, model, params)], resolution_ms=resolution_ms)


def error(network):
    model = network.populations[0].neuron_model
    params = parameter_values(network, 0, 1, np.arange(network.n_neurons))
    return model.float32_error(model.coefficients(params, network.resolution_ms))


@pytest.mark.parametrize("model", ["iaf_psc_exp", "iaf_psc_alpha", "iaf_psc_delta"])
@pytest.mark.parametrize(("resolution_ms", "percent"), [(0.1, 0.0318), (0.01, 0.318), (0.001, 3.18)])
def test_the_error_is_half_a_unit_against_a_step_near_threshold(model, resolution_ms, percent):
    # 15 mV: half a unit is 2**-21 mV; tau_m 10 ms: a step goes 1 % of 15 mV times h / 10 ms.
    expected = 2.0**-21 / (resolution_ms / 10.0 * 0.15)
    assert error(one_neuron(model, resolution_ms)) == pytest.approx(expected, rel=0.01)
    assert 100.0 * expected == pytest.approx(percent, rel=0.01)


def test_conductance_models_step_by_their_substeps_against_the_leak():
    coarse, fine = one_neuron("iaf_cond_exp", 1.0), one_neuron("iaf_cond_exp", 0.01)
    assert error(coarse) == pytest.approx(2.0**-21 / (0.1 / 15.0 * 0.15), rel=1e-3)
    assert error(fine) == pytest.approx(10.0 * error(coarse))
    assert error(one_neuron("aeif_cond_exp", 0.1)) == pytest.approx(2.0**-20 / (0.1 * 30.0 / 281.0 * 0.202), rel=1e-3)
    assert error(one_neuron("iaf_cond_exp", 0.1, g_L=0.0)) == np.inf


def test_a_neuron_that_rests_beyond_threshold_comes_from_reset():
    described = one_neuron(E_L=-49.0, V_th=-50.0, V_reset=-60.0, tau_m=20.0)
    assert error(described) == pytest.approx(2.0**-24 / (0.1 / 20.0 * 0.1), rel=0.01)


@pytest.mark.parametrize("model", neuron_models.names())
def test_a_tenth_of_a_millisecond_is_accepted_with_default_parameters(model):
    assert float32_refusal(one_neuron(model), seed=1) is None


@pytest.mark.parametrize("name", declarations.names())
def test_the_networks_of_the_suite_are_accepted(name):
    assert float32_refusal(models.get(name)(), seed=1) is None


@pytest.mark.parametrize("model", ["lif_fixed_point", "parrot_neuron"])
def test_models_that_are_exact_in_float32_are_accepted_at_any_step(model):
    assert float32_refusal(one_neuron(model, 0.001), seed=1) is None


@pytest.mark.parametrize(
    "model", ["iaf_psc_exp", "iaf_psc_alpha", "iaf_psc_delta", "iaf_cond_exp", "aeif_cond_exp", "izhikevich"]
)
def test_a_step_too_short_is_refused_before_construction_with_advice(model):
    described = one_neuron(model, 0.01)
    with pytest.raises(InputError, match=r"population A with resolution_ms = 0.01: .*--precision float64") as refused:
        Simulator(described, backend="oracle", threads=1)
    assert refused.value.field == "precision"
    with Simulator(described, backend="oracle", threads=1, precision="float64") as simulator:
        simulator.run(1.0)


def test_the_neuron_with_the_longest_time_constant_is_named():
    described = one_neuron(size=3, tau_m=[10.0, 50.0, 40.0])
    assert "population A (neuron 1)" in str(float32_refusal(described, seed=1))
    assert "population A (neuron 2)" in str(
        float32_refusal(described, seed=1, placement=Placement(described.n_neurons, 2), rank=0)
    )
    assert "population A (neuron 1)" in str(
        float32_refusal(described, seed=1, placement=Placement(described.n_neurons, 2), rank=1)
    )
    assert float32_refusal(described, seed=1, placement=Placement(described.n_neurons, 6), rank=5) is None


def test_every_drawn_value_is_checked():
    assert float32_refusal(one_neuron(size=100_000, tau_m=Uniform(low=5.0, high=16.0)), seed=1) is None
    assert float32_refusal(one_neuron(size=100_000, tau_m=Uniform(low=5.0, high=40.0)), seed=1) is not None


def test_changed_parameters_are_checked_too():
    with Simulator(one_neuron(), backend="oracle", threads=1) as simulator:
        with pytest.raises(InputError, match="--precision float64"):
            simulator.set_parameters("A", {"tau_m": 100.0})
        assert simulator.network.populations[0].value("tau_m") == 10.0
        simulator.set_parameters("A", {"tau_m": 12.0})


@pytest.mark.parametrize("current_pa", [375.5, 376.0, 380.0])
@pytest.mark.parametrize("resolution_ms", [0.1, 0.05])
def test_accepted_steps_fire_near_threshold_at_the_exact_time(current_pa, resolution_ms):
    # From E_L the potential R I (1 - exp(-t / tau_m)), R = 0.04 mV/pA, takes tau_m ln(RI / (RI - 15 mV)) to threshold.
    drive = 0.04 * current_pa
    steps = np.ceil(10.0 / resolution_ms * np.log(drive / (drive - 15.0))) + round(2.0 / resolution_ms)
    neuron = Population("A", 1, params={"I_e": current_pa})
    described = Network([neuron], recorders=[SpikeRecorder()], resolution_ms=resolution_ms)
    with Simulator(described, backend="oracle", threads=1) as simulator:
        simulator.run(3 * steps * resolution_ms)
        interval = np.diff(simulator.spikes().stamps)[0]
    assert abs(interval - steps) <= max(1, 0.002 * steps)
