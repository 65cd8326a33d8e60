"""The time of an exchange of spikes between ranks, from latencies and bandwidths.

The time of a message is its latency plus its bytes divided by the bandwidth (Hockney 1994, Parallel Comput. 20:389).
Collective exchanges use the algorithms of MPI libraries (Thakur, Rabenseifner, Gropp 2005, Int. J. High Perform.
Comput. Appl. 19:49).
"""

import math
from dataclasses import dataclass

from benchnn.interconnects.interconnect import Link
from simcore.comm.communicator import COLLECTIVE


@dataclass(frozen=True)
class CommunicationModel:
    """Costs of messages between nodes and between ranks of a node.

    Consecutive ranks share a node. The ranks of a node share the bandwidth of one adapter to other nodes.

    Parameters
    ----------
    latency_us, bandwidth_gb_s, source
        Costs of a message between nodes; see `Link`.
    ranks_per_node
        Number of ranks on a node.
    inside_node
        Costs between the ranks of a node; None if a node has one rank.
    """

    latency_us: float
    bandwidth_gb_s: float
    source: str
    ranks_per_node: int = 1
    inside_node: Link | None = None

    def exchange_s(self, kind: str, ranks: int, destinations: int, block_bytes: int) -> float:
        """Return the seconds of an exchange in which every rank sends blocks of `block_bytes`.

        Parameters
        ----------
        kind
            ``collective`` or ``directed``.
        ranks
            Number of ranks.
        destinations
            Number of ranks to which a rank sends in a directed exchange.
        block_bytes
            Size of a block in bytes.
        """
        between = Link(self.latency_us, self.bandwidth_gb_s, self.source)
        inside = self.inside_node or between
        neighbours = min(ranks, self.ranks_per_node)
        if kind == COLLECTIVE:
            return min(
                _doubling_s(inside, between, neighbours, ranks, block_bytes),
                _ring_s(inside if ranks == neighbours else between, ranks, block_bytes),
            )
        near = destinations * (neighbours - 1) / max(1, ranks - 1)
        far_s = _message_s(between, neighbours * block_bytes)
        return near * _message_s(inside, block_bytes) + (destinations - near) * far_s


def _message_s(link: Link, n_bytes: int) -> float:
    return link.latency_us * 1e-6 + n_bytes / (link.bandwidth_gb_s * 1e9)


def _doubling_s(inside: Link, between: Link, neighbours: int, ranks: int, block_bytes: int) -> float:
    """Recursive doubling: few rounds, but each rank of a node receives the blocks of all other nodes separately."""
    near_rounds = math.ceil(math.log2(neighbours))
    far_rounds = math.ceil(math.log2(ranks)) - near_rounds
    near_bytes = (neighbours - 1) * block_bytes
    far_bytes = neighbours * (ranks - neighbours) * block_bytes
    rounds_s = (near_rounds * inside.latency_us + far_rounds * between.latency_us) * 1e-6
    return rounds_s + near_bytes / (inside.bandwidth_gb_s * 1e9) + far_bytes / (between.bandwidth_gb_s * 1e9)


def _ring_s(slowest: Link, ranks: int, block_bytes: int) -> float:
    """A ring: a round for each other rank, in which each node sends one block to the next node."""
    return (ranks - 1) * _message_s(slowest, block_bytes)
