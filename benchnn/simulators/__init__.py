"""Peer simulators, which run the same `Network` on other simulators."""

from importlib.metadata import version
from importlib.util import find_spec
from math import inf

from benchnn.simulators.peer import Peer, PeerJob, PeerRun
from simcore.registry import Entry, Registry


def _missing(module: str, extra: str) -> str | None:
    if find_spec(module) is None:
        return f"{module} is not installed: pip install 'benchnn[{extra}]'"
    return None


def _release(package: str) -> tuple[int, ...]:
    """The first two numbers of the version of a package."""
    return tuple(int(number) for number in version(package).split(".")[:2])


def _missing_brian2() -> str | None:
    missing = _missing("brian2", "brian2")
    if missing is None and _release("brian2") < (2, 10) and _release("numpy") >= (2, 4):
        return f"brian2 {version('brian2')} does not work with NumPy {version('numpy')}: pip install 'numpy<2.4'"
    return missing


def _fault(name: str, implementation: object) -> str | None:
    """Reason why a plug-in is not a peer simulator of this name, or None."""
    if isinstance(implementation, type):
        return "is a class; the plug-in must offer an instance"
    parts = ("name", "modes", "bytes_per_synapse", "version", "check", "no_window", "simulate")
    lacking = [part for part in parts if not hasattr(implementation, part)]
    if lacking:
        return f"is not a peer simulator: {lacking[0]} is missing"
    modes, bytes_per_synapse = getattr(implementation, "modes", ()), getattr(implementation, "bytes_per_synapse", 0.0)
    if not (isinstance(modes, tuple) and modes and all(isinstance(mode, str) for mode in modes)):
        return f"has modes = {modes!r}; must be a tuple of at least one name"
    if not (isinstance(bytes_per_synapse, int | float) and 0.0 < bytes_per_synapse < inf):
        return f"has bytes_per_synapse = {bytes_per_synapse!r}; must be a number > 0"
    own = getattr(implementation, "name", None)
    return None if own == name else f"has the name {own!r}"


peers: Registry[Peer] = Registry(
    "simulator",
    {
        "nest": Entry("benchnn.simulators.nest.peer:PEER", lambda: _missing("nest", "nest")),
        "brian2": Entry("benchnn.simulators.brian2.peer:PEER", _missing_brian2),
    },
    group="benchnn.simulators",
    fault=_fault,
    reserved=("simcore",),
)

__all__ = ["Peer", "PeerJob", "PeerRun", "peers"]
