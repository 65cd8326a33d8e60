"""NIR files: what NIR's package writes is read, and what is damaged is refused with file and node."""

import h5py
import numpy as np
import pytest

from benchnn.networks.nir.file import FIELDS, read_graph
from benchnn.networks.nir.network import import_nir
from simcore.errors import InputError

NODES = {
    "input": ("Input", {"shape": [2]}),
    "fc": ("Affine", {"weight": np.ones((3, 2), dtype=np.float32), "bias": np.zeros(3)}),
    "lif": ("IF", {"r": np.ones(3), "v_threshold": np.ones(3)}),
    "output": ("Output", {"shape": [3]}),
}
EDGES = [("input", "fc"), ("fc", "lif"), ("lif", "output")]


def refused(path):
    with pytest.raises(InputError) as error:
        read_graph(path)
    message = str(error.value)
    assert str(path) in message and "\n" not in message
    return message


def test_nodes_and_edges(nir_file):
    graph = read_graph(nir_file(NODES, EDGES))
    assert list(graph.nodes) == ["fc", "input", "lif", "output"]
    assert graph.before == {"fc": ["input"], "input": [], "lif": ["fc"], "output": ["lif"]}
    assert (graph.inputs, graph.outputs) == (("input",), ("output",))
    assert graph.nodes["fc"].array("weight").dtype == np.float64


def test_metadata_and_nodes_without_names_of_their_own_are_no_matter(nir_file):
    path = nir_file(NODES, EDGES)
    with h5py.File(path, "r+") as file:
        file.create_group("node/metadata")["author"] = "me"
        file.create_group("node/nodes/lif/metadata")["note"] = "text"
        del file["version"]
    assert read_graph(path).nodes["lif"].type == "IF"


def test_every_kind_of_node_that_nirs_package_writes_is_read(tmp_path):
    nir = pytest.importorskip("nir", reason="the package nir is not installed")
    two = np.ones(2)
    each = {
        "Affine": nir.Affine(np.eye(2), two),
        "Linear": nir.Linear(np.eye(2)),
        "Scale": nir.Scale(two),
        "Conv1d": nir.Conv1d(8, np.ones((1, 1, 3)), 1, "same", 1, 1, np.ones(1)),
        "Conv2d": nir.Conv2d((4, 4), np.ones((1, 1, 3, 3)), 1, (1, 1), (1, 1), 1, np.ones(1)),
        "SumPool2d": nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        "AvgPool2d": nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        "Flatten": nir.Flatten({"input": np.array([1, 4, 4])}, 0, -1),
        "Delay": nir.Delay(two),
        "IF": nir.IF(two, two),
        "LIF": nir.LIF(two, two, two, two),
        "LI": nir.LI(two, two, two),
        "CubaLIF": nir.CubaLIF(two, two, two, two, two),
        "CubaLI": nir.CubaLI(two, two, two, two),
        "I": nir.I(two),
        "Threshold": nir.Threshold(two),
    }
    ends = {"input": nir.Input({"input": np.array([2])}), "output": nir.Output({"output": np.array([2])})}
    inner = nir.NIRGraph({**ends, "x": each["IF"]}, [("input", "x"), ("x", "output")])
    edges = [("input", "net"), ("net", "output")]
    nir.write(tmp_path / "all.nir", nir.NIRGraph({**ends, **each, "net": inner}, edges, type_check=False))
    graph = read_graph(tmp_path / "all.nir")
    assert {node.type for node in graph.nodes.values()} == set(FIELDS)
    assert graph.before["net.x"] == ["net.input"] and graph.before["output"] == ["net.output"]
    assert graph.nodes["Conv1d"].values["padding"] == "same"


def test_a_network_of_nirs_package_is_imported(tmp_path):
    nir = pytest.importorskip("nir", reason="the package nir is not installed")
    one, weight = np.ones((2, 4, 4)), np.random.default_rng(1).normal(size=(2, 1, 3, 3))
    graph = nir.NIRGraph.from_list(
        nir.Input({"input": np.array([1, 4, 4])}),
        nir.Conv2d((4, 4), weight, 1, 1, 1, 1, np.zeros(2)),
        nir.IF(one, one),
        nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        nir.Flatten({"input": np.array([2, 2, 2])}, 0, -1),
        nir.Affine(np.ones((3, 8)), np.zeros(3)),
        nir.LIF(*[np.ones(3)] * 4),
    )
    nir.write(tmp_path / "net.nir", graph)
    imported = import_nir(tmp_path / "net.nir", dt_ms=1.0)
    assert [p.size for p in imported.network.populations] == [16, 32, 3]
    assert [len(p.rule.sources) for p in imported.network.projections] == [2 * 100, 3 * 32]


def test_files_that_are_no_nir_files(tmp_path, nir_file):
    path = tmp_path / "net.nir"
    assert "No such file" in refused(path)
    path.write_text("weights")
    assert "not an HDF5 file" in refused(path)
    with h5py.File(path, "w") as file:
        file["other"] = 1
    assert "no group 'node'" in refused(path)
    with h5py.File(path, "w") as file:
        file["node"] = 1
    assert "the network has no type" in refused(path)


def test_a_truncated_file(nir_file):
    path = nir_file(NODES, EDGES)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert refused(path).startswith("cannot read ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda node: node.pop("type"), "node 'lif' has no type"),
        (lambda node: node.update(type=5), "node 'lif' has no type"),
        (lambda node: node.pop("r"), r"node 'lif' \(IF\) has no r"),
        (lambda node: node.update(r="one"), "has the text 'one' as r"),
        (lambda node: node.update(r=[1j]), "has a r that cannot be read"),
        (lambda node: node.update(r=[np.inf, 1, 1]), r"node 'lif' \(IF\) has a r that is not finite"),
        (lambda node: node.update(type="NIRGraph"), "graph 'lif' has no nodes"),
    ],
)
def test_damaged_nodes(nir_file, change, message):
    path = nir_file(NODES, EDGES)
    with h5py.File(path, "r+") as file:
        node = file["node/nodes/lif"]
        values = {name: node[name][()] for name in node}
        change(values)
        del file["node/nodes/lif"]
        group = file.create_group("node/nodes/lif")
        for name, value in values.items():
            group.create_dataset(name, data=value)
    with pytest.raises(InputError, match=message):
        import_nir(path)


def test_a_single_node_is_no_network(tmp_path):
    with h5py.File(tmp_path / "net.nir", "w") as file:
        file.create_group("node").create_dataset("type", data="LIF", dtype=h5py.string_dtype())
    assert "contains a node of type 'LIF' instead of a graph" in refused(tmp_path / "net.nir")


def test_a_graph_that_holds_itself_has_no_end(nir_file):
    path = nir_file({"x": ("NIRGraph", {"n": NODES["lif"]}, [])}, [])
    with h5py.File(path, "r+") as file:
        file["node/nodes/x/nodes/x"] = file["node/nodes/x"]
    assert "nested in more than 16 graphs" in refused(path)


def test_values_that_the_file_only_claims_to_hold_are_refused(nir_file):
    path = nir_file(NODES, EDGES)
    with h5py.File(path, "r+") as file:
        del file["node/nodes/fc/weight"]
        file["node/nodes/fc"].create_dataset("weight", shape=(2**20, 2**20), dtype="f4", chunks=(1024, 1024))
    assert "node 'fc' (Affine) has a weight that cannot be read" in refused(path)


def test_edges_that_are_no_names(nir_file):
    path = nir_file(NODES, EDGES)
    with h5py.File(path, "r+") as file:
        del file["node/edges"]
        file["node"].create_dataset("edges", data=[[1.0, 2.0]])
    assert "edges of shape (1, 2) and type float64; use pairs of names" in refused(path)


def test_a_heap_of_texts_that_hdf5_would_read_forever(nir_file):
    path = nir_file(NODES, EDGES)
    content = bytearray(path.read_bytes())
    heap = content.index(b"GCOL")
    place = heap + 16
    while content[place] or content[place + 1]:
        place += 16 + (int.from_bytes(content[place + 8 : place + 16], "little") + 7) // 8 * 8
    content[place + 8 : place + 16] = bytes(8)
    path.write_bytes(content)
    assert f"its heap of strings at byte {heap} is damaged" in refused(path)
