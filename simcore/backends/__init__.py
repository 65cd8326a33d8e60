"""Backends by name: `oracle` is the reference, `cpu` is fast."""

from importlib.util import find_spec

from simcore.backends.backend import Advance, Backend, Construction, Engine, Plan, Snapshot, add_skipped
from simcore.registry import Entry, Registry


def _numba_missing() -> str | None:
    return None if find_spec("numba") else "numba is not installed"


def _gpu_missing() -> str | None:
    from simcore.backends.gpu.device import gpu_unusable_because

    return gpu_unusable_because()


backends: Registry[Backend] = Registry(
    "backend",
    {
        "cpu": Entry("simcore.backends.cpu.backend:BACKEND", _numba_missing),
        "gpu": Entry("simcore.backends.gpu.backend:BACKEND", _gpu_missing),
        "oracle": Entry("simcore.backends.oracle:BACKEND"),
    },
)

__all__ = ["Advance", "Backend", "Construction", "Engine", "Plan", "Snapshot", "add_skipped", "backends"]
