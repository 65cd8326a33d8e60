"""Peer simulators: thin builders that run the same `Network` elsewhere."""

from importlib.util import find_spec

from benchnn.simulators.peer import Peer, PeerJob, PeerRun
from simcore.registry import Entry, Registry


def _missing(module: str, extra: str) -> str | None:
    if find_spec(module) is None:
        return f"{module} is not installed: pip install 'benchnn[{extra}]'"
    return None


peers: Registry[Peer] = Registry(
    "simulator",
    {
        "nest": Entry("benchnn.simulators.nest.peer:PEER", lambda: _missing("nest", "nest")),
        "brian2": Entry("benchnn.simulators.brian2.peer:PEER", lambda: _missing("brian2", "brian2")),
    },
)

__all__ = ["Peer", "PeerJob", "PeerRun", "peers"]
