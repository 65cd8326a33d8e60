"""Mistakes in a script are refused in one sentence, with PyNN's exceptions where it has one."""

import numpy as np
import pytest

pytest.importorskip("pyNN")

from simcore.errors import InputError

NAN = float("nan")


@pytest.mark.parametrize(
    ("cell", "given", "message"),
    [
        ("IF_cond_exp", {"tau_m": NAN}, "tau_m = nan"),
        ("SpikeSourceArray", {"spike_times": 5.0}, "use a list of times"),
        ("SpikeSourcePoisson", {"rate": 10.0, "start": NAN}, "start = nan"),
    ],
)
def test_a_wrong_parameter_of_a_cell_is_refused_by_its_name(sim, cell, given, message):
    with pytest.raises(ValueError, match=message):
        sim.Population(2, getattr(sim, cell)(**given))


@pytest.mark.parametrize("size", [-1, 0, 10**10])
def test_an_impossible_size_is_refused_before_neurons_are_made(sim, size):
    with pytest.raises(InputError, match="size of population"):
        sim.Population(size, sim.IF_cond_exp())


def test_a_view_without_neurons_is_refused(sim):
    with pytest.raises(InputError, match="without neurons"):
        sim.Population(3, sim.IF_curr_exp())[2:2]


def connected(sim, pre=None, post=None, **synapse):
    pre, post = pre or sim.Population(2, sim.SpikeSourceArray()), post or sim.Population(2, sim.IF_curr_exp())
    return sim.Projection(pre, post, sim.AllToAllConnector(), sim.StaticSynapse(**synapse), receptor_type="excitatory")


@pytest.mark.parametrize("synapse", [{"weight": float("inf")}, {"delay": NAN}])
def test_a_value_of_a_synapse_that_is_not_finite_is_refused(sim, synapse):
    with pytest.raises(sim.errors.ConnectionError, match="must be finite"):
        connected(sim, **synapse)


def test_a_weight_is_not_set_to_what_is_no_number(sim):
    with pytest.raises(sim.errors.ConnectionError, match="must be finite"):
        connected(sim).set(weight=NAN)


def test_a_source_takes_no_connections(sim):
    with pytest.raises(sim.errors.ConnectionError, match="does not accept connections"):
        connected(sim, post=sim.Population(2, sim.SpikeSourceArray()))


@pytest.mark.parametrize("part", [lambda group: group, lambda group: group[:1], lambda group: group + group[:1]])
def test_neurons_of_an_earlier_simulation_are_not_connected(sim, part):
    old = sim.Population(2, sim.IF_curr_exp(), label="old")
    sim.setup(timestep=0.1, threads=1)
    new = sim.Population(2, sim.IF_curr_exp())
    with pytest.raises(sim.errors.ConnectionError, match=r"old.* does not belong to this simulation"):
        connected(sim, pre=part(old), post=new)


def test_reading_an_unknown_attribute_names_the_known_ones(sim):
    with pytest.raises(sim.errors.NonExistentParameterError, match="weight"):
        connected(sim).get("U", "list")


@pytest.mark.parametrize("time", [NAN, float("inf")])
def test_a_time_that_is_no_number_is_refused(sim, time):
    sim.Population(1, sim.IF_curr_exp())
    with pytest.raises(InputError, match="time = "):
        sim.run_until(time)


@pytest.mark.parametrize("given", [{"min_delay": NAN}, {"min_delay": "x"}, {"max_delay": "x"}])
def test_a_bound_of_delays_is_a_number_or_auto(sim, given):
    with pytest.raises(InputError, match=f"{next(iter(given))} = .*finite"):
        sim.setup(timestep=0.1, **given)


@pytest.mark.parametrize("interval", [NAN, "x"])
def test_a_sampling_interval_is_a_number(sim, interval):
    with pytest.raises(InputError, match="sampling_interval"):
        sim.Population(1, sim.IF_curr_exp()).record("v", sampling_interval=interval)


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("DCSource", {"start": NAN}, "start"),
        ("StepCurrentSource", {"times": [1.0, NAN], "amplitudes": [1.0, 2.0]}, "times"),
        ("NoisyCurrentSource", {"mean": 0.0, "stdev": 1.0, "dt": NAN}, "dt"),
        ("NoisyCurrentSource", {"mean": 0.0, "stdev": -1.0, "dt": 0.1}, "stdev"),
    ],
)
def test_a_wrong_parameter_of_a_current_source_is_refused(sim, kind, given, field):
    with pytest.raises(InputError, match=f"^{field} = "):
        getattr(sim, kind)(**given)


def test_a_step_current_without_steps_is_zero(sim):
    source = sim.StepCurrentSource(times=[], amplitudes=[])
    assert np.array_equal(source.current(np.arange(3)), np.zeros(3))
