"""Tori: meshes whose rows and columns are closed, over the borders of all chips.

Along each axis a message goes the shorter way round; of two that are equal, east or north.
"""

from simcore.neuromorphic.noc.layout import Layout
from simcore.neuromorphic.noc.mesh import make_mesh
from simcore.neuromorphic.noc.topology import Topology


def make_torus(layout: Layout, routing: str) -> Topology:
    """A torus over all chips."""
    return make_mesh(layout, routing, closed=True)
