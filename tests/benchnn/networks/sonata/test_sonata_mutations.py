"""Changes of the published example: each is read rightly, or refused in one sentence with file and place."""

import h5py
import numpy as np
import pytest
from sonata_files import edit_hdf5, edit_json, edit_text

from benchnn.networks.sonata.network import import_sonata
from simcore.errors import InputError
from simcore.network import TraceRecorder

NODES, EDGES, INPUT = (
    "network/internal_nodes.h5",
    "network/internal_internal_edges.h5",
    "inputs/external_spike_trains.h5",
)
NODE_TYPES, EDGE_TYPES = "network/internal_node_types.csv", "network/internal_internal_edge_types.csv"
INTO = "network/external_internal_edges.h5"
MODEL = "../shared_components/nest_models/cell_models/472363762_point.json"
SYNAPSE = "../shared_components/nest_models/synaptic_models/InhToExc.json"
INTERNAL, WITHIN = "nodes/internal", "edges/internal_to_internal"


def at(name, place, value):
    """One value of a dataset changed."""

    def edit(path):
        with h5py.File(path, "r+") as file:
            file[name][place] = value

    return edit


def cut(name, length):
    """A dataset that has lost its end."""

    def edit(path):
        with h5py.File(path) as file:
            values = file[name][:length]
        edit_hdf5(path, name, values)

    return edit


def json_value(*keys, **change):
    return lambda path: edit_json(path, *keys, **change)


def text(old, new):
    return lambda path: edit_text(path, old, new)


def hdf5(name, values, **attributes):
    return lambda path: edit_hdf5(path, name, values, **attributes)


def without_type_column(path):
    path.write_text(path.read_text().replace(" model_type", "").replace(" point_process", ""))


REFUSED = {
    "a variable that the manifest lacks": (
        "circuit_config.json",
        json_value("networks", "nodes", 0, "nodes_file", value="$NETWORKS/internal_nodes.h5"),
        "circuit_config.json: networks.nodes[0].nodes_file = '$NETWORKS/internal_nodes.h5': $NETWORKS is not a",
    ),
    "a variable that contains itself": (
        "circuit_config.json",
        json_value("manifest", "$NETWORK_DIR", value="$NETWORK_DIR/x"),
        "refers to itself",
    ),
    "a file that is not there": (
        "circuit_config.json",
        json_value("networks", "edges", 1, "edges_file", value="$NETWORK_DIR/none.h5"),
        "network/none.h5: No such file",
    ),
    "a key of a file misspelt": (
        "circuit_config.json",
        json_value("networks", "nodes", 1, "node_type_file", value="x.csv"),
        "circuit_config.json: networks.nodes[1].node_type_file = 'x.csv': unknown key",
    ),
    "JSON cut off": (
        "simulation_config.json",
        text('"target_simulator":"NEST",', '"target_simulator'),
        "not valid JSON",
    ),
    "another simulator": (
        "circuit_config.json",
        json_value("target_simulator", value="NEURON"),
        "circuit_config.json: target_simulator = 'NEURON': only NEST is supported",
    ),
    "a negative step": (
        "simulation_config.json",
        json_value("run", "dt", value=-0.01),
        "simulation_config.json: run.dt = -0.01: must be > 0 ms",
    ),
    "a step off the tics": ("simulation_config.json", json_value("run", "dt", value=0.0015), "multiple of 0.001 ms"),
    "no time to stop": (
        "simulation_config.json",
        json_value("run", "tstop", drop=True),
        "simulation_config.json: run.tstop is missing",
    ),
    "a current clamp": (
        "simulation_config.json",
        json_value(
            "inputs", "clamp", value={"input_type": "current_clamp", "module": "IClamp", "node_set": "external"}
        ),
        "simulation_config.json: inputs.clamp.input_type = 'current_clamp': use spikes",
    ),
    "a node set that is not there": (
        "simulation_config.json",
        json_value("reports", "membrane_potential", "cells", value="recorded"),
        "simulation_config.json: reports.membrane_potential.cells = 'recorded': no node set or population",
    ),
    "a report of virtual nodes": (
        "simulation_config.json",
        json_value("reports", "membrane_potential", "cells", value="external"),
        "simulation_config.json: reports.membrane_potential.cells = 'external': some nodes of 'external' are virtual",
    ),
    "a variable that no neuron has": (
        "simulation_config.json",
        json_value("reports", "membrane_potential", "variable_name", value="cai"),
        "simulation_config.json: reports.membrane_potential.variable_name = 'cai': the neurons of 'internal' are",
    ),
    "an id outside the population": (
        "node_sets.json",
        json_value("recorded_cells", "node_id", value=[0, 300]),
        "node_sets.json: recorded_cells.node_id = [0, 300]: ids of the population 'internal' are whole numbers from 0",
    ),
    "a model of another simulator": (
        NODE_TYPES,
        text("101 e nest:iaf_psc_alpha", "101 e nrn:IntFire1"),
        "internal_node_types.csv, line 4: model_template = 'nrn:IntFire1': use nest:iaf_psc_exp",
    ),
    "compartments": (
        NODE_TYPES,
        text("point_process 473863035", "biophysical 473863035"),
        "internal_node_types.csv, line 5: model_type = 'biophysical': use point_neuron",
    ),
    "no column of model types": (
        NODE_TYPES,
        without_type_column,
        "internal_node_types.csv, line 3: model_type is missing",
    ),
    "a line with a field too much": (NODE_TYPES, text("json Rorb", "json Rorb x"), "csv, line 4 has 7 fields"),
    "a type twice": (
        NODE_TYPES,
        text("103 i", "102 i"),
        "internal_node_types.csv, line 6: node_type_id = 102 is not unique",
    ),
    "a type that no table has": (
        NODES,
        at(f"{INTERNAL}/node_type_id", 7, 999),
        "internal_nodes.h5: /nodes/internal/node_type_id[7] = 999:",
    ),
    "a group that is not there": (
        NODES,
        at(f"{INTERNAL}/node_group_id", 3, 2),
        "internal_nodes.h5: /nodes/internal/node_group_id[3] = 2: group /nodes/internal/2 is missing",
    ),
    "two nodes of one id": (
        NODES,
        at(f"{INTERNAL}/node_id", 4, 5),
        "internal_nodes.h5: /nodes/internal has wrong values in node_id: they must be the numbers from 0 to 299",
    ),
    "a parameter misspelt": (MODEL, json_value("Vth", value=-43.0), "472363762_point.json: unknown parameter 'Vth'"),
    "a parameter that is text": (
        MODEL,
        json_value("C_m", value="239"),
        "472363762_point.json: C_m = '239': must be a number",
    ),
    "no capacitance": (MODEL, json_value("C_m", value=0.0), "internal_nodes.h5: population internal.C_m = 0.0"),
    "weights that are text": (
        EDGES,
        hdf5(f"{WITHIN}/0/syn_weight", np.full(27588, b"1.5")),
        "internal_internal_edges.h5: /edges/internal_to_internal/0/syn_weight has the type |S3, but must",
    ),
    "tabs between columns": (
        NODE_TYPES,
        lambda path: path.write_text(path.read_text().replace(" ", "\t")),
        "internal_node_types.csv: its first line has no column node_type_id (spaces separate columns)",
    ),
    "a plastic synapse": (
        EDGE_TYPES,
        text("InhToExc.json static_synapse", "InhToExc.json stdp_synapse"),
        "internal_internal_edge_types.csv, line 4: model_template = 'stdp_synapse': only static_synapse is supported",
    ),
    "a parameter of a synapse": (SYNAPSE, json_value("receptor_type", value=1), "InhToExc.json: receptor_type = 1:"),
    "a delay below a step": (
        EDGE_TYPES,
        text("ei=='e' ei=='i' 2.0", "ei=='e' ei=='i' 0.001"),
        "internal_internal_edges.h5: /edges/internal_to_internal has the delay 0.001 ms at edge 44:",
    ),
    "a delay that is text": (
        EDGE_TYPES,
        text("ei=='e' ei=='i' 2.0", "ei=='e' ei=='i' two"),
        "internal_internal_edge_types.csv, line 4: delay = 'two': must be a number",
    ),
    "a source outside its population": (
        EDGES,
        at(f"{WITHIN}/source_node_id", 11, 300),
        "internal_internal_edges.h5: /edges/internal_to_internal/source_node_id[11] = 300, but the population",
    ),
    "fewer targets than edges": (
        EDGES,
        cut(f"{WITHIN}/target_node_id", 27_000),
        "internal_internal_edges.h5: /edges/internal_to_internal/target_node_id has 27,000 values",
    ),
    "a population that is not there": (
        INTO,
        lambda path: edit_hdf5(
            path, "edges/external_to_internal/source_node_id", np.zeros(20844, int), node_population="x"
        ),
        "external_internal_edges.h5: /edges/external_to_internal/source_node_id has node_population = 'x'",
    ),
    "no weights": (
        EDGES,
        hdf5(f"{WITHIN}/0/syn_weight", None),
        "internal_internal_edges.h5: /edges/internal_to_internal has no",
    ),
    "a weight that is no number": (
        EDGES,
        at(f"{WITHIN}/0/syn_weight", 5, np.nan),
        "internal_internal_edges.h5: /edges/internal_to_internal/0/syn_weight[5] = nan: must be a finite number",
    ),
    "half a synapse": (
        EDGES,
        hdf5(f"{WITHIN}/0/nsyns", np.full(27588, 0.5)),
        "internal_internal_edges.h5: /edges/internal_to_internal has nsyns = 0.5 at edge 0",
    ),
    "a spike at the beginning": (
        INPUT,
        at("spikes/timestamps", 3, 0.0),
        "external_spike_trains.h5 has a spike of node 0 at 0 ms",
    ),
    "a spike of a node that is not there": (
        INPUT,
        at("spikes/gids", 3, 100),
        "external_spike_trains.h5 has a spike of node 100",
    ),
    "a file that is no HDF5": (
        INPUT,
        lambda path: path.write_bytes(b"x" * 100),
        "external_spike_trains.h5: it is not an HDF5",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_change_is_refused_in_one_sentence_with_its_file(copied, name):
    file, change, message = REFUSED[name]
    change((copied / file).resolve())
    with pytest.raises(InputError) as refused:
        import_sonata(copied / "config.json")
    assert message in str(refused.value) and "\n" not in str(refused.value)


def of_type(copied, type_id):
    with h5py.File(copied / NODES) as file:
        return file[f"{INTERNAL}/node_type_id"][()] == type_id


def test_point_neuron_is_the_new_name_of_point_process(copied):
    before = import_sonata(copied / "config.json")
    edit_text(copied / NODE_TYPES, "point_process", "point_neuron")
    after = import_sonata(copied / "config.json")
    assert after["internal"].value("V_th").tolist() == before["internal"].value("V_th").tolist()


def test_a_parameter_of_one_model_changes_its_nodes_only(copied):
    edit_json(copied / MODEL, "t_ref", value=5.0)
    assert np.array_equal(import_sonata(copied / "config.json")["internal"].value("t_ref") == 5.0, of_type(copied, 100))


def test_quoted_fields_and_several_blanks_are_read(copied):
    edit_text(copied / EDGE_TYPES, "100 ei=='e' ei=='e' 2.0", "100   \"ei=='e' & x > 1\" ei=='e'    4.0")
    delays = import_sonata(copied / "config.json").projections[0].value("delay_ms")
    assert np.count_nonzero(delays == 4.0) == 11_428 and np.count_nonzero(delays == 2.0) == 27_588 - 11_428


def test_a_table_may_begin_with_a_byte_order_mark_and_have_the_line_ends_of_windows(copied):
    expected = import_sonata(copied / "config.json").population("internal").value("C_m").tolist()
    path = copied / NODE_TYPES
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert import_sonata(copied / "config.json").population("internal").value("C_m").tolist() == expected


def test_a_delay_of_the_file_goes_before_that_of_the_type(copied):
    edit_hdf5(copied / EDGES, f"{WITHIN}/0/delay", np.full(27588, 3.5))
    assert set(import_sonata(copied / "config.json").projections[0].value("delay_ms")) == {3.5}


def test_synapses_of_an_edge_multiply_its_weight(copied):
    before = import_sonata(copied / "config.json").projections[0].value("weight")
    edit_hdf5(copied / EDGES, f"{WITHIN}/0/nsyns", np.full(27588, 3))
    assert np.array_equal(import_sonata(copied / "config.json").projections[0].value("weight"), 3.0 * before)


def test_a_rule_of_a_node_set_chooses_by_attributes_of_types(copied):
    edit_json(copied / "node_sets.json", "recorded_cells", value={"model_name": ["Rorb", "PV1"]})
    (recorder,) = (one for one in import_sonata(copied / "config.json").recorders if isinstance(one, TraceRecorder))
    assert list(recorder.ids) == np.flatnonzero(of_type(copied, 101) | of_type(copied, 103)).tolist()
