"""Drives of Brian2 as a peer: windows, means and variances, and the same spikes where they are not random."""

import numpy as np
import pytest

from benchnn.simulators import PeerJob, peers
from benchnn.simulators.brian2.description import describe
from benchnn.simulators.brian2.module import apply_settings
from simcore.drives import InhomogeneousPoisson, Noise, StepCurrent
from simcore.errors import InputError
from simcore.network import (
    AllToAll,
    Dc,
    FixedIndegree,
    Network,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    Uniform,
)
from simcore.simulator import Simulator

WHY_NOT = peers.unusable_because("brian2")
if WHY_NOT is not None:
    pytest.skip(WHY_NOT, allow_module_level=True)

# Brian2 calls deprecated functions of pyparsing, thousands of times.
pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("numpy_code")]
BRIAN2 = peers.get("brian2")
SPIKES = (SpikeRecorder(),)


def job(described, *, connectivity="statistical", steps=1000):
    return PeerJob(described, 5, 1, 0, steps, connectivity, mode="runtime")


def values_after(described, name, *stops):
    """Values of a variable of the neurons of a network of one model after some steps, for each number of them."""
    asked = job(described)
    apply_settings(asked, default_flags=False)
    made = describe(asked, None, [])
    (group,) = [part for part in made.network.objects if part.name.startswith("neurons_")]
    for before, stop in zip((0, *stops), stops, strict=False):
        made.run(stop - before, measured=True)
        yield np.array(getattr(group, name)[:])


@pytest.mark.parametrize("model", ["iaf_psc_exp", "iaf_psc_alpha", "iaf_psc_delta", "izhikevich"])
def test_step_currents_give_the_spikes_of_simcore(model):
    amplitude = 10.0 if model == "izhikevich" else 420.0
    described = Network(
        [Population("A", 20, model), Population("B", 10, model)],
        [Projection("A", "B", FixedIndegree(4), 2.0, 0.7)],
        [
            StepCurrent("A", [0.0, 20.0, 40.5], [amplitude, 0.0, 1.3 * amplitude], 0.3),
            StepCurrent("A", [30.0], [0.1 * amplitude], 1.0),
            Dc("B", amplitude),
        ],
        SPIKES,
    )
    with Simulator(described, seed=5, threads=1, backend="oracle", precision="float64") as simulator:
        simulator.run(80.0)
        expected = simulator.spikes()
    found = BRIAN2.simulate(job(described, connectivity="exact", steps=800)).spikes
    assert len(expected) > 50
    np.testing.assert_array_equal(found.stamps, expected.stamps)
    np.testing.assert_array_equal(found.ids, expected.ids)


def test_noise_is_drawn_anew_after_each_interval():
    params = {"C_m": 1.0, "tau_m": 1e6, "V_th": 1e6}
    drives = [Noise("A", 5.0, 20.0, interval_ms=0.5, delay_ms=0.2, start_ms=0.3, stop_ms=1.0)]
    described = Network([Population("A", 4000, "iaf_psc_exp", params)], [], drives)
    # Steps 5 to 11: five with the first draw, two with the second; 1 pA adds 0.1 mV in a step.
    none, first, both = values_after(described, "v", 5, 10, 30)
    assert np.all(none == 0.0)
    first, both = first / 0.1, both / 0.1
    assert first.mean() == pytest.approx(25.0, abs=5.0) and first.std() == pytest.approx(100.0, rel=0.05)
    assert both.mean() == pytest.approx(35.0, abs=6.0)
    assert both.std() == pytest.approx(20.0 * np.sqrt(25.0 + 4.0), rel=0.05)


def test_rates_change_at_their_times():
    drives = [InhomogeneousPoisson("P", [1.0, 3.0, 5.0], [5000.0, 0.0, 1e5], 1.0, 0.3)]
    size = 1000
    described = Network(
        [Population("Q", 3, "parrot_neuron"), Population("P", size, "parrot_neuron")], [], drives, SPIKES
    )
    spikes = BRIAN2.simulate(job(described, steps=60)).spikes
    counts = np.bincount(spikes.stamps, minlength=61)
    # Emitted in steps 10 to 29 and from 50 on, arriving 3 steps later, stamped with the end of that step.
    assert np.all((counts > 0) == ((np.arange(61) >= 14) & (np.arange(61) < 34) | (np.arange(61) >= 54)))
    assert counts[14:34].mean() == pytest.approx(size * (1.0 - np.exp(-0.5)), rel=0.03)
    assert np.all(counts[54:] > 0.99 * size) and spikes.ids.min() >= 3


def test_poisson_events_have_rate_and_window():
    size, parrots = 500, Population("P", 500, "parrot_neuron")
    drives = [Poisson("P", 5000.0, 1.0, delay_ms=0.3, start_ms=2.0, stop_ms=12.0)]
    run = BRIAN2.simulate(job(Network([parrots], [], drives, SPIKES), steps=200))
    # Spikes of steps 20 to 119 arrive 3 steps later and are repeated with the stamp of that step's end.
    assert (run.spikes.stamps.min(), run.spikes.stamps.max()) == (24, 123)
    assert len(run.spikes) == pytest.approx(100 * size * (1.0 - np.exp(-0.5)), rel=0.03)


def test_large_poisson_rates_are_sums_of_binomial_inputs():
    params = {"tau_syn_ex": 1e4, "V_th": 1e9}
    described = Network([Population("A", 2000, params=params)], [], [Poisson("A", 2e5, 1.0, delay_ms=0.1)])
    (counts,) = values_after(described, "i_ex", 2)
    np.testing.assert_array_equal(counts, np.rint(counts))
    assert counts.mean() == pytest.approx(20.0, rel=0.03) and counts.var() == pytest.approx(20.0, rel=0.15)


def test_receptors_follow_the_sign_of_drawn_weights():
    """A weight of either sign reaches its own receptor."""
    described = Network(
        [Population("P", 1, "parrot_neuron"), Population("A", 400, params={"V_th": 1e3})],
        [Projection("P", "A", AllToAll(), Uniform(low=-100.0, high=100.0), 0.1)],
        [SpikeTrain("P", [0.1], 1.0, 0.1)],
    )
    asked = job(described)
    apply_settings(asked, default_flags=False)
    made = describe(asked, None, [])
    made.run(4, measured=True)
    (group,) = [part for part in made.network.objects if part.name == "neurons_iaf_psc_exp"]
    ex, negative = np.asarray(group.i_ex[:]), np.asarray(group.i_in[:])
    assert np.all((ex > 0.0) != (negative < 0.0)) and ex.min() == 0.0 and negative.max() == 0.0


@pytest.mark.parametrize("drive", [Noise("E", 0.0, 1.0), InhomogeneousPoisson("E", [1.0], [8000.0], 20.0)])
def test_random_drives_are_refused_with_exact_connectivity(drive):
    with pytest.raises(InputError, match=rf"drive {drive.name}->E .*exact"):
        BRIAN2.check(job(Network([Population("E", 4)], [], [drive]), connectivity="exact"))
