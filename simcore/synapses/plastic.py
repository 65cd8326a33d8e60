"""Data of plastic synapses for simulator, backends and checkpoints, and the times of their updates.

A presynaptic spike with the stamp s reaches a synapse at s + a, where a is the axonal part of its delay d. A
postsynaptic spike with the stamp q reaches it at q + d - a. The presynaptic spike is *processed*, which updates the
weight and transmits it, `lag` steps after s: as soon as all postsynaptic spikes that precede it at any synapse of the
projection are known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field

import numpy as np
import numpy.typing as npt

from simcore.network import Network
from simcore.plasticity.tables import FRACTION_BITS, PairTables
from simcore.tables import Tables

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

NEVER = -1
"""Stamp of the latest spike of a neuron that has not fired."""


@dataclass(frozen=True)
class PlasticTiming:
    """Times at which the spikes of a plastic projection are processed, in steps.

    Parameters
    ----------
    min_delay, max_delay
        Smallest and largest delay of the projection.
    axonal
        Axonal part a of every delay; 0 for a rule that does not pair spikes.
    lag
        Number of steps from a presynaptic spike to its processing.
    """

    min_delay: int
    max_delay: int
    axonal: int
    lag: int

    @property
    def depth(self) -> int:
        """Depth of the history: spikes to be processed at step S need postsynaptic spikes later than S - depth.

        For earlier spikes, only the trace is needed.
        """
        return max(0, self.lag + self.max_delay - 2 * self.axonal)

    @property
    def most_interval(self) -> int:
        """Largest number of steps between exchanges with which input that is processed after an exchange is in time."""
        return self.min_delay - self.lag


def plastic_timing(tables: Tables, projection: int) -> PlasticTiming:
    """Return the times at which spikes of a plastic projection are processed."""
    ends, rule = tables.delays[projection].ends, tables.plasticity[projection]
    if ends is None:
        # Without synapses, any timing is valid.
        return PlasticTiming(1, 1, 0, 0)
    axonal = rule.axonal_steps if isinstance(rule, PairTables) else 0
    return PlasticTiming(*ends, axonal, max(0, 2 * axonal - ends[0]))


def plastic_projections(tables: Tables) -> tuple[int, ...]:
    """Return the numbers of the projections with plasticity."""
    return tuple(index for index, rule in enumerate(tables.plasticity) if rule is not None)


def paired_projections(tables: Tables) -> tuple[int, ...]:
    """Return the numbers of the projections with weights that change."""
    return tuple(index for index in plastic_projections(tables) if isinstance(tables.plasticity[index], PairTables))


def plastic_receptors(network: Network, tables: Tables, projection: int) -> tuple[int, int]:
    """Return the receptors on which weights >= 0 and < 0 of a plastic projection act.

    They are the same if all weights have one sign; a changing weight keeps its receptor when it becomes 0.
    """
    plus, minus = network.receptors(network.projections[projection])
    rule = tables.plasticity[projection]
    if isinstance(rule, PairTables):
        return (minus, minus) if rule.sign < 0 else (plus, plus)
    low, high = tables.weights[projection].ends or (0, 0)
    return (plus if high >= 0 else minus), (minus if low < 0 else plus)


def paired_populations(network: Network, tables: Tables) -> dict[int, int]:
    """Return the populations whose spikes change weights of synapses onto them -> required steps of their history."""
    depths: dict[int, int] = {}
    for index in plastic_projections(tables):
        if isinstance(tables.plasticity[index], PairTables):
            target = network.index(network.projections[index].target)
            depths[target] = max(depths.get(target, 0), plastic_timing(tables, index).depth)
    return depths


def trace_decays(network: Network, tables: Tables) -> dict[int, FloatArray]:
    """Return the same populations -> table from `simcore.plasticity.decay` for the traces of their neurons."""
    decays: dict[int, FloatArray] = {}
    for projection, rule in zip(network.projections, tables.plasticity, strict=True):
        if isinstance(rule, PairTables):
            decays[network.index(projection.target)] = rule.minus
    return decays


def plastic_slots(tables: Tables) -> int:
    """Return the number of future steps with possible pending input over plastic synapses; 0 without such synapses."""
    return max((plastic_timing(tables, index).max_delay for index in plastic_projections(tables)), default=0)


def largest_code(tables: Tables, projection: int) -> int:
    """Return the largest magnitude of an integer that a synapse of the projection can deliver."""
    rule = tables.plasticity[projection]
    if isinstance(rule, PairTables):
        return (rule.ceiling + (1 << FRACTION_BITS - 1)) >> FRACTION_BITS
    return max((abs(end) for end in tables.weights[projection].ends or ()), default=0)


@dataclass(frozen=True, eq=False)
class PlasticWeights:
    """Synapses of a plastic projection in order of (target, source, delay, weight), independent of the layout.

    Parameters
    ----------
    sources, targets
        Global ids, int64.
    delay_steps
        int32.
    units
        Signed weights in units of the receptor's lsb 2^-15, int32.
    """

    sources: IntArray
    targets: IntArray
    delay_steps: npt.NDArray[np.int32]
    units: npt.NDArray[np.int32]


def canonical(
    sources: IntArray, targets: IntArray, delay_steps: npt.NDArray[np.integer], units: npt.NDArray[np.integer]
) -> PlasticWeights:
    """Sort synapses."""
    order = np.lexsort((units, delay_steps, sources, targets))
    return PlasticWeights(
        sources[order].astype(np.int64),
        targets[order].astype(np.int64),
        delay_steps[order].astype(np.int32),
        units[order].astype(np.int32),
    )


def joined(parts: Sequence[PlasticWeights]) -> PlasticWeights:
    """Merge and sort the synapses of several threads or ranks."""
    names = ("sources", "targets", "delay_steps", "units")
    return canonical(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class PlasticCounts:
    """Numbers of updates of the synapses of a projection since step 0, on this rank.

    Parameters
    ----------
    facilitations
        Number of facilitations: pairs of a postsynaptic spike and the trace of a source that has fired, of all
        synapses.
    depressions
        Number of depressions: processed presynaptic spikes, of all synapses.
    clipped
        Updates that were limited by the rule's bounds, 0 and Wmax.
    saturated
        Updates that would have exceeded the ceiling of a rule without an upper bound.
    """

    facilitations: int = 0
    depressions: int = 0
    clipped: int = 0
    saturated: int = 0


def sum_of_counts(parts: Sequence[PlasticCounts]) -> PlasticCounts:
    """Add the updates of several threads or ranks."""
    return PlasticCounts(*(sum(numbers) for numbers in zip(*map(astuple, parts), strict=True)))


@dataclass(frozen=True, eq=False)
class SourceTraces:
    """State of the sources of a plastic projection: all neurons of its source population on this rank.

    In a whole network, they are in order of id; on a rank, in the order of `Snapshot.neurons`.

    Parameters
    ----------
    last
        Stamp of the latest processed spike, int64 (neurons,); `NEVER` without a spike.
    values
        float64 (1, neurons): K_plus just after the spike. For resources (2, neurons): x and u.
    """

    last: IntArray
    values: FloatArray


@dataclass(frozen=True, eq=False)
class History:
    """Older spikes of a population with plastic synapses onto it: its neurons on this rank.

    In a whole network, they are in order of id; on a rank, in the order of `Snapshot.neurons`.

    Parameters
    ----------
    last
        Stamp of the latest spike not later than S - depth (`paired_populations`), int64; `NEVER` without a spike.
    trace
        K_minus just after the spike, float64; 0 without a spike.
    """

    last: IntArray
    trace: FloatArray


@dataclass(frozen=True, eq=False)
class PlasticState:
    """Part of a snapshot for plasticity, in addition to state and recent spikes.

    Weights are settled: every facilitation that cannot be preceded by another presynaptic spike is applied.

    Parameters
    ----------
    weights
        Projection -> its synapses onto this rank, for rules that change weights.
    sources
        Projection -> state of its sources on this rank.
    histories
        Population -> its older spikes.
    pending
        Population with plastic synapses onto it -> pending input, int64 (slots, receptors, neurons), with slot k for
        the step S + k, in units of each receptor's lsb; `plastic_slots` slots. Neurons are in the order of
        `SourceTraces`.
    pending_events
        Synaptic events of this input, int64 (slots,).
    counts
        Projection -> updates so far.
    units
        For a whole network read from a file, in place of `weights`: projection -> the signed weights of its synapses in
        canonical order, int32. The network determines the synapses.
    """

    weights: Mapping[int, PlasticWeights] = field(default_factory=dict)
    sources: Mapping[int, SourceTraces] = field(default_factory=dict)
    histories: Mapping[int, History] = field(default_factory=dict)
    pending: Mapping[int, IntArray] = field(default_factory=dict)
    pending_events: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    counts: Mapping[int, PlasticCounts] = field(default_factory=dict)
    units: Mapping[int, npt.NDArray[np.int32]] = field(default_factory=dict)
