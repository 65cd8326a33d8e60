"""A small SONATA network, written as the specification says, and changes of files."""

import json

import h5py
import numpy as np

CONFIG = {
    "manifest": {"$BASE": ".", "$NETWORK": "${BASE}/network", "$MODELS": "$BASE/models"},
    "target_simulator": "NEST",
    "components": {"point_neuron_models_dir": "$MODELS", "synaptic_models_dir": "$MODELS"},
    "networks": {
        "nodes": [
            {"nodes_file": "$NETWORK/v1_nodes.h5", "node_types_file": "$NETWORK/v1_types.csv"},
            {"nodes_file": "$NETWORK/lgn_nodes.h5", "node_types_file": "$NETWORK/lgn_types.csv"},
        ],
        "edges": [
            {"edges_file": "$NETWORK/v1_v1.h5", "edge_types_file": "$NETWORK/v1_v1.csv"},
            {"edges_file": "$NETWORK/lgn_v1.h5", "edge_types_file": "$NETWORK/lgn_v1.csv"},
        ],
    },
    "run": {"tstop": 50.0, "dt": 0.1},
    "node_sets_file": "$BASE/node_sets.json",
    "inputs": {
        "lgn": {"input_type": "spikes", "module": "h5", "input_file": "$BASE/lgn_spikes.h5", "node_set": "lgn"},
    },
    "reports": {"v": {"cells": "some", "variable_name": "V_m", "module": "multimeter_report"}},
    "output": {"output_dir": "$BASE/output"},
}
NODE_SETS = {"some": {"population": "v1", "node_id": [0, 3]}, "excitatory": {"ei": "e"}, "both": ["some", "excitatory"]}
V1_TYPES = """node_type_id ei model_type model_template dynamics_params
7 e point_neuron nest:iaf_psc_exp e.json
3 i  point_process nest:iaf_psc_exp NULL
"""
LGN_TYPES = "node_type_id model_type\n1 virtual\n"
V1_V1_TYPES = """edge_type_id target_query syn_weight delay model_template dynamics_params
5 "ei=='e' & x > 1" 400.0 1.5 static_synapse NULL
6 * -300.0 2.0 nest:static_synapse empty.json
"""
LGN_V1_TYPES = "edge_type_id model_template\n1 static_synapse\n"


def write_network(folder):
    """Write the network; the path of its configuration."""
    for name in ("network", "models"):
        (folder / name).mkdir()
    network = folder / "network"
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "node_sets.json").write_text(json.dumps(NODE_SETS))
    (folder / "models" / "e.json").write_text('{"E_L": -65.0, "C_m": 200.0}')
    (folder / "models" / "empty.json").write_text("{}")
    (network / "v1_types.csv").write_text(V1_TYPES)
    (network / "lgn_types.csv").write_text(LGN_TYPES)
    (network / "v1_v1.csv").write_text(V1_V1_TYPES)
    (network / "lgn_v1.csv").write_text(LGN_V1_TYPES)
    with h5py.File(network / "v1_nodes.h5", "w") as file:
        nodes = file.create_group("nodes/v1")
        nodes["node_type_id"] = np.array([7, 7, 3, 7], dtype=np.uint32)
        nodes["node_group_id"] = np.array([0, 1, 0, 1], dtype=np.uint16)
        nodes["node_group_index"] = np.array([0, 1, 1, 0], dtype=np.uint32)
        nodes["0/x"] = np.array([1.0, 2.0])
        nodes["1/dynamics_params/V_th"] = np.array([-50.0, -52.0])
    with h5py.File(network / "lgn_nodes.h5", "w") as file:
        file["nodes/lgn/node_type_id"] = np.ones(3, dtype=np.int64)
    with h5py.File(network / "v1_v1.h5", "w") as file:
        write_edges(file, "v1_to_v1", "v1", "v1", [0, 1, 2, 2], [1, 2, 3, 3], [5, 5, 6, 6])
        edges = file["edges/v1_to_v1"]
        edges["edge_group_id"], edges["edge_group_index"] = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0])
        edges["0/nsyns"] = np.array([1, 3])
        edges["1/delay"] = np.array([3.0, 4.0])
    with h5py.File(network / "lgn_v1.h5", "w") as file:
        write_edges(file, "lgn_to_v1", "lgn", "v1", [0, 1, 2], [0, 1, 2], [1, 1, 1])
        file["edges/lgn_to_v1/0/syn_weight"] = np.array([9000.0, 10000.0, 8000.0])
    with h5py.File(folder / "lgn_spikes.h5", "w") as file:
        file["spikes/lgn/timestamps"] = np.array([1.0, 2.04, 3.11, 5.0])
        file["spikes/lgn/node_ids"] = np.array([0, 1, 2, 1])
    return folder / "config.json"


def write_edges(file, name, source, target, sources, targets, types):
    group = file.create_group(f"edges/{name}")
    for side, population, ids in (("source", source, sources), ("target", target, targets)):
        group[f"{side}_node_id"] = np.array(ids, dtype=np.uint64)
        group[f"{side}_node_id"].attrs["node_population"] = population
    group["edge_type_id"] = np.array(types, dtype=np.uint32)


def edit_json(path, *keys, value=None, drop=False):
    """Set, or drop, the value behind some keys of a JSON file."""
    content = json.loads(path.read_text())
    within = content
    for key in keys[:-1]:
        within = within[key]
    if drop:
        del within[keys[-1]]
    else:
        within[keys[-1]] = value
    path.write_text(json.dumps(content))


def edit_text(path, old, new):
    """Replace a part of a text file, which must be there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def edit_hdf5(path, name, values, **attributes):
    """Replace a dataset, or remove it with None; attributes of the old one stay."""
    with h5py.File(path, "r+") as file:
        kept = dict(file[name].attrs) if name in file else {}
        if name in file:
            del file[name]
        if values is not None:
            file[name] = values
            file[name].attrs.update({**kept, **attributes})
