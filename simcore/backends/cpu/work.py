"""Bytes and operations of the phases of the step loop, counted after a run.

A run counts synaptic events only, because more counters would cost time in its innermost loops. The rest follows from
its spikes and from the arrays that the backend has allocated: which entries of the index each spike looks up in each
delivery window, where its synapse words begin and end, and how many neurons and counts of the Poisson drives each step
updates. The count comprises the bytes that the program requests, except for words and index: they are read at random
places, where memory moves whole lines, so that their lines are counted. Arrays of one block of neurons stay in the L1
cache and are not counted; neither are the spikes themselves, which are few in a step.

One addition into an input buffer is an operation of `deliver`, which is a synaptic event. Of `update` each addition,
multiplication, comparison, choice, conversion and logical operation on a number of a neuron is one, whatever its width:

- the neuron's own formulas (`NEURON_OPERATIONS`);
- ten rounds of Philox with two products and four exclusive ors, and the signs of four words, for eight steps;
- eight comparisons and additions for a count; further ones, which few counts need, are left out;
- a product and an addition to add a count to the input.

Left out, though each costs some of the time: of Philox the additions to its keys; of counts the largest of them, the
conversions of comparisons and sums to integers, and that to bytes when they are packed; where they are added to the
input a shift, a mask and a conversion. Of what `deliver` reads, the channels of each spike are left out
(`Synapses.ranges`, `range_ends`, `channel_starts` and `channels`).
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.backends.cpu.arrays import WHOLE, Synapses
from simcore.backends.cpu.build import ThreadPart
from simcore.backends.cpu.columns import ChannelColumn, DriveColumn, PartitionColumn, PieceColumn, SegmentColumn
from simcore.backends.cpu.deliver import PIECES
from simcore.drives import CurrentDrive, EventDrive
from simcore.drives.poisson.cpu import GROUP, PAIRS
from simcore.drives.poisson.model import Poisson
from simcore.errors import InputError
from simcore.synapses.plastic import plastic_projections

IntArray = npt.NDArray[np.int64]

LINE_BYTES = 64
NEURON_OPERATIONS = {"iaf_psc_exp": 22}
"""Operations per neuron update: 12 of propagators and inputs, 2 conversions, 3 comparisons, 3 choices, 2 integer."""
PHILOX_OPERATIONS = 10 * (2 + 4) + PAIRS
"""Operations of a block of Philox."""
STEPS_OF_BLOCK = 2 * PAIRS
BYTES_OF_PAIR = 2
"""Bytes read for each count: those of two steps are adjacent."""
HEADER_ENTRIES = 4
COUNT_OPERATIONS = 2 * GROUP
ADD_OPERATIONS = 2
SCRATCH_BYTES = PIECES * len(PieceColumn) * np.dtype(np.uint64).itemsize
"""Bytes of the list of pieces of a thread."""


@dataclass(frozen=True)
class Traffic:
    """Bytes that a phase moves between the processor and some arrays.

    Parameters
    ----------
    arrays
        Their description.
    moved_bytes
        Bytes read and written by all threads.
    resident_bytes
        Bytes that a thread accesses repeatedly, which determine the level of the memory hierarchy that serves them.
    """

    arrays: str
    moved_bytes: int
    resident_bytes: int


@dataclass(frozen=True)
class PhaseWork:
    """Work of a phase, of all threads.

    Parameters
    ----------
    phase
        ``deliver`` or ``update``.
    operations
        Number of operations, see the module.
    traffic
        Memory traffic by arrays.
    counts
        Counts from which the numbers were derived, by name.
    """

    phase: str
    operations: int
    traffic: tuple[Traffic, ...]
    counts: dict[str, int]


@dataclass(frozen=True)
class Lookups:
    """Reads of a thread's tables when some spikes are delivered.

    Parameters
    ----------
    looked_up
        Ranges of the index: one for each spike, channel, partition and delivery window with possible arrivals.
    pieces
        Ranges that hold synapses.
    words
        Synapses.
    word_lines, index_lines
        Lines of memory that contain these, for each piece and each look-up.
    """

    looked_up: int
    pieces: int
    words: int
    word_lines: int
    index_lines: int


def count_lookups(synapses: Synapses, n_slots: int, stamps: IntArray, ids: IntArray, begin: int, end: int) -> Lookups:
    """Count the reads of delivery for all arrivals in the steps [begin, end).

    Parameters
    ----------
    synapses
        Of one thread, laid out ``just_in_time``.
    n_slots
        Steps of a delivery window.
    stamps, ids
        End step and global id of each spike; those that arrive earlier or later are ignored.
    """
    total = np.zeros(5, dtype=np.int64)
    origins, neurons = stamps - 1, ids
    min_delay, n_delays = synapses.format.min_delay, synapses.format.max_delay - synapses.format.min_delay + 1
    like = np.searchsorted(synapses.range_ends, neurons, side="right")
    n_channels = synapses.channel_starts[like + 1] - synapses.channel_starts[like]
    for ordinal in range(int(n_channels.max(initial=0))):
        own = n_channels > ordinal
        channels = synapses.channels[synapses.channel_starts[like[own]] + ordinal, ChannelColumn.SHIFT]
        rows, arrivals = neurons[own] + channels, origins[own] + min_delay
        for partition in synapses.partitions:
            # The windows in which the delays of a spike end, the first of which it may meet halfway.
            for k in range(-(-(n_delays - 1) // n_slots) + 1):
                window = (arrivals // n_slots + k) * n_slots
                low = np.maximum(np.maximum(window, begin) - arrivals, 0)
                high = np.minimum(np.minimum(window + n_slots, end) - arrivals, n_delays)
                met = low < high
                total += _read(synapses, partition, rows[met], low[met], high[met])
    return Lookups(*total.tolist())


def _read(synapses: Synapses, partition: IntArray, rows: IntArray, low: IntArray, high: IntArray) -> IntArray:
    """Look up the delays [low, high) of rows; the five numbers of `Lookups`."""
    n_delays = synapses.format.max_delay - synapses.format.min_delay + 1
    keys = rows * (n_delays * len(synapses.partitions)) + partition[PartitionColumn.INDEX]
    first, last = keys + low, keys + high
    start, end = (synapses.group_starts[places].astype(np.int64) for places in (first, last))
    held = end > start
    words = partition[PartitionColumn.WORDS]
    return np.array([
        len(rows),
        np.count_nonzero(held),
        np.sum(end - start),
        _lines(synapses.words, words + start[held], words + end[held]),
        _lines(synapses.group_starts, first, last + 1),
    ])  # fmt: skip


def _lines(array: npt.NDArray[Any], starts: IntArray, ends: IntArray) -> int:
    """Lines of memory that contain the elements [start, end), summed over pieces that are not empty."""
    base, size = array.ctypes.data, array.itemsize
    return int(np.sum((base + ends * size - 1) // LINE_BYTES - (base + starts * size) // LINE_BYTES + 1))


def deliver_work(tables: Sequence[Synapses], parts: Sequence[ThreadPart], found: Sequence[Lookups]) -> PhaseWork:
    """Work of delivery, from the look-ups of each thread."""
    events = sum(one.words for one in found)
    # The kernel neither writes nor reads the weight of a piece whose words hold their own: they are signed.
    weighted = np.issubdtype(tables[0].words.dtype, np.signedinteger)
    listed = (len(PieceColumn) - weighted) * np.dtype(np.uint64).itemsize
    inputs, pieces = parts[0].inputs, sum(one.pieces for one in found)
    traffic = (
        Traffic("synapse words", LINE_BYTES * sum(one.word_lines for one in found), _largest(t.words for t in tables)),
        Traffic("index", LINE_BYTES * sum(one.index_lines for one in found), _largest(t.group_starts for t in tables)),
        Traffic("input buffers", 2 * inputs.itemsize * events, _largest(part.inputs for part in parts)),
        Traffic("list of pieces", 2 * listed * pieces, SCRATCH_BYTES),
    )
    counts = {name: sum(getattr(one, name) for one in found) for name in Lookups.__dataclass_fields__}
    return PhaseWork("deliver", events, traffic, {**counts, "word_bytes": tables[0].words.itemsize})


def _largest(arrays: Any) -> int:
    return max(int(array.nbytes) for array in arrays)


def update_work(plan: Plan, parts: Sequence[ThreadPart], begin: int, end: int) -> PhaseWork:
    """Work of updating neurons and their Poisson drives in the steps [begin, end).

    Raises
    ------
    InputError
        If a neuron model or a drive has no count.
    """
    _require_counted(plan)
    steps, slots = end - begin, parts[0].input_slots
    neurons = state_bytes = coefficient_bytes = operations = 0
    drawn = Drawn(0, 0)
    for part in parts:
        for row, segment in zip(part.segments, part.states, strict=True):
            n, model = segment.state.shape[1], plan.network.populations[segment.population].neuron_model
            neurons += n
            state_bytes += segment.state.nbytes + segment.counters.nbytes
            if row[SegmentColumn.N_COEFFICIENTS] > 1:
                coefficient_bytes += n * len(model.Coefficients._fields) * segment.state.itemsize
            operations += steps * n * NEURON_OPERATIONS[model.name]
            for drive in part.drives[row[SegmentColumn.FIRST_DRIVE] : row[SegmentColumn.END_DRIVE]]:
                drawn += count_drawn(int(drive[DriveColumn.N]), _header(drive), begin, end)
    operations += drawn.blocks * PHILOX_OPERATIONS + drawn.counts * (COUNT_OPERATIONS + ADD_OPERATIONS)
    # Of the input buffers, those of one step.
    input_bytes = sum(part.inputs.nbytes for part in parts) // slots
    added_bytes = parts[0].inputs.itemsize * drawn.counts
    resident = max(sum(part.memory_bytes()[name] for name in ("neurons", "inputs")) for part in parts)
    moved = {
        "state": 2 * steps * state_bytes,
        "coefficients": steps * coefficient_bytes,
        "inputs, read and cleared": 2 * steps * input_bytes,
        "inputs, added to by drives": 2 * added_bytes,
        "counts of drives": BYTES_OF_PAIR * drawn.counts + STEPS_OF_BLOCK * drawn.blocks,
    }
    traffic = tuple(Traffic(arrays, number, resident) for arrays, number in moved.items() if number)
    counts = {"neuron_updates": steps * neurons, "philox_blocks": drawn.blocks, "drive_counts": drawn.counts}
    return PhaseWork("update", operations, traffic, counts)


@dataclass(frozen=True)
class Drawn:
    """Numbers of draws of Poisson drives: blocks of Philox, and counts that were added to inputs."""

    blocks: int
    counts: int

    def __add__(self, other: "Drawn") -> "Drawn":
        return Drawn(self.blocks + other.blocks, self.counts + other.counts)


def count_drawn(n: int, header: IntArray, begin: int, end: int) -> Drawn:
    """Draws of a Poisson drive of `n` neurons in the steps [begin, end) after all earlier steps have been simulated.

    Parameters
    ----------
    header
        See `simcore.drives.poisson.model.Poisson.prepare`.
    """
    _, delay, start, stop = header.tolist()
    first, last = max(begin - delay, start), min(end - delay, stop)
    if first >= last:
        return Drawn(0, 0)
    blocks = -(-last // STEPS_OF_BLOCK) - -(-first // STEPS_OF_BLOCK)
    # A drive that begins within a block draws the entire block.
    begun = first == start and start % STEPS_OF_BLOCK != 0
    return Drawn(n * (blocks + begun), n * (last - first))


def _header(drive: IntArray) -> IntArray:
    found = (ctypes.c_int64 * HEADER_ENTRIES).from_address(int(drive[DriveColumn.HEADER]))
    return np.array(found, dtype=np.int64)


def _require_counted(plan: Plan) -> None:
    for population in plan.network.populations:
        model = population.neuron_model.name
        if model not in NEURON_OPERATIONS:
            known = ", ".join(NEURON_OPERATIONS)
            raise InputError(
                f"cannot count the operations of neuron model {model!r}; only these models are supported: {known}"
            )
    for one in plan.network.inputs:
        # A constant current is a part of the neurons' coefficients.
        if isinstance(one.drive, EventDrive | CurrentDrive) and one.drive.name != Poisson.name:
            raise InputError(
                f"cannot count the operations of drive {one.drive.name!r}; only {Poisson.name} drives are supported"
            )


def phase_work(
    plan: Plan, parts: Sequence[ThreadPart], tables: Sequence[Synapses], stamps: IntArray, ids: IntArray,
    begin: int, end: int,
) -> tuple[PhaseWork, PhaseWork]:  # fmt: skip
    """Work of the phases `deliver` and `update` in the steps [begin, end), with inputs from the given spikes.

    Parameters
    ----------
    tables
        Tables of each part.
    stamps, ids
        End step and global id of all spikes since the step begin - max_delay.

    Raises
    ------
    InputError
        If the work is not counted: several ranks, spikes with multiplicities, plastic synapses, neurons at rest that
        are skipped, another layout of synapses than `just_in_time`, state that is not float32, or a neuron model or
        drive without a count.
    """
    for refused, what in (
        (plan.comm.size > 1, "a run of several ranks"),
        (plan.network.relays, "a network that relays spikes"),
        (bool(plastic_projections(plan.tables)), "a network with plastic synapses"),
        (not tables[0].format.windowed, "a delivery algorithm other than just_in_time"),
        (plan.precision != "float32", f"precision {plan.precision}"),
        (parts[0].resting is not WHOLE, "skipped updates of neurons at rest"),
    ):
        if refused:
            raise InputError(f"work can be counted only for one rank, just_in_time and float32, not for {what}")
    slots = len(parts[0].pending)
    updated = update_work(plan, parts, begin, end)
    found = [count_lookups(one, slots, stamps, ids, begin, end) for one in tables]
    return deliver_work(tables, parts, found), updated
