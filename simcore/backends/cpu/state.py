"""State of a thread's neurons and drives, and the tables through which the step loop accesses it."""

import importlib
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import from_dtype, types

from simcore.backends.backend import Plan
from simcore.backends.cpu.arrays import WHOLE
from simcore.backends.cpu.build import SegmentState, ThreadPart, ThreadSynapses, arrival_slots, input_slots
from simcore.backends.cpu.columns import DriveColumn, PartitionColumn, SegmentColumn
from simcore.backends.cpu.currents import APPLY, current_buffer, current_constants, drive_place
from simcore.backends.cpu.resting import FIXED, RestingBuilder, driven
from simcore.connectivity.rule import Targets
from simcore.drives import CurrentDrive, EventDrive
from simcore.errors import UnavailableError
from simcore.jit.compilation import AddressedKernel
from simcore.network import Network
from simcore.neurons import NeuronModel
from simcore.neurons.declared import coefficients_of, initial_state_of
from simcore.selection import Selection, selected
from simcore.synapses.layout import Layout
from simcore.tables import population_values

FloatArray = npt.NDArray[np.float64]

ADDRESSED = ("UPDATE", "DELIVER", "PROVIDE")
"""Kernels that the step loop calls through their addresses."""
CACHE_LINE = 64
"""Arrays that different kernels write start on separate lines."""
SCRATCH_HEADER_BYTES = 16
"""Room for the notes of a drive before the scratch of its neurons."""
SEGMENT_NEURONS = 4096
"""Neurons that are driven and updated together. Fewer add calls (0.1 us each), more have no benefit."""
RESTING_SEGMENT_NEURONS = 16_384
"""The same if neurons at rest are skipped, so that few of them are updated; a segment takes 0.25 us."""


def kernel_of(described: NeuronModel | EventDrive | CurrentDrive, attribute: str) -> Any:
    """A kernel of a neuron model or drive, imported on use.

    Raises
    ------
    UnavailableError
        If there is none, which is possible for a plug-in; with the reason.
    """
    refused = f"{described.name} has no kernel for the cpu backend"
    try:
        found = getattr(importlib.import_module(described.cpu_kernels), attribute)
    except (ImportError, AttributeError) as error:
        raise UnavailableError(f"{refused}: {error}") from error
    except (Exception, SystemExit) as error:
        raise UnavailableError(f"{refused}: {type(error).__name__}: {error}") from error
    if attribute in ADDRESSED and not isinstance(found, AddressedKernel):
        raise UnavailableError(f"{refused}: {described.cpu_kernels}.{attribute} is {found!r}, not a kernel of simcore")
    return found


def pieces(targets: Targets, most: int) -> list[tuple[slice, Targets]]:
    """Split the neurons of a population into segments of limited size, each with its place among the neurons."""
    result = []
    for low in range(0, targets.count, most):
        count = min(most, targets.count - low)
        piece = Targets(targets.first + targets.stride * low, targets.stride, count, targets.local_first + low)
        result.append((slice(low, low + count), piece))
    return result


def driven_runs(chosen: Selection | None, piece: Targets) -> list[tuple[int, int]]:
    """Places [low, high) among the neurons of a segment that a drive acts on; one run if it acts on all of them."""
    if chosen is None:
        return [(0, piece.count)]
    driven = np.isin(piece.first + piece.stride * np.arange(piece.count), chosen.array)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], driven, [False]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def current_drives(network: Network, population: int) -> list[tuple[int, CurrentDrive]]:
    """Position among the inputs and description of the current drives of a population."""
    pairs = network.inputs_of(network.populations[population].name)
    return [(index, one.drive) for index, one in pairs if isinstance(one.drive, CurrentDrive)]


def acting_currents(
    described: list[tuple[int, CurrentDrive]], places: npt.NDArray[np.int64]
) -> tuple[list[tuple[int, CurrentDrive]], FloatArray]:
    """The current drives that reach some of these neurons of their population.

    Returns
    -------
    list
        Position among the inputs and description of each.
    numpy.ndarray
        1 for each drive and neuron that it reaches, else 0, shape (drives, neurons); (0, neurons) if all reach all.
    """
    chosen = {index: selected(drive.target) for index, drive in described}
    reached = {
        index: np.ones(len(places)) if one is None else np.isin(places, one.array).astype(np.float64)
        for index, one in chosen.items()
    }
    drives = [(index, drive) for index, drive in described if reached[index].any()]
    everywhere = all(reached[index].all() for index, _ in drives)
    rows = [] if everywhere else [reached[index] for index, _ in drives]
    return drives, np.array(rows).reshape(len(rows), len(places))


def segment_coefficients(plan: Plan, population: int, params: dict[str, FloatArray], n: int) -> FloatArray:
    """Coefficients of `n` neurons of a population, float64: one column, or n where currents differ between neurons."""
    network = plan.network
    model = network.populations[population].neuron_model
    coefficients = coefficients_of(model, params, network.resolution_ms, n)
    if any(drive.per_neuron or selected(drive.target) for _, drive in current_drives(network, population)):
        coefficients = np.broadcast_to(coefficients, (len(coefficients), n))
    return coefficients


class StateBuilder:
    """Allocates the state of one thread's neurons and drives, and fills the tables that point to it.

    Parameters
    ----------
    skips
        Whether neurons at rest are skipped.
    """

    def __init__(
        self, plan: Plan, layout: Layout, thread: int, accumulator: type[np.signedinteger[Any]], skips: bool
    ) -> None:
        self._plan, self._accumulator = plan, accumulator
        self._thread, self._partitions = thread, plan.placement.partitions(plan.rank, thread)
        self._held: list[npt.NDArray[Any]] = []
        self._segments: list[list[int]] = []
        self._drives: list[list[int]] = []
        self._traces: dict[int, tuple[int, int]] = {}
        self._digest = 0
        sizes = [plan.placement.size(partition) for partition in self._partitions]
        self._states: list[SegmentState] = []
        self._slots = input_slots(plan, layout, np.dtype(accumulator).itemsize)
        self._arrival_slots = arrival_slots(plan, layout, self._slots)
        self._inputs_per_neuron = plan.network.most_receptors * self._slots
        self._inputs = np.zeros(self._inputs_per_neuron * sum(sizes), dtype=accumulator)
        self._most = RESTING_SEGMENT_NEURONS if skips else SEGMENT_NEURONS
        self._spikes = np.zeros(self._most, dtype=np.uint32)
        self._resting = RestingBuilder(sum(sizes), plan.real, accumulator) if skips else None
        self._mark_words = -(-max(sizes) // 64)

    def build(self, synapses: ThreadSynapses) -> ThreadPart:
        """All tables of the thread."""
        placement = self._plan.placement
        partitions = []
        first_input = 0
        for p, partition in enumerate(self._partitions):
            row = [0] * len(PartitionColumn)
            row[PartitionColumn.WORDS] = synapses.word_starts[p]
            row[PartitionColumn.INDEX] = synapses.index_starts[p]
            row[PartitionColumn.OFFSETS] = synapses.offset_starts[p]
            row[PartitionColumn.INPUTS] = first_input
            row[PartitionColumn.N_NEURONS] = placement.size(partition)
            row[PartitionColumn.FIRST_SEGMENT] = len(self._segments)
            for number in range(len(self._plan.network.populations)):
                self._add_population(number, partition, first_input)
            row[PartitionColumn.END_SEGMENT] = len(self._segments)
            row[PartitionColumn.RANK_PARTITION] = self._thread + p * placement.threads
            partitions.append(row)
            first_input += self._inputs_per_neuron * placement.size(partition)
        columns = sorted(self._traces)
        traced = np.array([self._traces[column] for column in columns], dtype=np.int64).reshape(-1, 2)
        resting: Any = WHOLE
        touched: Any = WHOLE
        if self._resting is not None:
            resting = self._resting.build(self._most, self._plan.network.most_receptors, traced[:, 1].copy())
            touched = np.zeros((len(partitions), self._slots, self._mark_words), dtype=np.uint64)
        return ThreadPart(
            np.array(partitions, dtype=np.int64).reshape(-1, len(PartitionColumn)),
            np.array(self._segments, dtype=np.int64).reshape(-1, len(SegmentColumn)),
            np.array(self._drives, dtype=np.int64).reshape(-1, len(DriveColumn)),
            synapses.words,
            synapses.late,
            synapses.index,
            synapses.offsets,
            self._inputs,
            self._slots,
            np.zeros(self._arrival_slots, dtype=np.int64),
            self._spikes,
            self._held,
            self._states,
            columns,
            traced[:, 0].copy(),
            (self._digest + sum(synapses.digests)) % 2**128,
            touched,
            resting,
        )

    def _hold(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Keep a copy of `array` on separate cache lines; return the copy."""
        padded = np.zeros(array.nbytes + 2 * CACHE_LINE, dtype=np.uint8)
        offset = -padded.ctypes.data % CACHE_LINE
        copy = padded[offset : offset + array.nbytes].view(array.dtype)
        copy[:] = array.ravel()
        self._held.append(padded)
        return copy.reshape(array.shape)

    def _add_population(self, number: int, partition: int, first_input: int) -> None:
        """Segments and drives of a population's neurons in a partition."""
        plan = self._plan
        population = plan.network.populations[number]
        first = plan.network.first_ids[population.name]
        targets = plan.placement.targets(partition, first, population.size)
        ids = plan.placement.global_ids(partition, first, population.size)
        values = population_values(plan.network, number, plan.seed, ids)
        self._digest += values.digest(number, ids, with_constants=partition == 0)
        if not targets.count:
            return
        model = population.neuron_model
        state, counters = initial_state_of(model, values.params, values.initial, targets.count)
        coefficients = segment_coefficients(plan, number, values.params, targets.count)
        size = plan.placement.size(partition)
        for part, piece in pieces(targets, self._most):
            inputs = self._inputs.ctypes.data + (first_input + piece.local_first) * self._inputs.itemsize
            first_drive = len(self._drives)
            self._add_drives(population.name, piece, inputs, size)
            row = [0] * len(SegmentColumn)
            row[SegmentColumn.FIRST_ID], row[SegmentColumn.ID_STRIDE] = first + piece.first, piece.stride
            coefficient = self._hold(self._own_columns(coefficients, part, number).astype(plan.real))
            self._add_currents(number, values.params, part, piece, coefficient)
            update = kernel_of(model, "UPDATE")
            row[SegmentColumn.KERNEL] = update.address(self._real_type(), self._accumulator_type())
            row[SegmentColumn.N] = piece.count
            first_neuron, stride = piece.first, piece.stride
            neurons = range(first_neuron, first_neuron + stride * piece.count, stride)
            held = self._hold(state[:, part].astype(plan.real)), self._hold(counters[:, part])
            places = self._places(number, piece, *held, coefficient)
            order = None if places is None or self._resting is None else self._resting.order[places]
            self._states.append(SegmentState(number, neurons, *held, order))
            row[SegmentColumn.STATE], row[SegmentColumn.COUNTERS] = (array.ctypes.data for array in held)
            row[SegmentColumn.INPUTS] = inputs
            row[SegmentColumn.INPUT_STRIDE] = size
            row[SegmentColumn.COEFFICIENTS] = coefficient.ctypes.data
            row[SegmentColumn.N_COEFFICIENTS] = coefficient.shape[1]
            row[SegmentColumn.LSB] = self._hold(plan.tables.grid.lsb[number].astype(plan.real)).ctypes.data
            row[SegmentColumn.FIRST_DRIVE], row[SegmentColumn.END_DRIVE] = first_drive, len(self._drives)
            self._segments.append(row)
            self._add_traces(number, model, piece, row[SegmentColumn.STATE], places)

    def _places(
        self, number: int, piece: Targets, state: npt.NDArray[Any], counters: npt.NDArray[Any], own: npt.NDArray[Any]
    ) -> slice | None:
        """Range of the order of a segment's neurons; None if none of them is skipped."""
        if self._resting is None:
            return None
        if driven(self._plan.network, number):
            self._resting.add_whole()
            return None
        receptors = len(self._plan.network.populations[number].neuron_model.receptors)
        rows = len(state), len(counters), len(own) if own.shape[1] == piece.count else 0
        return self._resting.add(piece.count, piece.local_first, receptors, rows)

    def _own_columns(self, coefficients: FloatArray, part: slice, number: int) -> FloatArray:
        """Coefficients of a segment: one column if its neurons have the same, so that fewer bytes are read."""
        own = coefficients if coefficients.shape[1] == 1 else coefficients[:, part]
        equal = not current_drives(self._plan.network, number) and bool((own == own[:, :1]).all())
        return own[:, :1] if equal else own

    def _add_traces(
        self, number: int, model: NeuronModel, piece: Targets, state_address: int, places: slice | None
    ) -> None:
        """Store the addresses of the recorded variables of a segment, or of their rows if its neurons change places."""
        itemsize = np.dtype(self._plan.real).itemsize
        for column, (traced, neuron, variable) in enumerate(self._plan.traces):
            local, remainder = divmod(neuron - piece.first, piece.stride)
            if traced == number and remainder == 0 and 0 <= local < piece.count:
                row = state_address + model.row(variable) * piece.count * itemsize
                fixed = (row + local * itemsize, FIXED)
                self._traces[column] = fixed if places is None else (row, places.start + local)

    def _add_drives(self, target: str, piece: Targets, inputs: int, size: int) -> None:
        """One row for each drive of the population `target`, acting on one segment."""
        plan = self._plan
        first = piece.first
        places = range(first, first + piece.stride * piece.count, piece.stride)
        for number, one in plan.network.inputs_of(target):
            drive, prepared = one.drive, plan.tables.drives[number]
            if not isinstance(drive, EventDrive) or prepared is None:
                continue
            deliver = kernel_of(drive, "DELIVER")
            receptor = plan.network.receptors(drive)[int(prepared.header[0]) < 0]
            # A drive of selected neurons has no arrays, so all its runs read the same values.
            own = drive.selected(prepared, places)
            header = self._hold(own.header).ctypes.data
            thresholds = self._hold(kernel_of(drive, "kernel_thresholds")(own.thresholds)).ctypes.data
            for low, high in driven_runs(selected(drive.target), piece):
                scratch = np.zeros(SCRATCH_HEADER_BYTES + drive.scratch_bytes_per_neuron * (high - low), dtype=np.uint8)
                row = [0] * len(DriveColumn)
                row[DriveColumn.KERNEL] = deliver.address(self._real_type(), self._accumulator_type())
                row[DriveColumn.N] = high - low
                row[DriveColumn.FIRST_ID] = plan.network.first_ids[target] + piece.first + low * piece.stride
                row[DriveColumn.ID_STRIDE] = piece.stride
                row[DriveColumn.STREAM] = plan.seed | one.stream << 32
                row[DriveColumn.INPUTS] = inputs + (receptor * size + low) * self._inputs.itemsize
                row[DriveColumn.HEADER] = header
                row[DriveColumn.THRESHOLDS] = thresholds
                row[DriveColumn.SCRATCH] = self._hold(scratch).ctypes.data
                self._drives.append(row)

    def _add_currents(
        self, number: int, params: dict[str, FloatArray], part: slice, piece: Targets, coefficient: npt.NDArray[Any]
    ) -> None:
        """One row for each current drive of a segment, and one that applies them all."""
        plan = self._plan
        described = current_drives(plan.network, number)
        if not described:
            return
        places = piece.first + piece.stride * np.arange(piece.count)
        drives, reached = acting_currents(described, places)
        model, columns = plan.network.populations[number].neuron_model, coefficient.shape[1]
        own = {name: values if values.ndim == 0 else values[part] for name, values in params.items()}
        constants = current_constants(model, own, plan.network.resolution_ms, columns)
        # If all neurons are driven, the kernel reads only the constants.
        shares = np.concatenate([constants, reached]) if len(reached) else constants
        buffer = self._hold(current_buffer(len(drives), columns))
        first = plan.network.first_ids[plan.network.populations[number].name]
        for place, (index, drive) in enumerate(drives):
            prepared = plan.tables.drives[index]
            assert prepared is not None  # noqa: S101 - every current drive is prepared
            start = drive_place(place, columns)
            buffer[start + 2] = len(prepared.header)
            row = [0] * len(DriveColumn)
            row[DriveColumn.KERNEL] = kernel_of(drive, "PROVIDE").address(*self._types())
            row[DriveColumn.N] = columns
            row[DriveColumn.FIRST_ID] = first + piece.first
            row[DriveColumn.ID_STRIDE] = piece.stride
            row[DriveColumn.STREAM] = plan.seed | plan.network.inputs[index].stream << 32
            row[DriveColumn.HEADER] = self._hold(prepared.header).ctypes.data
            row[DriveColumn.THRESHOLDS] = self._hold(prepared.values).ctypes.data
            row[DriveColumn.SCRATCH] = buffer[start:].ctypes.data
            self._drives.append(row)
        row = [0] * len(DriveColumn)
        row[DriveColumn.KERNEL] = APPLY.address(*self._types())
        row[DriveColumn.N] = len(drives)
        row[DriveColumn.FIRST_ID] = coefficient[model.current_row].ctypes.data
        row[DriveColumn.ID_STRIDE] = columns
        row[DriveColumn.STREAM] = int(len(reached) > 0)
        row[DriveColumn.THRESHOLDS] = self._hold(shares).ctypes.data
        row[DriveColumn.SCRATCH] = buffer.ctypes.data
        self._drives.append(row)

    def _types(self) -> tuple[Any, Any]:
        return self._real_type(), self._accumulator_type()

    def _real_type(self) -> Any:
        return from_dtype(np.dtype(self._plan.real))

    def _accumulator_type(self) -> Any:
        return types.int32 if self._accumulator is np.int32 else types.int64
