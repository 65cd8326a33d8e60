"""Results of a run, and the number of steps between calls of progress functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from simcore.backends import add_skipped
from simcore.comm import Communicator
from simcore.display.numbers import TEXT
from simcore.display.overview import MAX_ROWS, Columns, Overview, Shown
from simcore.display.words import counted
from simcore.errors import InputError
from simcore.network import Network
from simcore.neurons.model import MAX_MULTIPLICITY
from simcore.simulator.digests import hexadecimal

MAX_STEPS_PER_CALL = 10_000
SECONDS_PER_CALL = 0.25
"""Target time of a call into the backend, s; signals and progress are handled between calls."""

Observer = Callable[[int, int, npt.NDArray[np.int64], npt.NDArray[np.int64]], None]
"""Called on all ranks with a block's first step, its number of steps, and stamps and ids of this rank's spikes."""


@dataclass(frozen=True, repr=False)
class Propagation(Shown):
    """Result of one call of `Simulator.run`, summed over ranks.

    Parameters
    ----------
    steps
        Number of simulated steps.
    wall_s
        Wall time of the state propagation on this rank, s.
    spikes
        Number of spikes of each population.
    synaptic_events
        Number of deliveries (spike x out-degree, counted).
    spike_digest
        Sum modulo 2**128 of Philox(stamp, id) over the spikes.
    phase_s
        Seconds by phase, one entry for each thread of this rank.
    exchange_s
        Seconds in which this rank prepared the exchange between ranks or waited for it, a part of `communicate`.
    waits
        Entry k counts the waits of a thread of this rank for the others that took 2^k to 2^(k+1) ns, as part of
        `communicate`; shorter waits are in the first entry. Empty with one thread, or if the backend's threads do not
        wait for each other.
    skipped_updates
        Number of skipped updates of neurons at rest, out of steps times neurons; None if each neuron was updated in
        each step.
    """

    steps: int
    wall_s: float
    spikes: dict[str, int]
    synaptic_events: int
    spike_digest: str
    phase_s: dict[str, list[float]]
    exchange_s: float = 0.0
    waits: tuple[int, ...] = ()
    skipped_updates: int | None = None

    def overview(self) -> Overview:
        title = f"{counted(self.steps, 'step')} in {TEXT.seconds(self.wall_s)}, {sum(self.spikes.values()):,} spikes"
        phases = ", ".join(f"{name} {TEXT.seconds(sum(each) / len(each))}" for name, each in self.phase_s.items())
        lines = [f"{self.synaptic_events:,} synaptic events, spike digest {self.spike_digest}"]
        rows = [(name, f"{number:,}") for name, number in list(self.spikes.items())[:MAX_ROWS]]
        left = len(self.spikes) - len(rows)
        table = Columns(("population", "spikes"), rows, "lr", counted(left, "more population") if left else "")
        return Overview(title, [*lines, f"mean of threads: {phases}"] if phases else lines, [table])


def steps_of_next_call(steps: int, elapsed: float, before: int) -> int:
    """Return the steps of the next call, after a call of `steps` took `elapsed` s with a limit of `before` steps."""
    wanted = int(steps * SECONDS_PER_CALL / max(elapsed, 1e-6))
    return max(1, min(wanted, 2 * before, MAX_STEPS_PER_CALL))


def add_phases(total: dict[str, list[float]], more: Mapping[str, list[float]]) -> None:
    """Add seconds by phase and thread to the seconds of earlier calls."""
    for phase, seconds in more.items():
        before = total.get(phase, [0.0] * len(seconds))
        total[phase] = [a + b for a, b in zip(before, seconds, strict=True)]


def add_waits(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    """Add two histograms of waits.

    Parameters
    ----------
    a, b
        Histograms.

    Returns
    -------
    tuple of int
        Their sum, with the length of the longer one.
    """
    return tuple(x + y for x, y in zip_longest(a, b, fillvalue=0))


def sums_of_ranks(
    comm: Communicator, network: Network, counts: npt.NDArray[np.int64], events: int, digest: int, skipped: int | None
) -> tuple[dict[str, int], int, str, int | None]:
    """Return spikes by population, synaptic events, spike digest and skipped updates of all ranks.

    All ranks call this together with their own results.
    """
    totals = comm.gather((counts, events, digest, skipped))
    by_population = np.sum([total[0] for total in totals], axis=0).tolist()
    return (
        dict(zip(network.first_ids, by_population, strict=True)),
        sum(total[1] for total in totals),
        hexadecimal(sum(total[2] for total in totals)),
        add_skipped(total[3] for total in totals),
    )


def multiplicity_refusal(network: Network, excess: tuple[int, int] | None) -> InputError | None:
    """Return the error if a neuron had to relay too many spikes, or None.

    Parameters
    ----------
    excess
        Stamp and id of the neuron, see `simcore.backends.Advance`.
    """
    if excess is None:
        return None
    stamp, neuron = excess
    name = max((name for name, first in network.first_ids.items() if first <= neuron),
               key=network.first_ids.__getitem__)  # fmt: skip
    return InputError(
        f"neuron {neuron} (population {name}) received too many spikes to relay in the step that ends at "
        f"{stamp * network.resolution_ms:g} ms; use fewer sources or lower rates, so that at most "
        f"{MAX_MULTIPLICITY} arrive"
    )
