"""Tori: meshes whose rows and columns are closed, over the borders of all chips.

Along each axis a message takes the shorter way around, or east or north if both are equally long.
"""

from simcore.neuromorphic.noc.layout import Layout
from simcore.neuromorphic.noc.mesh import make_mesh
from simcore.neuromorphic.noc.topology import Topology


def make_torus(layout: Layout, routing: str) -> Topology:
    """A torus over all chips."""
    return make_mesh(layout, routing, closed=True)
