"""The limits of a network-on-chip against the messages of a mapped network."""

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator
from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.mapping.limits import Check, check_limit
from simcore.neuromorphic.noc.router_tables import router_entries
from simcore.neuromorphic.noc.routes import messages
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.sheets.sheet import Chip

IntArray = npt.NDArray[np.int64]
REACH, PER_ROUTER, PER_CORE = "reach_routers", "router_entries_per_router", "router_entries_per_core"


def network_checks(
    chip: Chip, system: System, axons: Axons, core_of: IntArray, comm: Communicator | None = None
) -> list[Check]:
    """How far messages go and what tables of routers hold; all ranks call this together and learn the same.

    What the sheet does not limit is not counted.

    Parameters
    ----------
    chip
        The sheet.
    system
        Routers and links.
    axons
        Destinations of this rank's neurons.
    core_of
        Core of each neuron of the network, int64.
    comm
        Neurons are dealt to its ranks.
    """
    comm = comm or LocalCommunicator()
    distances = entries = None
    if chip.count(REACH) is not None:
        distances = np.zeros(len(core_of), np.int64)
        for rank, part in enumerate(comm.gather(farthest(system, axons, core_of))):
            distances[rank :: comm.size] = part
    if chip.count(PER_ROUTER) is not None or chip.count(PER_CORE) is not None:
        entries = router_entries(system, axons, core_of, comm)
    shared = (chip.count("cores_per_router") or 1) > 1
    return [
        check_limit(chip, REACH, "links along an axis", distances, "neuron"),
        check_limit(chip, PER_ROUTER, "entries", entries, "router"),
        check_limit(chip, PER_CORE, "entries", None if shared else entries, "core", "cores share routers"),
    ]


def farthest(system: System, axons: Axons, core_of: IntArray) -> IntArray:
    """Most links along one axis that a message of each source passes, int64 (sources,)."""
    distances = np.zeros(len(axons.sources), np.int64)
    # A run may be empty and begin behind the last link.
    kinds = np.append(system.link_kind, 0)
    for low, high, origins, targets in messages(system, axons, core_of):
        first, end = system.runs(origins, targets)
        passed, kind = end - first, kinds[first]
        along = np.max([np.sum(passed, axis=0, where=kind == axis) for axis in np.unique(kinds)], axis=0)
        source = np.repeat(np.arange(low, high), np.diff(axons.starts[low : high + 1]))
        np.maximum.at(distances, source, along)
    return distances
