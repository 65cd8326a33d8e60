"""Calls of the step loop for plastic synapses; they compile to nothing if there are none."""

from typing import Any

from numba import types

from simcore.backends.cpu.columns import Clock
from simcore.backends.cpu.plastic_deliver import arrive, process
from simcore.backends.cpu.plastic_rings import remember
from simcore.backends.cpu.waiting import lap
from simcore.jit.compilation import overloaded

DELIVER = int(Clock.DELIVER)


def plastic_input(step: Any, plastic: Any, buffers: Any) -> Any:
    """Add the arrivals over plastic synapses to the inputs of a step; return the number of its synaptic events."""
    raise NotImplementedError("compiled only")


@overloaded(plastic_input)
def _overload_input(step, plastic, buffers):  # type: ignore[no-untyped-def] # Numba compares annotations too
    if isinstance(plastic, types.Integer):
        return lambda step, plastic, buffers: 0
    return lambda step, plastic, buffers: arrive(step, plastic, buffers)


def plastic_spikes_remembered(
    fresh: Any, side: Any, start: Any, step: Any, partitions: Any, plastic: Any, rings: Any, timer: Any
) -> Any:
    """Put the thread's spikes of the steps [start, step) into rings; return the rings, which may be longer.

    The time counts as delivery, as weights may be settled.
    """
    raise NotImplementedError("compiled only")


@overloaded(plastic_spikes_remembered)
def _overload_remembered(fresh, side, start, step, partitions, plastic, rings, timer):  # type: ignore[no-untyped-def]
    if isinstance(plastic, types.Integer):
        return lambda fresh, side, start, step, partitions, plastic, rings, timer: rings

    def remembered(fresh, side, start, step, partitions, plastic, rings, timer):  # type: ignore[no-untyped-def]
        kept = remember(fresh, side, start, step, partitions, plastic, rings)
        lap(timer, DELIVER)
        return kept

    return remembered


def plastic_spikes_processed(which: Any, start: Any, step: Any, plastic: Any, rings: Any, recent: Any) -> None:
    """Process the presynaptic spikes that are due in the steps [start, step)."""
    raise NotImplementedError("compiled only")


@overloaded(plastic_spikes_processed)
def _overload_processed(which, start, step, plastic, rings, recent):  # type: ignore[no-untyped-def]
    if isinstance(plastic, types.Integer):
        return lambda which, start, step, plastic, rings, recent: None
    return lambda which, start, step, plastic, rings, recent: process(which, start, step, plastic, rings, recent)
