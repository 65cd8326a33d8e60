"""Results of a run, and the number of steps between calls of progress functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from simcore.backends import Advance, add_skipped
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


class Tally:
    """Sums over the blocks of one call of `Simulator.run` on this rank.

    Parameters
    ----------
    network
        The description.

    Attributes
    ----------
    steps
        Number of simulated steps.
    """

    def __init__(self, network: Network) -> None:
        self.steps = 0
        self._names = tuple(network.first_ids)
        self._id_edges = np.array([*network.first_ids.values(), network.n_neurons])
        self._spikes = np.zeros(len(self._names), dtype=np.int64)
        self._events, self._digest = 0, 0
        self._skipped: int | None = None
        self._wall_s, self._exchange_s = 0.0, 0.0
        self._phase_s: dict[str, list[float]] = {}
        self._waits: tuple[int, ...] = ()

    def add(self, block: Advance, steps: int, wall_s: float) -> None:
        """Add the results of some steps, which took `wall_s` s."""
        self.steps += steps
        self._spikes += np.histogram(block.spike_ids, self._id_edges)[0]
        self._events += block.synaptic_events
        self._digest += block.spike_digest
        self._skipped = add_skipped((self._skipped, block.skipped_updates))
        self._wall_s += wall_s
        self._exchange_s += block.exchange_s
        for phase, seconds in block.phase_s.items():
            before = self._phase_s.get(phase, [0.0] * len(seconds))
            self._phase_s[phase] = [a + b for a, b in zip(before, seconds, strict=True)]
        self._waits = add_waits(self._waits, block.waits)

    def over_ranks(self, comm: Communicator) -> Propagation:
        """Return the result of the call, in which counts are summed over ranks; all ranks call this together."""
        totals = comm.gather((self._spikes, self._events, self._digest, self._skipped))
        spikes = np.sum([total[0] for total in totals], axis=0).tolist()
        return Propagation(
            self.steps,
            self._wall_s,
            dict(zip(self._names, spikes, strict=True)),
            sum(total[1] for total in totals),
            hexadecimal(sum(total[2] for total in totals)),
            self._phase_s,
            self._exchange_s,
            self._waits,
            add_skipped(total[3] for total in totals),
        )


def multiplicity_refusal(network: Network, excess: tuple[int, int] | None) -> InputError | None:
    """Return the error if a neuron had to relay too many spikes, or None.

    Parameters
    ----------
    excess
        Stamp and id of the neuron; see `simcore.backends.Advance`.
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
