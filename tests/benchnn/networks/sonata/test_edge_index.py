"""The index of an edge file has every edge of a node, and no other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchnn.networks.sonata.edge_index import edge_index


@given(st.lists(st.integers(0, 7), max_size=40), st.integers(8, 12))
def test_the_ranges_of_a_node_are_its_edges(nodes, n_nodes):
    found = edge_index(np.array(nodes, dtype=np.int64), n_nodes)
    ranges, by_node = found["range_to_edge_id"], found["node_id_to_ranges"]
    assert by_node.shape == (n_nodes, 2) and np.array_equal(by_node, found["node_id_to_range"])
    for node in range(n_nodes):
        first, end = by_node[node].tolist()
        edges = [edge for low, high in ranges[first:end].tolist() for edge in range(low, high)]
        assert edges == [place for place, owner in enumerate(nodes) if owner == node]
