"""Routing tables: the links and cores to which messages with given keys are sent."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator
from simcore.memory import require_memory
from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.noc.merging import merged
from simcore.neuromorphic.noc.system import System

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Keys:
    """The keys of messages: one block per core, with one key per neuron of the core.

    Parameters
    ----------
    neuron_bits
        Number of bits of a key for the neurons of a core; the bits above are the number of the block.
    block_of_core
        Block of each core, int64 (cores,). The cores of a router have consecutive blocks, which begin at a multiple of
        the same power of two, so that entries for them can be merged.
    """

    neuron_bits: int
    block_of_core: IntArray


@dataclass(frozen=True, eq=False)
class Table:
    """The entries of a router: the first with ``key == message & mask`` determines the route.

    A message without a matching entry is forwarded straight on.

    Parameters
    ----------
    router
        Number of the router.
    keys, masks
        int64 (entries,).
    routes
        Whether a message is sent to each of `links` and each of `cores`, bool (entries, links + cores).
    links, cores
        Links that leave the router, and cores of the router, int64.
    unmerged
        Number of entries without merging: one for each core whose tree begins, ends, branches or turns here.
    different
        Number of different routes of these entries, a lower bound for any merging.
    """

    router: int
    keys: IntArray
    masks: IntArray
    routes: BoolArray
    links: IntArray
    cores: IntArray
    unmerged: int
    different: int


def make_keys(system: System, core_of: IntArray) -> Keys:
    """A block of keys for each core, router by router.

    Parameters
    ----------
    system
        Routers and links.
    core_of
        Core of each neuron of the network, int64.
    """
    n_cores = len(system.router_of_core)
    _, router, cores = np.unique(system.router_of_core, return_inverse=True, return_counts=True)
    order = np.argsort(router, kind="stable")
    position = np.empty(n_cores, np.int64)
    position[order] = np.arange(n_cores) - (np.cumsum(cores) - cores)[router[order]]
    most = int(np.bincount(core_of, minlength=n_cores).max())
    return Keys(_bits(most), (router << _bits(int(cores.max()))) + position)


def _bits(things: int) -> int:
    """Number of bits that distinguish `things` things."""
    return (things - 1).bit_length()


def make_tables(system: System, axons: Axons, core_of: IntArray, comm: Communicator | None = None) -> Iterator[Table]:
    """Yield the tables of this rank's routers, ``rank, rank + ranks, ...``; all ranks must call this and exhaust it.

    All neurons of a core share a tree to every core that any of them reaches.

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
        If a byte for each pair of cores, and for each core and link, does not fit into memory.
    """
    comm = comm or LocalCommunicator()
    keys = make_keys(system, core_of)
    leads_to, uses = _trees(system, axons, core_of, comm)
    for router in range(comm.rank, len(system.chip_of_router), comm.size):
        yield _table(system, router, keys, leads_to, uses)


def _trees(system: System, axons: Axons, core_of: IntArray, comm: Communicator) -> tuple[BoolArray, BoolArray]:
    """Cores to which each core sends, and links of its tree, bool (cores, cores) and (cores, links)."""
    from simcore.neuromorphic.noc.table_kernels import mark_targets

    n_cores, n_links = len(system.router_of_core), len(system.link_origin)
    require_memory({"pairs of cores": 2.0 * n_cores * (n_cores + n_links)}, "the tables of routers")
    leads_to = np.zeros((n_cores, n_cores), np.bool_)
    mark_targets(core_of[axons.sources], axons.starts, axons.cores, leads_to)
    # Each rank merges the targets of its share of the cores, finds their trees, and sends them to all ranks.
    sent = [_packed(leads_to[rank :: comm.size]) for rank in range(comm.size)]
    own = np.bitwise_or.reduce(comm.all_to_all(sent))
    own_cores = np.arange(comm.rank, n_cores, comm.size)
    reached = _unpacked(own, len(own_cores), n_cores)
    own_uses = np.zeros((len(own_cores), n_links), np.bool_)
    for core, targets, used in zip(own_cores, reached, own_uses, strict=True):
        routers = np.unique(system.router_of_core[targets])
        used[:] = links_of_tree(system, system.router_of_core[core], routers)
    uses = np.zeros((n_cores, n_links), np.bool_)
    for rank, (some, links) in enumerate(comm.gather((own, _packed(own_uses)))):
        share = len(range(rank, n_cores, comm.size))
        leads_to[rank :: comm.size] = _unpacked(some, share, n_cores)
        uses[rank :: comm.size] = _unpacked(links, share, n_links)
    return leads_to, uses


def links_of_tree(system: System, origin: np.int32, targets: npt.NDArray[np.int32]) -> BoolArray:
    """Links that a multicast message from a router to `targets` passes, bool (links,).

    Parameters
    ----------
    system
        Routers and links.
    origin, targets
        The routers.
    """
    n_links = len(system.link_origin)
    first, end = system.runs(np.full_like(targets, origin), targets)
    begun, ended = (np.bincount(part.ravel(), minlength=n_links + 1) for part in (first, end))
    used: BoolArray = np.cumsum(begun - ended)[:n_links] > 0
    return used


def _packed(marks: BoolArray) -> npt.NDArray[np.uint32]:
    """Bits in words, for an exchange."""
    packed = np.packbits(marks)
    return np.pad(packed, (0, -len(packed) % 4)).view(np.uint32)


def _unpacked(words: npt.NDArray[np.uint32], rows: int, columns: int) -> BoolArray:
    bits: BoolArray = np.unpackbits(words.view(np.uint8), count=rows * columns).reshape(rows, columns).view(np.bool_)
    return bits


def _table(system: System, router: int, keys: Keys, leads_to: BoolArray, uses: BoolArray) -> Table:
    links, cores = np.flatnonzero(system.link_origin == router), np.flatnonzero(system.router_of_core == router)
    routes = np.concatenate([uses[:, links], leads_to[:, cores]], axis=1)
    passes = np.zeros(len(routes), np.bool_)
    for link in np.flatnonzero(system.link_target == router):
        ahead = system.straight_on[link]
        if ahead >= 0:
            passes |= uses[:, link] & uses[:, ahead]
    # A message passes through if it has no other destinations here.
    passes &= routes.sum(axis=1) == 1
    here = np.flatnonzero(routes.any(axis=1))
    kinds, kind = np.unique(np.packbits(routes[here], axis=1), axis=0, return_inverse=True)
    kind, passing = kind.ravel(), passes[here]
    entries = merged(keys.block_of_core[here], kind, passing)
    needed = kind[~passing]
    bits = keys.neuron_bits
    width = bits + int(keys.block_of_core.max()).bit_length()
    masks = (1 << width) - 1 & ~(entries.spans << bits | (1 << bits) - 1)
    different = np.unpackbits(kinds, axis=1, count=routes.shape[1]).view(np.bool_)
    return Table(
        router,
        entries.keys << bits,
        masks,
        different[entries.routes],
        links,
        cores,
        len(needed),
        len(np.unique(needed)),
    )
