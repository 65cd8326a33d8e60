"""Checks of the limits of a network-on-chip for a mapped network: reach of messages, and entries of routing tables."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator
from simcore.memory import require_memory
from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.mapping.limits import Check, Merging, check_limit
from simcore.neuromorphic.noc.routes import messages
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.noc.tables import links_of_tree, make_tables
from simcore.neuromorphic.sheets.sheet import Chip

IntArray = npt.NDArray[np.int64]
REACH, PER_ROUTER, PER_CORE = "reach_routers", "router_entries_per_router", "router_entries_per_core"


def network_checks(
    chip: Chip, system: System, axons: Axons, core_of: IntArray, comm: Communicator | None = None
) -> list[Check]:
    """Check the reach of messages and the size of routing tables; collective, with the same result on all ranks.

    Only quantities that the sheet limits are counted.

    Parameters
    ----------
    chip
        The sheet.
    system
        Routers and links.
    axons
        Axons of the neurons of this rank.
    core_of
        Core of each neuron of the network, int64.
    comm
        Communicator; neurons are distributed over its ranks.
    """
    comm = comm or LocalCommunicator()
    distances = None
    if chip.count(REACH) is not None:
        distances = np.zeros(len(core_of), np.int64)
        for rank, part in enumerate(comm.gather(farthest(system, axons, core_of))):
            distances[rank :: comm.size] = part
    reach = check_limit(chip, REACH, "links along one axis", distances, "neuron")
    return [reach, *_table_checks(chip, system, axons, core_of, comm)]


def _table_checks(chip: Chip, system: System, axons: Axons, core_of: IntArray, comm: Communicator) -> list[Check]:
    shared, entries, merging = (chip.count("cores_per_router") or 1) > 1, None, None
    if chip.count(PER_ROUTER) is not None or chip.count(PER_CORE) is not None:
        if chip.word("routing") == "table":
            entries, unmerged, different = merged_entries(system, axons, core_of, comm)
            worst = int(np.argmax(entries))
            merging = Merging(int(unmerged[worst]), int(different[worst]), int(unmerged.max()))
        else:
            entries = router_entries(system, axons, core_of, comm)
    checks = [
        check_limit(chip, PER_ROUTER, "entries", entries, "router"),
        check_limit(chip, PER_CORE, "entries", None if shared else entries, "core", "several cores share a router"),
    ]
    return [check if check.largest is None else replace(check, merging=merging) for check in checks]


def merged_entries(
    system: System, axons: Axons, core_of: IntArray, comm: Communicator | None = None
) -> tuple[IntArray, IntArray, IntArray]:
    """Entries of each routing table with merging, without merging, and their different routes, int64 (routers,) each.

    All ranks call this together. For the parameters see `router_entries`, which counts entries without merging.

    Raises
    ------
    ResourceError
        If a byte for each pair of cores, and for each core and link, does not fit into memory.
    """
    comm = comm or LocalCommunicator()
    counts = np.zeros((3, len(system.chip_of_router)), np.int64)
    for table in make_tables(system, axons, core_of, comm):
        counts[:, table.router] = len(table.keys), table.unmerged, table.different
    everywhere: IntArray = np.sum(comm.gather(counts), axis=0)
    return everywhere[0], everywhere[1], everywhere[2]


def farthest(system: System, axons: Axons, core_of: IntArray) -> IntArray:
    """Largest number of links along one axis that a message of each source passes, int64 (sources,)."""
    distances = np.zeros(len(axons.sources), np.int64)
    # A run may be empty and begin after the last link.
    kinds = np.append(system.link_kind, 0)
    for sent in messages(system, axons, core_of):
        first, end = system.runs(sent.origins, sent.targets)
        passed, kind = end - first, kinds[first]
        along = np.max([np.sum(passed, axis=0, where=kind == axis) for axis in np.unique(kinds)], axis=0)
        np.maximum.at(distances, sent.low + sent.source, along)
    return distances


def router_entries(system: System, axons: Axons, core_of: IntArray, comm: Communicator | None = None) -> IntArray:
    """Number of entries of each routing table, int64 (routers,); all ranks call this together.

    All neurons of a core share a tree to every core that any of them reaches. A router needs an entry for each tree
    that begins, ends, branches or turns there; messages without an entry are forwarded straight on.

    Parameters
    ----------
    system
        Routers and links.
    axons
        Axons of the neurons of this rank.
    core_of
        Core of each neuron of the network, int64.
    comm
        Communicator; neurons are distributed over its ranks.

    Raises
    ------
    ResourceError
        If a byte for each core and router does not fit into memory.
    """
    comm = comm or LocalCommunicator()
    entries = np.zeros(len(system.chip_of_router), np.int64)
    cores, targets = _destinations(system, axons, core_of, comm)
    firsts = np.flatnonzero(np.diff(cores, prepend=-1))
    for core, reached in zip(cores[firsts], np.split(targets, firsts[1:]), strict=False):
        _add_tree(system, system.router_of_core[core], reached, entries)
    everywhere: IntArray = np.sum(comm.gather(entries), axis=0)
    return everywhere


def _destinations(
    system: System, axons: Axons, core_of: IntArray, comm: Communicator
) -> tuple[IntArray, npt.NDArray[np.int32]]:
    """Pairs of a core of this rank and a router with targets of any of its neurons, in order of the core."""
    n_cores, n_routers = len(system.router_of_core), len(system.chip_of_router)
    require_memory({"pairs of cores and routers": float(n_cores * n_routers)}, "the tables of routers")
    leads_to = np.zeros(n_cores * n_routers, np.bool_)
    for sent in messages(system, axons, core_of):
        cores = core_of[axons.sources[sent.low : sent.high]][sent.source]
        leads_to[cores * n_routers + sent.targets] = True
    pairs = np.flatnonzero(leads_to)
    owner = pairs // n_routers % comm.size
    parts = [np.divmod(pairs[owner == rank], n_routers) for rank in range(comm.size)]
    cores, routers = (
        np.concatenate(comm.all_to_all([part[column].astype(np.uint32) for part in parts])).astype(np.int64)
        for column in range(2)
    )
    cores, routers = np.divmod(np.unique(cores * n_routers + routers), n_routers)
    return cores, routers.astype(np.int32)


def _add_tree(system: System, origin: np.int32, targets: npt.NDArray[np.int32], entries: IntArray) -> None:
    n_routers = len(entries)
    used = links_of_tree(system, origin, targets)
    links = np.flatnonzero(used)
    reached, ahead = system.link_target[links], system.straight_on[links]
    leaving = np.bincount(system.link_origin[links], minlength=n_routers)
    delivers = np.zeros(n_routers, dtype=np.bool_)
    delivers[targets] = True
    straight = (ahead >= 0) & used[ahead] & (leaving[reached] == 1) & ~delivers[reached]
    entries[reached[~straight]] += 1
    entries[origin] += 1
