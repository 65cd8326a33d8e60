"""A simulator for large spiking neural networks: one seed gives the same spikes on any number of threads and ranks.

Describe a network with `simcore.network`, build and run it with `Simulator`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simcore.network import Network
    from simcore.recording.spikes import Spikes
    from simcore.simulator import Propagation, Simulator

_LOCATIONS = {
    "Network": "simcore.network",
    "Propagation": "simcore.simulator",
    "Simulator": "simcore.simulator",
    "Spikes": "simcore.recording.spikes",
}

__all__ = ["Network", "Propagation", "Simulator", "Spikes"]


def __getattr__(name: str) -> Any:
    """Import on use: thousands of ranks start this program, and every file opened costs."""
    if name not in _LOCATIONS:
        raise AttributeError(f"module 'simcore' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_LOCATIONS[name]), name)
