"""Backends by name: `oracle` decides what is right, `cpu` is fast."""

from importlib.util import find_spec

from simcore.backends.backend import Advance, Backend, Construction, Engine, Plan, Snapshot
from simcore.registry import Entry, Registry


def _numba_missing() -> str | None:
    return None if find_spec("numba") else "numba is not installed"


backends: Registry[Backend] = Registry(
    "backend",
    {
        "cpu": Entry("simcore.backends.cpu.backend:BACKEND", _numba_missing),
        "oracle": Entry("simcore.backends.oracle:BACKEND"),
    },
)

__all__ = ["Advance", "Backend", "Construction", "Engine", "Plan", "Snapshot", "backends"]
