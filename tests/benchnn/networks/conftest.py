"""Small NIR files, written with h5py as NIR's package writes them."""

from pathlib import Path

import h5py
import numpy as np
import pytest

TEXT = h5py.string_dtype()
DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "nir"


def write_node(group, node):
    """A node is (type, values by name); a graph (NIRGraph, nodes by name, edges)."""
    group.create_dataset("type", data=node[0], dtype=TEXT)
    if node[0] == "NIRGraph":
        write_graph(group, *node[1:])
        return
    for name, value in node[1].items():
        group.create_dataset(name, data=value, dtype=TEXT if isinstance(value, str) else None)


def write_graph(group, nodes, edges):
    for name, node in nodes.items():
        write_node(group.create_group(f"nodes/{name}"), node)
    group.create_dataset("edges", data=np.array(edges, dtype=object).reshape(-1, 2), dtype=TEXT)


@pytest.fixture
def nir_file(tmp_path):
    """Write a graph and return the path of its file."""

    def write(nodes, edges, name="net.nir"):
        path = tmp_path / name
        with h5py.File(path, "w") as file:
            file.create_dataset("version", data="1.0.8", dtype=TEXT)
            file.create_group("node").create_dataset("type", data="NIRGraph", dtype=TEXT)
            file["node"].create_group("nodes")
            write_graph(file["node"], nodes, edges)
        return path

    return write


@pytest.fixture
def published():
    """The path of a published graph."""

    def path(name):
        if not (DATA / name).exists():
            pytest.skip(f"the published graph {DATA / name} is not there")
        return DATA / name

    return path
