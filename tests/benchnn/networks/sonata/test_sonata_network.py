"""The network that a SONATA configuration describes: what files state is what is simulated."""

import h5py
import numpy as np
import pytest
from sonata_files import CONFIG, edit_hdf5, edit_json, edit_text

from benchnn.networks.sonata.network import import_sonata, sonata_digest
from simcore.errors import InputError
from simcore.network import SpikeRecorder, TraceRecorder

INPUT = CONFIG["inputs"]["lgn"]


def traces(network):
    return {one.population: list(one.ids) for one in network.recorders if isinstance(one, TraceRecorder)}


def test_nodes_have_the_parameters_of_their_types_and_above_them_their_own(config):
    network = import_sonata(config)
    v1, lgn = network.populations
    assert (v1.name, v1.size, v1.model, lgn.name, lgn.size) == ("v1", 4, "iaf_psc_exp", "lgn", 3)
    assert v1.value("E_L").tolist() == [-65.0, -65.0, -70.0, -65.0]
    assert v1.value("C_m").tolist() == [200.0, 200.0, 250.0, 200.0]
    assert v1.value("V_th").tolist() == [-55.0, -52.0, -55.0, -50.0]
    assert network.resolution_ms == 0.1


def test_the_potential_starts_where_the_most_particular_statement_says(config):
    # As in NEST, it does not follow E_L.
    assert import_sonata(config)["v1"].initial_value("V_m") == -70.0
    edit_json(config, "conditions", value={"celsius": 34.0, "v_init": -80})
    assert import_sonata(config)["v1"].initial_value("V_m") == -80.0
    edit_json(config.parent / "models" / "e.json", "V_m", value=-60.0)
    assert import_sonata(config)["v1"].initial_value("V_m").tolist() == [-60.0, -60.0, -80.0, -60.0]


def test_edges_have_weights_times_synapses_and_the_nearest_delay(config):
    within, into = import_sonata(config).projections
    assert (within.source, within.target, into.source, into.target) == ("v1", "v1", "lgn", "v1")
    assert within.rule.sources.tolist() == [0, 1, 2, 2] and within.rule.targets.tolist() == [1, 2, 3, 3]
    assert within.value("weight").tolist() == [400.0, 1200.0, -300.0, -300.0]
    assert within.value("delay_ms").tolist() == [1.5, 1.5, 4.0, 3.0]
    assert into.value("weight").tolist() == [9000.0, 10000.0, 8000.0] and into.value("delay_ms") == 1.0


def test_what_was_assumed_is_reported(config):
    first, second = import_sonata(config).notes
    assert first == "3 edges of lgn_to_v1 have no delay; they use 1 ms"
    assert second.startswith("2 of 4 spikes of lgn are not on the time grid of 0.1 ms")
    network = import_sonata(config, missing_delay_ms=2.5)
    assert network.projections[1].value("delay_ms") == 2.5 and "2.5 ms" in network.notes[0]


def test_spikes_lie_at_the_ends_of_their_steps(config):
    trains = import_sonata(config)["lgn"].source
    assert trains.times_ms.tolist() == [1.0, 2.1, 5.0, 3.2] and trains.ids.tolist() == [0, 1, 1, 2]
    assert import_sonata(config, dt_ms=0.01)["lgn"].source.times_ms.tolist() == [1.0, 2.04, 5.0, 3.11]


def test_a_time_is_rounded_to_tics_before_it_is_rounded_up_as_in_nest(config):
    # Run by NEST 3.10 with allow_offgrid_times and a resolution of 0.01 ms.
    edit_hdf5(config.parent / "lgn_spikes.h5", "spikes/lgn/timestamps", np.array([20.1004, 20.1005, 20.1095, 20.1104]))
    edit_hdf5(config.parent / "lgn_spikes.h5", "spikes/lgn/node_ids", np.zeros(4, dtype=np.uint64))
    trains = import_sonata(config, dt_ms=0.01)["lgn"].source
    assert trains.times_ms.tolist() == [20.1, 20.11, 20.11, 20.11]


def test_the_older_layout_of_spikes_is_read(config):
    with h5py.File(config.parent / "lgn_spikes.h5", "r+") as file:
        file["spikes/timestamps"], file["spikes/gids"] = file["spikes/lgn/timestamps"][()], np.array([2, 1, 0, 1])
        del file["spikes/lgn"]
    assert import_sonata(config)["lgn"].source.ids.tolist() == [0, 1, 1, 2]
    assert import_sonata(config)["lgn"].source.times_ms.tolist() == [3.2, 2.1, 5.0, 1.0]


def test_nodes_outside_the_node_set_of_an_input_are_silent(config):
    edit_json(config, "inputs", "lgn", "node_set", value={"population": "lgn", "node_id": [1]})
    network = import_sonata(config)
    assert network["lgn"].source.ids.tolist() == [1, 1]
    assert any(note.startswith("2 spikes of lgn belong to nodes outside") for note in network.notes)


def test_virtual_nodes_without_an_input_are_silent(config):
    edit_json(config, "inputs", "lgn", "enabled", value=False)
    assert len(import_sonata(config)["lgn"].source) == 0


def test_reports_may_be_left_out(config):
    assert list(import_sonata(config, reports=False).recorders) == [SpikeRecorder()]


@pytest.mark.parametrize(
    ("cells", "ids"),
    [
        ("some", [0, 3]),
        ("excitatory", [0, 1, 3]),
        ("both", [0, 1, 3]),
        ("v1", [0, 1, 2, 3]),
        ({"ei": "i"}, [2]),
        ({"population": "v1", "ei": ["e", "i"], "node_id": [1, 2]}, [1, 2]),
        ({"x": 2.0}, [2]),
        ({"node_type_id": 7}, [0, 1, 3]),
    ],
)
def test_reports_record_the_nodes_of_their_set(config, cells, ids):
    edit_json(config, "reports", "v", "cells", value=cells)
    network = import_sonata(config)
    assert traces(network) == {"v1": ids} and SpikeRecorder() in network.recorders


def test_nodes_are_in_the_order_of_their_ids(config):
    edit_hdf5(config.parent / "network" / "v1_nodes.h5", "nodes/v1/node_id", np.array([3, 1, 2, 0]))
    v1 = import_sonata(config)["v1"]
    assert v1.value("E_L").tolist() == [-65.0, -65.0, -70.0, -65.0]
    assert v1.value("V_th").tolist() == [-50.0, -52.0, -55.0, -55.0]


def test_a_circuit_needs_no_simulation(config):
    for key in ("run", "inputs", "reports", "node_sets_file", "output"):
        edit_json(config, key, drop=True)
    network = import_sonata(config)
    assert network.resolution_ms == 0.1 and traces(network) == {} and len(network["lgn"].source) == 0


def test_files_that_are_not_enabled_are_not_read(config):
    (config.parent / "network" / "v1_v1.h5").unlink()
    edit_json(config, "networks", "edges", 0, "enabled", value=False)
    assert [one.source for one in import_sonata(config).projections] == ["lgn"]


def test_sections_of_other_programs_are_named(config):
    edit_json(config, "load_balancing", value={"chunks": 4})
    note = "config.json: load_balancing is a section of another program and was ignored"
    assert import_sonata(config).notes[-1] == note


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: edit_json(folder / "models" / "e.json", "C_m", value=201.0),
        lambda folder: edit_text(folder / "network" / "v1_v1.csv", "400.0", "401.0"),
        lambda folder: edit_hdf5(folder / "lgn_spikes.h5", "spikes/lgn/timestamps", np.array([1.0, 2.0, 3.0, 4.0])),
    ],
)
def test_the_digest_knows_every_file(config, change):
    before = sonata_digest(config)
    assert sonata_digest(config) == before
    change(config.parent)
    assert sonata_digest(config) != before


REFUSED = [
    ("models/e.json", "tau", "e.json: unknown parameter 'tau': iaf_psc_exp has C_m"),
    ("models/empty.json", "tau_psc", "empty.json: tau_psc = 2.0: parameters of synapses are not supported"),
    ("config.json", "runs", "config.json: runs = 2.0: unknown key; did you mean run"),
]


@pytest.mark.parametrize(("file", "key", "message"), REFUSED)
def test_keys_that_are_not_known_are_refused_with_their_file(config, file, key, message):
    edit_json(config.parent / file, key, value=2.0)
    with pytest.raises(InputError) as refused:
        import_sonata(config)
    assert message in str(refused.value)


def test_nodes_of_several_models_are_several_populations(config):
    one = import_sonata(config)
    edit_text(
        config.parent / "network" / "v1_types.csv",
        "3 i  point_process nest:iaf_psc_exp",
        "3 i point_neuron nest:iaf_psc_alpha",
    )
    edit_json(config, "reports", "v", "cells", value="v1")
    network = import_sonata(config)
    assert [(p.name, p.size, p.model) for p in network.populations[:2]] == [
        ("v1.iaf_psc_alpha", 1, "iaf_psc_alpha"),
        ("v1.iaf_psc_exp", 3, "iaf_psc_exp"),
    ]
    assert network["v1.iaf_psc_exp"].value("V_th").tolist() == [-55.0, -52.0, -50.0]
    assert network["v1.iaf_psc_alpha"].value("E_L") == -70.0
    edges = {}
    for projection in network.projections:
        values = [
            np.broadcast_to(projection.value(name), len(projection.rule.sources)) for name in ("weight", "delay_ms")
        ]
        ends = projection.rule.sources.tolist(), projection.rule.targets.tolist()
        edges[projection.source, projection.target] = list(
            zip(*ends, *(value.tolist() for value in values), strict=True)
        )
    exp, alpha = "v1.iaf_psc_exp", "v1.iaf_psc_alpha"
    assert edges == {
        (alpha, exp): [(0, 2, -300.0, 4.0), (0, 2, -300.0, 3.0)],
        (exp, alpha): [(1, 0, 1200.0, 1.5)],
        (exp, exp): [(0, 1, 400.0, 1.5)],
        ("lgn", exp): [(0, 0, 9000.0, 1.0), (1, 1, 10000.0, 1.0)],
        ("lgn", alpha): [(2, 0, 8000.0, 1.0)],
    }
    assert traces(network) == {exp: [0, 1, 2], alpha: [0]}
    assert network.notes == one.notes and network.expected_synapses() == one.expected_synapses() == 7


def test_virtual_nodes_may_stand_among_others(config):
    edit_text(config.parent / "network" / "v1_types.csv", "3 i  point_process nest:iaf_psc_exp", "3 i virtual NULL")
    with pytest.raises(InputError, match=r"v1_v1\.h5: /edges/v1_to_v1 has an edge to node 2 of 'v1', which is virtual"):
        import_sonata(config)
    edit_hdf5(config.parent / "network" / "v1_v1.h5", "edges/v1_to_v1/target_node_id", np.array([1, 3, 3, 3]))
    edit_hdf5(config.parent / "network" / "lgn_v1.h5", "edges/lgn_to_v1/target_node_id", np.array([1, 3, 3]))
    with h5py.File(config.parent / "lgn_spikes.h5", "r+") as file:
        file["spikes/v1/timestamps"], file["spikes/v1/node_ids"] = np.array([4.0]), np.array([2])
    edit_json(config, "inputs", "own", value={**INPUT, "node_set": {"population": "v1", "ei": "i"}})
    network = import_sonata(config)
    trains = network["v1.virtual"].source
    assert (trains.times_ms.tolist(), trains.ids.tolist()) == ([4.0], [0])
    edit_json(config, "inputs", "own", "node_set", value="v1")
    with pytest.raises(InputError, match=r"inputs\.own\.node_set = 'v1': only virtual nodes can have input spikes"):
        import_sonata(config)
