"""Benchmark suite and command line for simulators of spiking neural networks.

In Python, `run` simulates a network as ``benchnn run`` does and returns a `Run`, `read` returns the `Run` of a folder,
`progress` shows the progress of a simulator, and `benchnn.plot` draws results.
"""

from typing import TYPE_CHECKING, Any

from benchnn.record.version import __version__

if TYPE_CHECKING:
    from benchnn import plot
    from benchnn.record.recorded_run import Run, read
    from benchnn.running.calling import run
    from benchnn.running.simulator_progress import progress

__all__ = ["Run", "__version__", "plot", "progress", "read", "run"]

_LOCATIONS = {
    "Run": "benchnn.record.recorded_run",
    "progress": "benchnn.running.simulator_progress",
    "read": "benchnn.record.recorded_run",
    "run": "benchnn.running.calling",
}


def __getattr__(name: str) -> Any:
    """Import on use: the command line starts at once."""
    import importlib

    if name == "plot":
        return importlib.import_module("benchnn.plot")
    if name not in _LOCATIONS:
        raise AttributeError(f"module 'benchnn' has no attribute {name!r}")
    return getattr(importlib.import_module(_LOCATIONS[name]), name)


def __dir__() -> list[str]:
    """List the names that a shell or a notebook completes."""
    return sorted({*globals(), *__all__})
