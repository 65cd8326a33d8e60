"""Runs a simulator slice by slice, so that progress is shown and a signal is seen."""

from collections.abc import Callable

from benchnn.stopping import Stop
from simcore.simulator import Propagation, Simulator

FIRST_SLICE_STEPS = 16
SLICE_S = 0.5
"""Wall time of a slice: what a signal waits for."""

NOTHING = Propagation(0, 0.0, {}, 0, f"{0:032x}", {})


def propagate(simulator: Simulator, steps: int, stop: Stop, progress: Callable[[int, float], None]) -> Propagation:
    """Simulate `steps` steps, or fewer if a stop is requested on any rank.

    Parameters
    ----------
    simulator
        The built network.
    steps
        Number of steps.
    stop
        Looked at between slices.
    progress
        Called after each slice with the steps done and their wall time on this rank.

    Returns
    -------
    Propagation
        The sum over the slices; `steps` tells how far it came.
    """
    total, slice_steps = NOTHING, FIRST_SLICE_STEPS
    while total.steps < steps and not any(simulator.comm.gather(stop.requested)):
        slice_steps = min(slice_steps, steps - total.steps)
        part = simulator.run(slice_steps * simulator.network.resolution_ms)
        total = _sum(total, part)
        progress(total.steps, total.wall_s)
        # All ranks must take the same slices.
        slowest_s = max(simulator.comm.gather(part.wall_s))
        wanted = int(slice_steps * SLICE_S / max(slowest_s, 1e-6))
        slice_steps = max(1, min(wanted, 4 * slice_steps))
    return total


def _sum(a: Propagation, b: Propagation) -> Propagation:
    spikes = {name: a.spikes.get(name, 0) + count for name, count in b.spikes.items()}
    digest = (int(a.spike_digest, 16) + int(b.spike_digest, 16)) % 2**128
    phase_s = {
        phase: [x + y for x, y in zip(a.phase_s.get(phase, [0.0] * len(seconds)), seconds, strict=True)]
        for phase, seconds in b.phase_s.items()
    }
    events = a.synaptic_events + b.synaptic_events
    exchange_s = a.exchange_s + b.exchange_s
    return Propagation(a.steps + b.steps, a.wall_s + b.wall_s, spikes, events, f"{digest:032x}", phase_s, exchange_s)
