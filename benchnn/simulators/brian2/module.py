"""Brian2's Python module, imported quietly, and the settings of a simulation."""

import sys
from functools import cache
from typing import Any

from benchnn.simulators.peer import PeerJob

EXACT_FLAG = "-ffp-contract=off"
"""Without it the compiler fuses products and sums, which rounds once where NEST and simcore round twice."""


@cache
def brian2_module() -> Any:
    """The module ``brian2``, which speaks of errors only and leaves Python's own report of exceptions alone."""
    hook = sys.excepthook
    import brian2

    sys.excepthook = hook
    brian2.BrianLogger.log_level_error()
    return brian2


def tics(job: PeerJob) -> int:
    """Duration of a step in units of 0.001 ms."""
    return round(job.network.resolution_ms * 1000.0)


def step_s(job: PeerJob) -> float:
    """Duration of a step in seconds."""
    return tics(job) / 1e6


def strict_flags(flags: list[str]) -> list[str]:
    """Brian2's compiler flags without those that allow other results than the code as it is written."""
    return [flag for flag in flags if "fast-math" not in flag and "finite-math" not in flag] + [EXACT_FLAG]


def apply_settings(job: PeerJob, default_flags: bool) -> None:
    """Set resolution and seed, and how code is generated and compiled.

    Parameters
    ----------
    job
        The simulation.
    default_flags
        Compile with Brian2's own flags (-ffast-math is one of them), not with `strict_flags`.
    """
    brian2 = brian2_module()
    flags = _brian2_flags()
    preferences = brian2.prefs
    preferences.codegen.cpp.extra_compile_args_gcc = list(flags) if default_flags else strict_flags(list(flags))
    # The optimiser rearranges products and sums.
    preferences.codegen.loop_invariant_optimisations = job.connectivity == "statistical"
    brian2.defaultclock.dt = step_s(job) * brian2.second
    brian2.seed(job.seed)


@cache
def _brian2_flags() -> tuple[str, ...]:
    """Brian2's own compiler flags, as they were when this was first called."""
    return tuple(brian2_module().prefs.codegen.cpp.extra_compile_args_gcc)
