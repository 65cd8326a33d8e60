"""Run a simulator in slices, between which progress is shown, signals are handled and data are written."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from benchnn.running.stop import Stop
from simcore.backends import add_skipped
from simcore.simulator import Observer, Propagation, Simulator, add_waits

FIRST_SLICE_STEPS = 16
SLICE_S = 0.5
"""Wall time of a slice, for which a signal may have to wait."""

NOTHING = Propagation(0, 0.0, {}, 0, f"{0:032x}", {})


def propagate(
    simulator: Simulator,
    steps: int,
    stop: Stop,
    progress: Callable[[int, float], None],
    steps_to_pause: Callable[[], int | None] = lambda: None,
    after_slice: Callable[[Propagation], None] = lambda total: None,
    window: Callable[[], AbstractContextManager[None]] = nullcontext,
    observe: Observer | None = None,
) -> Propagation:
    """Simulate `steps` steps, or fewer if a stop is requested on any rank.

    Parameters
    ----------
    simulator
        The constructed network.
    steps
        Number of steps.
    stop
        Checked between slices on all ranks together, so that they all stop at the same step.
    progress
        Called after each slice with the completed steps and their wall time on this rank.
    steps_to_pause
        Steps after which a slice must end; None for no limit.
    after_slice
        Called after each slice on all ranks together, with the sum over all slices so far.
    window
        Context that is entered for each slice, and left between slices.
    observe
        See `simcore.simulator.Simulator.run`.

    Returns
    -------
    Propagation
        The sum over the slices; `steps` is the number of completed steps.
    """
    total, slice_steps, slowest_s = NOTHING, FIRST_SLICE_STEPS, 0.0
    requested = any(simulator.comm.gather(stop.requested is not None))
    while total.steps < steps and not requested:
        pause = steps_to_pause()
        now = min(slice_steps, steps - total.steps, pause or slice_steps)
        with window():
            part = simulator.run(now * simulator.network.resolution_ms, observe=observe)
        total = added(total, part)
        progress(total.steps, total.wall_s)
        after_slice(total)
        votes = simulator.comm.gather((part.wall_s, stop.requested is not None))
        slowest_s, requested = max(vote[0] for vote in votes), any(vote[1] for vote in votes)
        # All ranks must use the same slices.
        wanted = int(now * SLICE_S / max(slowest_s, 1e-6))
        slice_steps = max(1, min(wanted, 4 * slice_steps))
    return total


def added(a: Propagation, b: Propagation) -> Propagation:
    """Combine two consecutive parts of a propagation."""
    names = [*a.spikes, *(name for name in b.spikes if name not in a.spikes)]
    phases = [*a.phase_s, *(phase for phase in b.phase_s if phase not in a.phase_s)]
    digest = (int(a.spike_digest, 16) + int(b.spike_digest, 16)) % 2**128
    return Propagation(
        a.steps + b.steps,
        a.wall_s + b.wall_s,
        {name: a.spikes.get(name, 0) + b.spikes.get(name, 0) for name in names},
        a.synaptic_events + b.synaptic_events,
        f"{digest:032x}",
        {phase: _sums(a.phase_s.get(phase, []), b.phase_s.get(phase, [])) for phase in phases},
        a.exchange_s + b.exchange_s,
        add_waits(a.waits, b.waits),
        add_skipped((a.skipped_updates, b.skipped_updates)),
    )


def _sums(a: list[float], b: list[float]) -> list[float]:
    """Sums by thread; a part without steps does not have threads."""
    return [x + y for x, y in zip(a, b, strict=True)] if a and b else a or b
