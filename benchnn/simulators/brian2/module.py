"""The Python module of Brian2, imported without messages, and the settings of a simulation."""

import sys
from functools import cache
from typing import Any

from benchnn.simulators.peer import PeerJob

EXACT_FLAG = "-ffp-contract=off"
"""Prevents the compiler from fusing products and sums, which rounds once instead of twice as in NEST and simcore."""


@cache
def brian2_module() -> Any:
    """Return the module ``brian2``, which only logs errors and does not change Python's report of exceptions."""
    hook = sys.excepthook
    import brian2

    sys.excepthook = hook
    brian2.BrianLogger.log_level_error()
    return brian2


def tics(job: PeerJob) -> int:
    """Return the duration of a step in units of 0.001 ms."""
    return round(job.network.resolution_ms * 1000.0)


def step_s(job: PeerJob) -> float:
    """Return the duration of a step in seconds."""
    return tics(job) / 1e6


def strict_flags(flags: list[str]) -> list[str]:
    """Return Brian2's compiler flags without flags that change the results of the code."""
    return [flag for flag in flags if "fast-math" not in flag and "finite-math" not in flag] + [EXACT_FLAG]


def apply_settings(job: PeerJob, default_flags: bool) -> None:
    """Set resolution, seed, and options of the generation and compilation of code.

    Parameters
    ----------
    job
        The simulation.
    default_flags
        Whether to compile with Brian2's own flags, which include -ffast-math, instead of `strict_flags`.
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
    """Brian2's own compiler flags at the time of the first call."""
    return tuple(brian2_module().prefs.codegen.cpp.extra_compile_args_gcc)
