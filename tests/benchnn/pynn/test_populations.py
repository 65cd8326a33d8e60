"""Populations, views and assemblies: parameters, initial values, ids."""

import numpy as np
import pytest

pytest.importorskip("pyNN")

from pyNN.random import NumpyRNG, RandomDistribution


def test_views_and_ids_set_parameters_of_the_population(sim, network):
    cells = sim.Population(6, sim.IF_curr_exp(tau_m=[10.0, 11.0, 12.0, 13.0, 14.0, 15.0]), label="cells")
    cells[1:3].set(cm=0.5)
    cells[[0, 5]].set(tau_m=20.0)
    cells[4].v_thresh = -45.0
    cells[2:][1:].set(i_offset=lambda i: 0.1 * i)
    assert cells.get("cm").tolist() == [1.0, 0.5, 0.5, 1.0, 1.0, 1.0]
    assert cells.get("tau_m").tolist() == [20.0, 11.0, 12.0, 13.0, 14.0, 20.0]
    assert cells[4].v_thresh == -45.0
    assert cells[0].v_thresh == -50.0
    params = network().population("cells").params
    assert np.asarray(params["C_m"]).tolist() == [1000.0, 500.0, 500.0, 1000.0, 1000.0, 1000.0]
    np.testing.assert_allclose(params["I_e"], [0.0, 0.0, 0.0, 0.0, 100.0, 200.0])


def test_assemblies_set_and_get_over_their_parts(sim):
    one, two = sim.Population(2, sim.IF_curr_exp()), sim.Population(3, sim.IF_curr_exp(tau_m=30.0))
    both = one + two[1:]
    assert both.get("tau_m").tolist() == [20.0, 20.0, 30.0, 30.0]
    both.set(tau_m=15.0)
    assert two.get("tau_m").tolist() == [30.0, 15.0, 15.0]


def test_random_values_are_drawn_once(sim):
    rng = NumpyRNG(seed=7)
    cells = sim.Population(5, sim.IF_curr_exp(tau_m=RandomDistribution("uniform", low=10.0, high=20.0, rng=rng)))
    cells.initialize(v=RandomDistribution("uniform", low=-60.0, high=-50.0, rng=rng))
    tau_m, potentials = cells.get("tau_m"), cells.initial_values["v"].evaluate()
    assert len(set(tau_m.tolist())) == 5
    assert cells.get("tau_m").tolist() == tau_m.tolist()
    cells.record("v")
    sim.run(0.1)
    recorded = np.asarray(cells.get_data().segments[0].analogsignals[0])[0]
    assert recorded.tolist() == potentials.tolist()


def test_initial_values_of_views_and_single_cells(sim):
    cells = sim.Population(4, sim.IF_cond_exp())
    cells[1:3].initialize(v=[-61.0, -62.0])
    cells[3].set_initial_value("v", -63.0)
    assert [cell.get_initial_value("v") for cell in cells] == [-65.0, -61.0, -62.0, -63.0]


def test_populations_with_one_label_have_names_of_their_own(sim, network):
    for label in ("a/b", "a b", "a:b", "c"):
        sim.Population(1, sim.IF_curr_exp(), label=label)
    assert [population.name for population in network().populations] == ["a b", "a b 2", "a b 3", "c"]


def test_unknown_parameters_and_values_of_a_wrong_kind_are_refused(sim):
    cells = sim.Population(3, sim.IF_curr_exp())
    with pytest.raises(sim.errors.NonExistentParameterError, match="tau_x"):
        cells.set(tau_x=1.0)
    with pytest.raises((ValueError, TypeError)):
        cells.set(tau_m="fast")
    with pytest.raises(ValueError, match="V_reset"):
        cells.set(v_reset=-40.0)
    assert cells.get("v_reset") == -65.0
