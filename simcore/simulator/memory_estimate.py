"""Memory that a rank will need, from the description, and the number of ranks with which it would fit."""

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
"""Objects that describe a projection, and its part of the tables, measured."""
MOST_RANKS = 1_000_000
FINE = 32
"""Numbers of ranks are found exactly up to twice this number, otherwise to one part in this number."""


@dataclass(frozen=True)
class MemoryEstimate:
    """Expected memory of a rank with the largest number of neurons.

    Parameters
    ----------
    ranks, threads
        The layout.
    delivery, delivery_reason
        Layout of the synapses, and why it was chosen.
    neurons, synapses
        Of the rank.
    parts
        Bytes by part, see `docs/ranks.md`.
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
        """Of the rank."""
        return sum(self.parts.values())

    @property
    def required_bytes(self) -> float:
        """Free memory without which a run is refused: its process may have to compile kernels."""
        return needed_bytes({name: size for name, size in self.parts.items() if name != PROCESS})


def expected_parts(backend: Backend, plan: Plan) -> dict[str, float]:
    """Bytes by part that a rank adds to those of a process that simulates nothing."""
    return {**backend.memory_estimate(plan), DESCRIPTION: description_bytes(plan.network, plan.tables)}


def description_bytes(network: Network, tables: Tables) -> float:
    """Bytes of the description and its tables, which every rank holds."""
    arrays: list[Any] = [look_up.entries for look_up in (*tables.weights, *tables.delays)]
    arrays += [array for drive in tables.drives if drive is not None for array in (drive.header, drive.thresholds)]
    values: list[Any] = [v for p in network.populations for v in (*p.params.values(), *p.initial.values())]
    values += [value for projection in network.projections for value in (projection.weight, projection.delay_ms)]
    arrays += [value for value in values if isinstance(value, np.ndarray)]
    sizes = {id(array): array.nbytes for array in arrays}
    return float(sum(sizes.values())) + BYTES_PER_PROJECTION * len(network.projections)


def expected_synapses(plan: Plan) -> float:
    """Synapses of a rank."""
    network = plan.network
    shares = {
        p.name: plan.placement.targets_of_rank(plan.rank, network.first_ids[p.name], p.size).count / p.size
        for p in network.populations
    }
    pairs = zip(network.projections, network.expected_by_projection, strict=True)
    return sum(synapses * shares[projection.target] for projection, synapses in pairs)


def on_ranks(plan: Plan, ranks: int) -> Plan:
    """The plan of a rank with the largest number of neurons, of `ranks` ranks."""
    placement = make_placement(plan.network, plan.placement.name, ranks, plan.placement.threads)
    rank = max(placement.first_ranks, key=placement.size_of_rank)
    return replace(plan, placement=placement, comm=DryRunCommunicator(rank, ranks, ()))


def fewest_ranks(backend: Backend, plan: Plan, limit: MemoryLimit, on_node: int = 1) -> tuple[int | None, str]:
    """The fewest ranks of which `on_node` fit a node of this memory, within 3 % beyond 64 ranks.

    Returns
    -------
    int or None
        None if no number suffices.
    str
        The largest part of a rank that does not become smaller, where that is so.
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
    """A number that fits, at most by a share of 1 / FINE larger than the least one; `low` does not fit, `high` does."""
    while high - low > max(1, low // FINE):
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle
    return high


def advice(backend: Backend, plan: Plan, on_node: int) -> Callable[[MemoryLimit], str]:
    """Advice for users whose memory does not suffice: a sufficient number of ranks."""

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
    """Expected memory of a rank of the cpu backend; builds nothing.

    Parameters
    ----------
    network
        The description.
    ranks, threads
        The layout: `ranks` processes of `threads` threads each.
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
