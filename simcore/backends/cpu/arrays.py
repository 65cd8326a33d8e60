"""Groups of arrays that the kernels of the step loop pass on together."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.synapses.layout import JUST_IN_TIME, Layout

IntArray = npt.NDArray[np.int64]


class Format(NamedTuple):
    """Format of the words of synapses, and how they are delivered.

    Parameters
    ----------
    min_delay, max_delay
        Steps.
    target_bits, weight_shift
        Bits of a word for the target, and for target and delay.
    windowed
        Whether the delivery is `just_in_time`, window by window, 0 or 1; otherwise a spike is delivered at once.
    n_receptors
        Input buffers of a neuron and slot.
    range_bits
        An entry of `Synapses.ranges` stands for 2^range_bits consecutive ids.
    block_bits, sparse
        Of the index of rows, see `simcore.synapses.layout.Layout`.
    """

    min_delay: int
    max_delay: int
    target_bits: int
    weight_shift: int
    windowed: int
    n_receptors: int
    range_bits: int
    block_bits: int
    sparse: int


def format_of(layout: Layout, plan: Plan, range_bits: int) -> Format:
    """The format of a layout."""
    return Format(
        plan.tables.min_delay,
        plan.tables.max_delay,
        layout.target_bits,
        layout.weight_shift,
        int(layout.name == JUST_IN_TIME),
        plan.network.most_receptors,
        range_bits,
        layout.block_bits,
        int(layout.sparse),
    )


class Synapses(NamedTuple):
    """Synapse tables of a thread's partitions, one after the other.

    Parameters
    ----------
    partitions
        int64, see `columns.PartitionColumn`.
    words, late, group_starts, offsets
        See `simcore.synapses.packer`; `group_starts` is its index, or with the layouts `by_source` and `calendar` that
        of `simcore.synapses.row_index`. `late` is empty except with the layout `calendar`.
    ranges, range_ends, channel_starts, channels
        Which channels a neuron has: see `simcore.synapses.rows.Sources`.
    format
        See there.
    """

    partitions: IntArray
    words: npt.NDArray[np.integer[Any]]
    late: npt.NDArray[np.uint8]
    group_starts: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.unsignedinteger[Any]]
    ranges: npt.NDArray[np.uint32]
    range_ends: IntArray
    channel_starts: IntArray
    channels: IntArray
    format: Format


class Buffers(NamedTuple):
    """Targets of the delivery of a thread's spikes.

    Parameters
    ----------
    inputs
        Input buffers, shape (input_slots, receptors, neurons) for each partition; the input of a step is in slot
        ``step % input_slots``.
    pending
        int64 (slots,): synaptic events that wait for each step, in slot ``step % slots``. With a calendar those beyond
        one for each of its entries, which count when they arrive.
    pieces
        uint64: scratch, see `columns.PieceColumn` and `columns.RowColumn`.
    input_slots
        As many as `pending` has, or one with a calendar.
    calendar
        `calendar.Calendar`, or `calendar.NO_CALENDAR` with the other layouts.
    touched
        uint64 (partitions, slots, words): a bit for each neuron at which something arrives; WHOLE where no neuron is
        skipped.
    """

    inputs: npt.NDArray[np.signedinteger]
    pending: IntArray
    pieces: npt.NDArray[np.uint64]
    input_slots: int
    calendar: Any
    touched: Any


class Recent(NamedTuple):
    """A thread's register of spikes (`register.Register`)."""

    words: npt.NDArray[np.unsignedinteger[Any]]
    ranges: IntArray
    first_step: int


class Fresh(NamedTuple):
    """Spikes of the latest interval, shared between threads, in two alternating sets.

    Parameters
    ----------
    words
        As wide as those of the register (2, room): words of the spikes, a place for each partition.
    starts
        int64 (partitions,): these places.
    ends
        int64 (2, partitions, interval): ends of the spikes of each step, relative to the place.
    """

    words: npt.NDArray[np.unsignedinteger[Any]]
    starts: IntArray
    ends: IntArray


WHOLE = 0
"""Replaces the arrays for neurons at rest if all neurons are updated in every step."""


class Resting(NamedTuple):
    """Arrays with which a thread skips its neurons at rest, see `resting`.

    Parameters
    ----------
    segments
        int64, see `columns.RestColumn`.
    order, position
        uint16: of each segment, which neuron is at each position, and the position of each neuron.
    traced
        int64 (recorded,): index in `position` of the recorded neuron, whose row is in `Neurons.trace_addresses`;
        `resting.FIXED` of one that stays where it is.
    arrivals
        Inputs of a segment, by receptor and position; 0 between updates.
    before, counters_before
        Scratch: the bits of state and counters before an update, by row and position.
    still
        uint8: scratch, whether a neuron may be at rest.
    """

    segments: IntArray
    order: npt.NDArray[np.uint16]
    position: npt.NDArray[np.uint16]
    traced: IntArray
    arrivals: npt.NDArray[np.signedinteger]
    before: npt.NDArray[np.signedinteger]
    counters_before: npt.NDArray[np.int32]
    still: npt.NDArray[np.uint8]


class Neurons(NamedTuple):
    """Arrays of the neurons and drives that a thread updates.

    Parameters
    ----------
    segments, drives
        int64, see `columns.SegmentColumn` and `columns.DriveColumn`.
    spikes
        uint32: scratch for the spikes of a segment: the neuron's place in the segment, and from bit 16 on the number of
        its spikes minus one.
    trace_addresses, traces
        int64 (recorded,) and uint32 (steps, words): sources and destinations of the copies after each step. A value is
        one word or two, so that kernels do not depend on the precision.
    resting
        `Resting`, or WHOLE.
    """

    segments: IntArray
    drives: IntArray
    spikes: npt.NDArray[np.uint32]
    trace_addresses: IntArray
    traces: npt.NDArray[np.uint32]
    resting: Any


class Crew(NamedTuple):
    """A thread among those of its rank.

    Parameters
    ----------
    thread, n_threads
        Index of this thread, and the number of threads.
    patience_ns
        Time for which a thread polls for another before it sleeps.
    spins
        Polls for other ranks before a thread yields its processor.
    shared
        int64 counters of all threads, 0 at the call (`waiting`).
    """

    thread: int
    n_threads: int
    patience_ns: int
    spins: int
    shared: IntArray


class Calls(NamedTuple):
    """Addresses of the test, the state and the start of an exchange; zeros with one rank."""

    test: int
    state: int
    start: int


NOBODY = Calls(0, 0, 0)


class Others(NamedTuple):
    """The exchange with other ranks.

    Parameters
    ----------
    calls
        Addresses with which it is called.
    received, received_ends
        Words of other ranks in order of the step, as wide as those of the register, and where those of each step of
        the interval end, counted in 32 bits (int64).
    sent_ends
        Scratch: where the spikes that this rank sends for each step of the interval end, in the same way.
    """

    calls: Calls
    received: npt.NDArray[np.unsignedinteger[Any]]
    received_ends: IntArray
    sent_ends: IntArray


ONE_INTERVAL = 0
"""Instead of `Groups`, where all ranks exchange spikes at once."""


class Groups(NamedTuple):
    """The exchange between groups of ranks, where it is a separate one.

    Parameters
    ----------
    others
        The exchange.
    words
        As wide as those of the register: scratch for what this rank sends.
    begin
        A step at which everything was exchanged; an exchange takes place at multiples of its interval and at the end of
        a stretch.
    """

    others: Others
    words: npt.NDArray[np.unsignedinteger[Any]]
    begin: int


class Timer(NamedTuple):
    """A thread's clock and counters.

    Parameters
    ----------
    clock
        int64[3]: result of the system call, and the start of the current lap in nanoseconds.
    counters
        int64, added to: nanoseconds by `columns.Clock`, synaptic events, nanoseconds of the exchange and of no phase,
        and how many waits were how long (`advance.FIRST_WAIT`).
    """

    clock: IntArray
    counters: IntArray


class Stretch(NamedTuple):
    """Steps that the threads simulate together.

    Parameters
    ----------
    begin, end
        Steps.
    halfway
        NOT_HALFWAY, or the start of an interval up to `begin` whose own spikes are registered and delivered, while
        those of other ranks found no room in a buffer; `begin` itself if only those of other groups found none.
    interval
        Steps between exchanges, at multiples of which they take place.
    room
        Largest number of entries that an interval can add to the register from this rank. All threads hold the same
        entries, so all of them stop at the same step when there is no room.
    """

    begin: int
    end: int
    halfway: int
    interval: int
    room: int


class Own(NamedTuple):
    """All arrays of a thread."""

    synapses: Synapses
    buffers: Buffers
    recent: Recent
    fresh: Fresh
    neurons: Neurons
    crew: Crew
    others: Others
    timer: Timer
    plastic: Any
    """`plastic_arrays.Plastic`, or `plastic_arrays.STATIC` where no synapse is plastic."""
    groups: Any
    """`Groups`, or ONE_INTERVAL."""
