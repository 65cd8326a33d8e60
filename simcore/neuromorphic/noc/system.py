"""The network-on-chip that a sheet describes, for a number of cores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, integer
from simcore.neuromorphic.noc.bus import make_bus
from simcore.neuromorphic.noc.h_tree import make_h_tree
from simcore.neuromorphic.noc.ladder_bus import make_ladder_bus
from simcore.neuromorphic.noc.layout import Layout, make_layout
from simcore.neuromorphic.noc.mesh import make_mesh
from simcore.neuromorphic.noc.ring import make_ring
from simcore.neuromorphic.noc.star import make_star
from simcore.neuromorphic.noc.topology import BETWEEN_CHIPS, IntArray, Runs, Topology
from simcore.neuromorphic.noc.torus import make_torus
from simcore.neuromorphic.noc.triangular_torus import make_triangular_torus
from simcore.neuromorphic.sheets.sheet import Chip


@dataclass(frozen=True)
class Kind:
    """A known topology.

    Parameters
    ----------
    make
        Connects the routers of a layout.
    routings
        Values of ``routing`` that a sheet may state, in addition to ``table``.
    assumed
        Assumed route if the sheet states nothing or ``table``, in words; None if there is only one route.
    in_grid
        Whether routers form rows and columns.
    """

    make: Callable[[Layout, str], Topology]
    routings: tuple[str, ...]
    assumed: str | None
    in_grid: bool


TOPOLOGIES: Mapping[str, Kind] = {
    "mesh": Kind(make_mesh, ("xy", "yx"), "along its row first", True),
    "torus": Kind(make_torus, ("xy", "yx"), "along its row first, the shorter way around", True),
    "triangular_torus": Kind(make_triangular_torus, (), "a shortest route, the longer straight part first", True),
    "ring": Kind(make_ring, (), "the shorter way around", False),
    "bus": Kind(make_bus, ("direct",), None, False),
    "ladder_bus": Kind(make_ladder_bus, ("direct",), None, False),
    "h_tree": Kind(make_h_tree, ("direct",), None, False),
    "star": Kind(make_star, ("direct",), None, False),
}
ONE_TILE = Layout(1, 1, 1, 1, 1, ())


@dataclass(frozen=True, eq=False)
class System:
    """Cores, routers and links of as many chips as a network needs.

    Parameters
    ----------
    topology
        Topology of the sheet.
    multicast
        Whether routers copy a message for several cores.
    chips
        Number of chips with cores in use.
    tiles
        Number of routers with cores in use.
    router_of_core
        Router of each core, int32 (cores).
    slots
        Number of physical cores on the chips in use, occupied or free.
    router_of_slot
        Function that returns the routers, int32, of slots, int64.
    chip_of_router
        Chip of each router, int32 (routers). Chips from index `chips` only forward messages; -1 for a router between
        chips.
    position
        Positions of the routers in figures, float64 (routers, 2).
    link_origin, link_target
        Routers that each link connects in one direction, int32 (links). The arrays may be empty.
    link_kind
        0 for east-west, 1 for north-south, 2 for any other kind, int8 (links).
    link_crosses_chip
        Whether each link leads into another chip, bool (links).
    straight_on
        The link that continues in the same direction, int32 (links); -1 if there is none.
    runs
        Straight runs of messages between routers; see `Topology`.
    assumptions
        Sentences on figures that the sheet does not state.
    """

    topology: str
    multicast: bool
    chips: int
    tiles: int
    router_of_core: IntArray
    slots: int
    router_of_slot: Callable[[npt.NDArray[np.int64]], IntArray]
    chip_of_router: IntArray
    position: npt.NDArray[np.float64]
    link_origin: IntArray
    link_target: IntArray
    link_kind: npt.NDArray[np.int8]
    link_crosses_chip: npt.NDArray[np.bool_]
    straight_on: IntArray
    runs: Callable[[IntArray, IntArray], Runs]
    assumptions: tuple[str, ...]


def make_system(chip: Chip, n_cores: int, slot_of_core: npt.NDArray[np.int64] | None = None) -> System:
    """The network-on-chip for `n_cores` cores, with the fewest chips.

    Parameters
    ----------
    chip
        The sheet.
    n_cores
        Cores in use, at least 1.
    slot_of_core
        Slot of each core, int64 (cores,), see `simcore.neuromorphic.mapping.core_mapping.CoreMapping`; by default, the
        slots of a chip are filled before those of the next chip.

    Raises
    ------
    InputError
        If the sheet does not state a topology, or its routing does not fit the topology.
    """
    integer(n_cores, "cores", 1)
    name = chip.word("topology")
    if name is None and n_cores == 1:
        return _system("none", False, ONE_TILE, np.zeros(1, dtype=np.int64), make_mesh(ONE_TILE, "xy"), ())
    if name is None:
        raise InputError(
            f"{chip.name}: messages between {n_cores:,} cores cannot be routed: the topology is unknown "
            f"({chip.why_absent('topology')})"
        )
    kind = TOPOLOGIES[str(name)]
    layout = make_layout(chip, n_cores, kind.in_grid)
    routing, said = _routing(chip, str(name), kind)
    multicast = chip.word("multicast")
    if multicast is None:
        said += ("Multicast is not stated; assumed: one message for each destination core.",)
    slots = np.arange(n_cores, dtype=np.int64) if slot_of_core is None else slot_of_core
    return _system(str(name), bool(multicast), layout, slots, kind.make(layout, routing), said)


def _routing(chip: Chip, topology: str, kind: Kind) -> tuple[str, tuple[str, ...]]:
    stated = chip.word("routing")
    if stated in kind.routings:
        return str(stated), ()
    allowed = (*kind.routings, "table")
    if stated not in (None, "table"):
        raise InputError(
            f"{chip.name}: routing = {stated!r} does not fit topology {topology}: use {' or '.join(allowed)}"
        )
    if kind.assumed is None:
        return "direct", ()
    why = "is not stated" if stated is None else "depends on tables"
    return allowed[0], (f"The route of a message {why}; assumed: {kind.assumed}.",)


def _system(
    name: str,
    multicast: bool,
    layout: Layout,
    slots: npt.NDArray[np.int64],
    topology: Topology,
    said: tuple[str, ...],
) -> System:
    links, chip_of = topology.links, topology.chip_of_router
    router_of_core = layout.router_of_slot(slots)
    return System(
        name,
        multicast,
        chips=layout.chips,
        tiles=len(np.unique(router_of_core)),
        router_of_core=router_of_core,
        slots=layout.chips * layout.cores_per_chip,
        router_of_slot=layout.router_of_slot,
        chip_of_router=chip_of,
        position=topology.position,
        link_origin=links.origin,
        link_target=links.target,
        link_kind=links.kind,
        link_crosses_chip=(chip_of[links.origin] != chip_of[links.target]) & (chip_of[links.target] != BETWEEN_CHIPS),
        straight_on=links.straight_on,
        runs=topology.runs,
        assumptions=(*layout.assumptions, *topology.assumptions, *said),
    )
