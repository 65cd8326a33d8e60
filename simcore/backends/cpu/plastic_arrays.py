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
"""Spikes before this step, counted from the origin, are kept as if they were at it: all exponentials are 0 then."""
PAIRS, RESOURCES = 0, 1
STATIC = 0
"""What takes the place of all these arrays where no synapse is plastic."""


class Mark(IntEnum):
    """Entries of `Plastic.marks`."""

    ORIGIN = 0
    """Step from which the steps of spikes are counted."""
    SETTLED = 1
    """Step as of which all weights are settled."""


class TableColumn(IntEnum):
    """One row for each plastic projection and partition; positions count within the thread's arrays."""

    RULE = 0
    """PAIRS or RESOURCES."""
    WIDE = 1
    """Whether the words lie in `wide`, not in `narrow`."""
    WORDS = 2
    INDEX = 3
    FIRST_ID = 4
    """Global id of the first neuron of the source population."""
    N_SOURCES = 5
    LAST = 6
    """Where the latest spikes of the sources start."""
    VALUES = 7
    """Where K_plus of the sources starts, or x, after which u follows."""
    RING = 8
    """Ring of the first target."""
    PENDING = 9
    """Where the pending input of the targets starts; of resources that of weights >= 0."""
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
    """How it depends on the weight, `simcore.plasticity.cpu`."""
    FACILITATION_POWERS = 20
    """Where its powers start in `numbers`; those of all tables end where the next array starts."""
    FROM_CEILING = 21
    DEPRESSION = 22
    DEPRESSION_POWERS = 23
    DEPRESSION_FROM_CEILING = 24
    PLUS = 25
    """Where the exponentials of the sources start and end; of resources those of the recovery."""
    PLUS_END = 26
    MINUS = 27
    """Likewise of the targets; of resources those of the facilitation."""
    MINUS_END = 28
    MANY_DELAYS = 29
    """Whether the delays of the projection differ."""
    PENDING_OF_NEGATIVE = 30
    """Of resources: where the pending input of weights < 0 starts."""


class RealColumn(IntEnum):
    """Real numbers of the same tables."""

    FACILITATION = 0
    """Coefficient; of resources U."""
    DEPRESSION = 1


class CountColumn(IntEnum):
    """What is counted of the same tables, see `simcore.synapses.plastic.PlasticCounts`."""

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
    """So far apart are the ids of the population's neurons in the partition."""
    FIRST_OWN = 4
    """Global id of the first of them."""
    RING = 5
    """That of this neuron."""
    DEPTH = 6
    MINUS = 7
    MINUS_END = 8


class LaneColumn(IntEnum):
    """One row for each population and partition onto whose receptor synapses are plastic."""

    INPUTS = 0
    """Its inputs in the first slot of the thread's inputs."""
    STRIDE = 1
    """Inputs between two slots."""
    N = 2
    PENDING = 3
    """Where its pending inputs start: (slots, N)."""


BLOCK_WORDS = 64
"""Synapses that are processed together, so that their rings stay in the L1 cache."""


class Block(NamedTuple):
    """Some synapses that are processed together: BLOCK_WORDS entries each.

    Parameters
    ----------
    firsts, ends
        int64: the spikes [first, end) of the target's ring facilitate, the last one first.
    bases
        int64: the spike from which K_minus follows.
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
    """The latest spikes of neurons onto which synapses are plastic, the latest one first.

    Parameters
    ----------
    steps
        int32 (neurons, length): when they fired; NEVER_STEP where there is none.
    traces
        float64 (neurons, length): K_minus just after it.
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
        Of each table the index of `simcore.synapses.packer.Packer`.
    last, values
        Step of the latest spike of each source that was processed, int32, and its state, float64.
    pending
        Input that is still to arrive.
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
    """A `simcore.plasticity.tables.PairTables` as kernels take it."""

    sign: int
    ceiling: float
    facilitation: Change
    depression: Change
    plus: FloatArray
    minus: FloatArray


class Words(NamedTuple):
    """What the words of a table contain, and when and where their spikes arrive.

    Parameters
    ----------
    target_mask, delay_mask
        Of the lowest bits, the second after a shift by `target_bits`.
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
