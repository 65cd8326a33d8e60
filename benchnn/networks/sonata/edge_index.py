"""The index of an edge file, by which readers find the edges of a node without reading all of them."""

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]


def edge_index(nodes: IntArray, n_nodes: int) -> dict[str, npt.NDArray[np.uint64]]:
    """The index over one end of the edges, in the layout of the SONATA specification.

    Parameters
    ----------
    nodes
        Node at this end of each edge, int64, shape (edges,).
    n_nodes
        Nodes of the population at this end.

    Returns
    -------
    dict
        ``range_to_edge_id``, uint64, shape (ranges, 2): first edge, and the edge after the last one, of each range of
        edges of one node; ``node_id_to_ranges``, uint64, shape (n_nodes, 2): likewise the ranges of each node, [0, 0]
        where it has none; and the same by the name that bmtk has for it, ``node_id_to_range``.
    """
    starts = np.flatnonzero(np.diff(nodes, prepend=-1))
    ranges = np.stack([starts, np.append(starts[1:], len(nodes))[: len(starts)]], axis=1)
    owners = nodes[starts]
    order = np.argsort(owners, kind="stable")
    counts = np.bincount(owners, minlength=n_nodes)
    ends = np.cumsum(counts)
    of_nodes = np.where(counts > 0, np.stack([ends - counts, ends]), 0).T.astype(np.uint64)
    by_node = dict.fromkeys(("node_id_to_ranges", "node_id_to_range"), of_nodes)
    return {"range_to_edge_id": ranges[order].astype(np.uint64), **by_node}
