"""Models of the simulator as cell types."""

import numpy as np
import pytest

from simcore.errors import InputError

# PyNN knows the signs of weights only for its own receptors.
pytestmark = pytest.mark.filterwarnings("ignore:Can't check weight")


def test_a_model_has_its_own_names_units_and_receptors(sim, network):
    kind = sim.native_cell_type("iaf_psc_exp")
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    cells = sim.Population(3, kind(C_m=200.0, E_L=[-70.0, -68.0, -66.0], I_e=10.0), initial_values={"I_syn_ex": 3.0})
    assert cells.get("C_m") == 200.0
    cells[1:2].set(tau_m=15.0)
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5), receptor_type="ex")
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=-0.25), receptor_type="in")
    cells.record(["V_m", "I_syn_in"])
    sim.run(5.0)
    segment = cells.get_data().segments[0]
    # A variable that was not initialised begins at rest.
    potentials = segment.filter(name="V_m")[0]
    assert potentials.units.dimensionality.string == "mV"
    assert np.asarray(potentials)[0].tolist() == [-70.0, -68.0, -66.0]
    assert np.asarray(segment.filter(name="I_syn_in")[0]).min() == pytest.approx(-250.0)
    described = network().populations[1]
    assert np.asarray(described.params["tau_m"]).tolist() == [10.0, 15.0, 10.0]
    assert [projection.weight for projection in network().projections] == [500.0, -250.0]
    with pytest.raises(sim.errors.ConnectionError):
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(), receptor_type="excitatory")


def test_receptors_follow_from_a_list(sim, network):
    kind = sim.native_cell_type("iaf_psc_exp_multisynapse", tau_syn=[2.0, 8.0, 5.0])
    cells = sim.Population(2, kind())
    assert len(cells.receptor_types) == 3
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    last = cells.receptor_types[-1]
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=-0.5), receptor_type=last)
    sim.run(2.0)
    assert network().projections[0].receptor == last
    with pytest.raises(InputError, match="its parameters are"):
        sim.native_cell_type("iaf_psc_exp", tau_x=3.0)


def test_models_that_are_unknown_or_without_units_are_refused(sim):
    with pytest.raises(InputError, match="iaf_unknown"):
        sim.native_cell_type("iaf_unknown")
    with pytest.raises(InputError, match="not in pA, nS or mV"):
        sim.native_cell_type("parrot_neuron")
