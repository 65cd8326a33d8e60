"""Expected memory of a rank, computed from the description, and the sufficient number of ranks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simcore.backends import Backend, Plan, backends
from simcore.backends.backend import PROCESS
from simcore.comm.communicator import COLLECTIVE, EXCHANGES
from simcore.comm.dry_run import DryRunCommunicator
from simcore.display.words import counted
from simcore.errors import choice, integer, require
from simcore.memory import CACHED_BYTES, MORE_OR_LESS, MemoryLimit, needed_bytes
from simcore.network import Network
from simcore.placement import ROUND_ROBIN
from simcore.placement.choice import make_placement
from simcore.quantisation import WEIGHT_BITS
from simcore.synapses.layout import DELIVERIES, make_layout
from simcore.synapses.rows import make_rows
from simcore.tables import Tables, make_tables

DESCRIPTION = "description"
BYTES_PER_PROJECTION = 3000.0
"""Bytes of the objects that describe a projection and of its part of the tables, measured."""
MOST_RANKS = 1_000_000
FINE = 32
"""Numbers of ranks are exact up to twice this value, otherwise accurate to one part in this value."""


@dataclass(frozen=True)
class MemoryEstimate:
    """Expected memory of a rank with the largest number of neurons.

    Parameters
    ----------
    ranks, threads
        The layout.
    delivery, delivery_reason
        Delivery algorithm, and the reason for it.
    neurons, synapses
        Numbers of neurons and synapses of the rank.
    parts
        Bytes by part; see `docs/ranks.md`.
    """

    ranks: int
    threads: int
    delivery: str
    delivery_reason: str
    neurons: int
    synapses: float
    parts: dict[str, float]

    @property
    def bytes(self) -> float:
        """Sum of the parts."""
        return sum(self.parts.values())

    @property
    def required_bytes(self) -> float:
        """Free memory that a run requires, including memory for compiling kernels."""
        return needed_bytes({name: size for name, size in self.parts.items() if name != PROCESS})


def expected_parts(backend: Backend, plan: Plan) -> dict[str, float]:
    """Return the bytes by part that a rank adds to an idle process."""
    return {**backend.memory_estimate(plan), DESCRIPTION: description_bytes(plan.network, plan.tables)}


def description_bytes(network: Network, tables: Tables) -> float:
    """Return the bytes of the description and its tables, which every rank holds."""
    arrays: list[Any] = [look_up.entries for look_up in (*tables.weights, *tables.delays)]
    arrays += [array for drive in tables.drives if drive is not None for array in (drive.header, drive.thresholds)]
    values: list[Any] = [v for p in network.populations for v in (*p.params.values(), *p.initial.values())]
    values += [value for projection in network.projections for value in (projection.weight, projection.delay_ms)]
    arrays += [value for value in values if isinstance(value, np.ndarray)]
    sizes = {id(array): array.nbytes for array in arrays}
    return float(sum(sizes.values())) + BYTES_PER_PROJECTION * len(network.projections)


def expected_synapses(plan: Plan) -> float:
    """Return the number of synapses of a rank."""
    network = plan.network
    shares = {
        p.name: plan.placement.targets_of_rank(plan.rank, network.first_ids[p.name], p.size).count / p.size
        for p in network.populations
    }
    pairs = zip(network.projections, network.expected_by_projection, strict=True)
    return sum(synapses * shares[projection.target] for projection, synapses in pairs)


def on_ranks(plan: Plan, ranks: int) -> Plan:
    """Return the plan of a rank with the largest number of neurons, of `ranks` ranks."""
    placement = make_placement(plan.network, plan.placement.name, ranks, plan.placement.threads)
    rank = max(placement.first_ranks, key=placement.size_of_rank)
    return replace(plan, placement=placement, comm=DryRunCommunicator(rank, ranks, ()))


def fewest_ranks(backend: Backend, plan: Plan, limit: MemoryLimit, on_node: int = 1) -> tuple[int | None, str]:
    """Return the smallest number of ranks of which `on_node` fit a node of this memory, within 3 % beyond 64 ranks.

    Returns
    -------
    int or None
        None if no number suffices.
    str
        Largest part of a rank that does not decrease with the number of ranks, if no number suffices.
    """

    def parts(ranks: int) -> dict[str, float]:
        return expected_parts(backend, on_ranks(plan, ranks))

    def fits(ranks: int) -> bool:
        return needed_bytes(parts(ranks), on_node) <= limit.free_bytes

    most = min(MOST_RANKS, plan.network.n_neurons)
    low, high = 0, min(plan.placement.ranks, most)
    while not fits(high):
        if high == most:
            left = parts(most)
            return None, max(left, key=lambda name: left[name])
        low, high = high, min(2 * high, most)
    return _first(fits, low, high), ""


def _first(fits: Callable[[int], bool], low: int, high: int) -> int:
    """Return a number that fits, within a share of 1 / FINE of the smallest one; `low` does not fit, `high` does."""
    while high - low > max(1, low // FINE):
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle
    return high


def advice(backend: Backend, plan: Plan, on_node: int) -> Callable[[MemoryLimit], str]:
    """Return advice for users with insufficient memory: a sufficient number of ranks."""

    def text(limit: MemoryLimit) -> str:
        if not backend.threaded:
            return MORE_OR_LESS
        ranks, largest = fewest_ranks(backend, plan, limit, on_node)
        if ranks is None:
            return f"no number of ranks suffices, as {largest!r} grows with the whole network; use larger nodes"
        each = "one on each node" if on_node == 1 else f"{on_node} on each node"
        layout = f"{counted(ranks, 'rank')} of {counted(plan.placement.threads, 'thread')}"
        return f"{layout} would suffice, {each} with this memory; or use a smaller network"

    return text


def estimated_memory(
    network: Network,
    *,
    ranks: int = 1,
    threads: int = 1,
    seed: int = 1,
    precision: str = "float32",
    weight_bits: int = 16,
    accept_quantisation: bool = False,
    delivery: str = "auto",
    exchange: str = COLLECTIVE,
    placement: str = ROUND_ROBIN,
) -> tuple[MemoryEstimate, Plan]:
    """Return the expected memory of a rank of the cpu backend, without network construction.

    Parameters
    ----------
    network
        The description.
    ranks, threads
        Number of ranks, and of threads of each rank.
    seed, precision, weight_bits, accept_quantisation, delivery, exchange, placement
        See `Simulator`.

    Returns
    -------
    MemoryEstimate
    Plan
        The plan of that rank, for `fewest_ranks`.

    Raises
    ------
    InputError
        If an option is wrong.
    """
    ranks, threads = integer(ranks, "ranks", 1, MOST_RANKS), integer(threads, "threads", 1)
    choice(delivery, "delivery", DELIVERIES)
    choice(exchange, "exchange", EXCHANGES)
    require(weight_bits in WEIGHT_BITS, "weight_bits", weight_bits, "use 8, 16 or 32")
    tables = make_tables(network, weight_bits, accept_quantisation)
    owners = make_placement(network, placement, 1, threads)
    on_one = Plan(
        network, tables, owners, DryRunCommunicator(0, 1, ()), seed, precision, delivery=delivery, exchange=exchange
    )
    plan = on_ranks(on_one, ranks)
    layout = make_layout(network, tables, make_rows(network, tables), plan.placement, delivery)
    neurons = plan.placement.size_of_rank(plan.rank)
    estimate = MemoryEstimate(
        ranks,
        threads,
        layout.name,
        layout.reason,
        neurons,
        expected_synapses(plan),
        {**expected_parts(backends.get("cpu"), plan), PROCESS: CACHED_BYTES},
    )
    return estimate, plan
