"""Costs of messages between ranks: given values, a named interconnect, or a measurement on this machine."""

import json
import subprocess
import sys
from dataclasses import dataclass

from benchnn.interconnects.exchange_time import CommunicationModel
from benchnn.interconnects.interconnect import Link, load_interconnect, require_cost
from benchnn.running.launcher import mpi_launcher
from simcore.comm.launch import environment_of_child
from simcore.errors import UnavailableError, require

GIVEN = "given"
MEASURED = "measured between two ranks of this machine"


@dataclass(frozen=True)
class MessageOptions:
    """Options of the costs of messages on the command line.

    Parameters
    ----------
    interconnect
        Name or file of an interconnect; see `benchnn.interconnects.interconnect.load_interconnect`.
    latency_us, bandwidth_gb_s
        Latency of a message and bandwidth between nodes; they replace the values of the interconnect. Measured if
        neither is given.
    ranks_per_node
        Number of ranks on a node.
    node_latency_us, node_bandwidth_gb_s
        Latency of a message and bandwidth between ranks of a node; measured if not given.
    """

    interconnect: str | None = None
    latency_us: float | None = None
    bandwidth_gb_s: float | None = None
    ranks_per_node: int = 1
    node_latency_us: float | None = None
    node_bandwidth_gb_s: float | None = None

    def __post_init__(self) -> None:
        require(self.ranks_per_node >= 1, "ranks_per_node", self.ranks_per_node, "must be >= 1")
        for name in ("latency_us", "bandwidth_gb_s", "node_latency_us", "node_bandwidth_gb_s"):
            value = getattr(self, name)
            if value is not None:
                require_cost(value, name)
            meaningless = name.startswith("node_") and self.ranks_per_node == 1
            require(value is None or not meaningless, name, value, "it requires --ranks-per-node of at least 2")
        if self.interconnect is not None:
            load_interconnect(self.interconnect)


def communication_model(messages: MessageOptions, ranks: int, here: Link | None = None) -> CommunicationModel | None:
    """Return the costs between `ranks` ranks, measured if they are needed and not given; None for one rank.

    Parameters
    ----------
    messages
        The given costs.
    ranks
        Number of ranks.
    here
        Costs between two ranks of this machine, if already measured.

    Raises
    ------
    InputError
        If the interconnect is unknown or its file is wrong.
    UnavailableError
        If a cost must be measured and cannot be measured.
    """
    if ranks == 1:
        return None
    named = None if messages.interconnect is None else load_interconnect(messages.interconnect)
    far = _link(messages.latency_us, messages.bandwidth_gb_s, named)
    near = _link(messages.node_latency_us, messages.node_bandwidth_gb_s, None)
    shared = messages.ranks_per_node > 1
    missing = (shared and near is None) or (far is None and ranks > messages.ranks_per_node)
    if missing and here is None:
        here = measured_link()
    inside = (near or _link(messages.node_latency_us, messages.node_bandwidth_gb_s, here)) if shared else None
    between = far or _link(messages.latency_us, messages.bandwidth_gb_s, here) or inside
    if between is None:
        return None
    return CommunicationModel(
        between.latency_us, between.bandwidth_gb_s, between.source, messages.ranks_per_node, inside
    )


def _link(latency_us: float | None, bandwidth_gb_s: float | None, other: Link | None) -> Link | None:
    """The given values, completed by the values of `other`; None if values are missing."""
    if latency_us is not None and bandwidth_gb_s is not None:
        return Link(latency_us, bandwidth_gb_s, GIVEN)
    if other is None or (latency_us is None and bandwidth_gb_s is None):
        return other
    which = "latency" if latency_us is not None else "bandwidth"
    return Link(
        latency_us or other.latency_us, bandwidth_gb_s or other.bandwidth_gb_s, f"{which} given; {other.source}"
    )


def measured_link() -> Link:
    """Measure latency and bandwidth between two ranks of this machine.

    Raises
    ------
    UnavailableError
        If two ranks cannot be started.
    """
    try:
        words, added = mpi_launcher()
        command = [word.format(ranks=2) for word in words] + [sys.executable, "-m", "simcore.comm.probe"]
        environment = {**environment_of_child(), **added}
        probe = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=environment)
        found: dict[str, float] = json.loads(probe.stdout)
        return Link(found["latency_us"], found["bandwidth_gb_s"], MEASURED)
    except (UnavailableError, OSError, subprocess.SubprocessError, ValueError) as error:
        raise UnavailableError(
            f"the cost of messages cannot be measured ({error}); pass --latency-us and --bandwidth-gb-s"
        ) from error
