"""Columns of the integer tables of the step loop."""

from enum import IntEnum


class ChannelColumn(IntEnum):
    """One row for each channel of a range of neurons, see `simcore.synapses.rows.Sources`."""

    SHIFT = 0
    RECEPTOR = 1
    WEIGHT = 2


class PartitionColumn(IntEnum):
    """One row for each partition of a thread; positions count within the thread's arrays."""

    WORDS = 0
    INDEX = 1
    INPUTS = 2
    N_NEURONS = 3
    FIRST_SEGMENT = 4
    END_SEGMENT = 5
    RANK_PARTITION = 6
    """Number of the partition within the rank: its place among the new spikes."""
    FRESH = 7
    """Start of the partition's new spikes."""
    OFFSETS = 8
    """Start of the partition's offsets of rows (`by_source`, `calendar`)."""


class SegmentColumn(IntEnum):
    """One row for each piece of a population in a partition; addresses are absolute."""

    KERNEL = 0
    N = 1
    STATE = 2
    COUNTERS = 3
    INPUTS = 4
    INPUT_STRIDE = 5
    COEFFICIENTS = 6
    N_COEFFICIENTS = 7
    LSB = 8
    FIRST_ID = 9
    ID_STRIDE = 10
    FIRST_DRIVE = 11
    END_DRIVE = 12


class RestColumn(IntEnum):
    """One row for each segment where neurons at rest are skipped (`resting`)."""

    AWAKE = 0
    """Number of updated neurons, which come first; `resting.EVERY` if all are updated, in their own order."""
    FIRST = 1
    """Place in the partition of the segment's first neuron."""
    START = 2
    """Start of the segment's order and positions."""
    RECEPTORS = 3
    VARIABLES = 4
    COUNTERS = 5
    COEFFICIENTS = 6
    """Number of coefficients that each neuron has; 0 if all share them."""
    MAY_REST = 7
    """0 if all are updated in every step, otherwise 1."""
    SKIPPED = 8
    """Number of updates skipped so far."""


class DriveColumn(IntEnum):
    """One row for each (segment, drive)."""

    KERNEL = 0
    N = 1
    FIRST_ID = 2
    ID_STRIDE = 3
    STREAM = 4
    INPUTS = 5
    HEADER = 6
    THRESHOLDS = 7
    SCRATCH = 8


class PieceColumn(IntEnum):
    """One row for each piece of synapses that is listed for delivery (`just_in_time`)."""

    KEY = 0
    N_KEYS = 1
    """Consecutive keys that the piece covers; with multiplicities, from bit 32 on, that of the spike minus one."""
    SLOT = 2
    """In which the synapses of the first key arrive."""
    BASE = 3
    """Position of the first neuron's input in that slot."""
    START = 4
    """Start of the piece's words; END is their end."""
    END = 5
    WEIGHT = 6
    """Common weight of the synapses of the piece, unless each word holds its own."""


class RowColumn(IntEnum):
    """One row for each spike, channel and partition that is looked up (`by_source`, `calendar`)."""

    START = 0
    """Start of its words; before these are found, the number of the row."""
    END = 1
    RECEPTOR = 2
    WEIGHT = 3
    """Common weight of the synapses of the row, unless each word holds its own."""
    TIMES = 4
    """Number of spikes that the word represents."""


class Clock(IntEnum):
    """Nanoseconds that a thread spent in each phase."""

    UPDATE = 0
    DELIVER = 1
    COMMUNICATE = 2
    RECORD = 3
