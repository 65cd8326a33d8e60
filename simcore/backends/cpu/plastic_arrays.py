"""Arrays of plastic synapses that the kernels of the step loop pass on together, and the columns of their tables.

Steps of spikes are int32, counted from `Mark.ORIGIN`, which Python moves.
"""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.plasticity.cpu import Change

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

NEVER_STEP = -(2**31)
"""Step of the latest spike of a neuron that has not fired, in 32 bits."""
LONG_AGO = -(2**30)
"""Spikes before this step, relative to the origin, are stored as if they were at it: all exponentials are 0 then."""
PAIRS, RESOURCES = 0, 1
STATIC = 0
"""Replaces all these arrays if no synapse is plastic."""


class Mark(IntEnum):
    """Entries of `Plastic.marks`."""

    ORIGIN = 0
    """Step relative to which the steps of spikes are stored."""
    SETTLED = 1
    """Step as of which all weights are settled."""


class TableColumn(IntEnum):
    """One row for each plastic projection and partition; positions count within the thread's arrays."""

    RULE = 0
    """PAIRS or RESOURCES."""
    WIDE = 1
    """Whether the words are in `wide`, otherwise in `narrow`."""
    WORDS = 2
    INDEX = 3
    FIRST_ID = 4
    """Global id of the first neuron of the source population."""
    N_SOURCES = 5
    LAST = 6
    """Start of the latest spikes of the sources."""
    VALUES = 7
    """Start of K_plus of the sources, or of x, which u follows."""
    RING = 8
    """Ring of the first target."""
    PENDING = 9
    """Start of the pending input of the targets; for resources that of weights >= 0."""
    N_TARGETS = 10
    TARGET_BITS = 11
    WEIGHT_SHIFT = 12
    MIN_DELAY = 13
    SHIFT = 14
    """2 a - d of the smallest delay d, of which a is axonal."""
    LAG = 15
    SIGN = 16
    CEILING = 17
    BOUNDED = 18
    FACILITATION = 19
    """Dependence on the weight, see `simcore.plasticity.cpu`."""
    FACILITATION_POWERS = 20
    """Start of its powers in `numbers`; those of all tables end at the start of the next array."""
    FROM_CEILING = 21
    DEPRESSION = 22
    DEPRESSION_POWERS = 23
    DEPRESSION_FROM_CEILING = 24
    PLUS = 25
    """Start and end of the exponentials of the sources; for resources those of the recovery."""
    PLUS_END = 26
    MINUS = 27
    """Start and end of those of the targets; for resources those of the facilitation."""
    MINUS_END = 28
    MANY_DELAYS = 29
    """Whether the delays of the projection differ."""
    PENDING_OF_NEGATIVE = 30
    """For resources: start of the pending input of weights < 0."""


class RealColumn(IntEnum):
    """Floating-point numbers of the same tables."""

    FACILITATION = 0
    """Coefficient; for resources U."""
    DEPRESSION = 1


class CountColumn(IntEnum):
    """Counts of the same tables, see `simcore.synapses.plastic.PlasticCounts`."""

    FACILITATIONS = 0
    DEPRESSIONS = 1
    AT_CEILING = 2
    AT_ZERO = 3


class RingedColumn(IntEnum):
    """One row for each population and partition whose neurons have rings."""

    PARTITION = 0
    FIRST_ID = 1
    END_ID = 2
    STRIDE = 3
    """Distance between the ids of the population's neurons in the partition."""
    FIRST_OWN = 4
    """Global id of the first of them."""
    RING = 5
    """Ring of this neuron."""
    DEPTH = 6
    MINUS = 7
    MINUS_END = 8


class LaneColumn(IntEnum):
    """One row for each receptor of a population and partition with plastic synapses."""

    INPUTS = 0
    """Start of its inputs in the first slot of the thread's inputs."""
    STRIDE = 1
    """Number of inputs from one slot to the next."""
    N = 2
    PENDING = 3
    """Start of its pending inputs: (slots, N)."""


BLOCK_WORDS = 64
"""Synapses that are processed together, so that their rings stay in the L1 cache."""


class Block(NamedTuple):
    """Block of synapses that are processed together: BLOCK_WORDS entries each.

    Parameters
    ----------
    firsts, ends
        int64: the spikes [first, end) of the target's ring facilitate, the last one first.
    bases
        int64: the spike from which K_minus is computed.
    listed
        int64: scratch.
    """

    firsts: IntArray
    ends: IntArray
    bases: IntArray
    listed: IntArray


def new_block() -> Block:
    """A block of a thread."""
    return Block(*np.empty((len(Block._fields), BLOCK_WORDS), dtype=np.int64))


class Rings(NamedTuple):
    """Latest spikes of neurons with plastic incoming synapses, the latest one first.

    Parameters
    ----------
    steps
        int32 (neurons, length): steps of the spikes; NEVER_STEP where there is none.
    traces
        float64 (neurons, length): K_minus just after each spike.
    """

    steps: npt.NDArray[np.int32]
    traces: FloatArray


class Plastic(NamedTuple):
    """Plastic synapses of a thread.

    Parameters
    ----------
    tables, reals, counts
        See `TableColumn`, `RealColumn` and `CountColumn`.
    ringed, lanes
        See `RingedColumn` and `LaneColumn`.
    numbers
        Tables of exponentials and powers.
    wide, narrow
        Words of synapses, int64 and int32: from the lowest bit on the target's place in its population and partition,
        the delay minus the projection's smallest, and the weight; of PAIRS, from bit 32 on, its magnitude in units of
        lsb 2^-15.
    halves
        The same memory as `wide`: of PAIRS the lower half is the target and the delay, the upper half the weight.
    row_starts
        For each table the index of `simcore.synapses.packer.Packer`.
    last, values
        Step of the latest spike of each source that was processed, int32, and its state, float64.
    pending
        Pending input.
    pending_events
        int64 (slots,): its synaptic events; step s has the slot ``s % slots``.
    marks
        int64, see `Mark`.
    block
        Scratch.
    """

    tables: IntArray
    reals: FloatArray
    counts: IntArray
    ringed: IntArray
    lanes: IntArray
    numbers: FloatArray
    wide: IntArray
    halves: npt.NDArray[np.int32]
    narrow: npt.NDArray[np.int32]
    row_starts: npt.NDArray[np.uint32]
    last: npt.NDArray[np.int32]
    values: FloatArray
    pending: npt.NDArray[np.signedinteger[Any]]
    pending_events: IntArray
    marks: IntArray
    block: Block


class Pairs(NamedTuple):
    """A `simcore.plasticity.tables.PairTables` in the form for kernels."""

    sign: int
    ceiling: float
    facilitation: Change
    depression: Change
    plus: FloatArray
    minus: FloatArray


class Words(NamedTuple):
    """Format of the words of a table, and steps and places of the arrivals of their spikes.

    Parameters
    ----------
    target_mask, delay_mask
        Masks of the lowest bits, the second after a shift by `target_bits`.
    target_bits, weight_shift
        Positions of delay and weight.
    ring, pending, pending_of_negative, n_targets, many_delays
        See `TableColumn`.
    """

    target_mask: np.uint64
    delay_mask: np.uint64
    target_bits: np.uint64
    weight_shift: np.uint64
    ring: np.uint64
    pending: np.uint64
    pending_of_negative: np.uint64
    n_targets: np.uint64
    many_delays: int
