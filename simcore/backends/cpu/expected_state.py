"""Bytes that the neurons, inputs and spikes of a rank will take, from the description."""

import math
from typing import Any

import numpy as np

from simcore.backends.backend import Plan, words_per_spike
from simcore.backends.cpu.build import accumulator_dtype, arrival_slots, input_slots
from simcore.backends.cpu.calendar import BLOCK, LEAST_BLOCKS, entry_type
from simcore.backends.cpu.currents import drive_place
from simcore.backends.cpu.expected_tables import ExpectedTables, own_partitions
from simcore.backends.cpu.intervals import exchange_intervals
from simcore.backends.cpu.register import MAX_STEPS, MIN_WORDS, SPARE_WORDS
from simcore.backends.cpu.resting_choice import may_skip
from simcore.backends.cpu.state import (
    CACHE_LINE,
    RESTING_SEGMENT_NEURONS,
    SCRATCH_HEADER_BYTES,
    SEGMENT_NEURONS,
    current_drives,
    kernel_of,
    segment_coefficients,
)
from simcore.comm.communicator import DIRECTED, FIRST_CAPACITY
from simcore.drives import EventDrive
from simcore.memory import expected_touched
from simcore.neurons.declared import initial_state_of
from simcore.selection import selected
from simcore.synapses.layout import CALENDAR, UNDER_WAY, Layout
from simcore.synapses.multiplicity import largest_multiplicities
from simcore.tables import population_values

RATE_HZ = 10.0
"""Mean rate of all neurons that is assumed where memory depends on spikes."""
BLOCK_S = 0.25
"""Model time whose spikes are in memory together, for a network that runs in real time."""
SAMPLE = 64
"""Neurons of a population from which the sizes of its arrays are computed."""
PADDING = 2 * CACHE_LINE
"""Additional bytes of an array that starts on its own cache line."""
SEGMENT_ARRAYS, DRIVE_ARRAYS = 4, 3
"""Number of such arrays of a segment, and of a drive in it."""
WORD_BYTES, REAL_BYTES = 4, 8
ORDER_BYTES = 4
"""Bytes for place and position of a neuron that may rest."""
LINK_BYTES = 4
"""Bytes of a block of a calendar in the list of free blocks, and of its link."""
RANGE_BYTES = 16
"""Bytes for each of the ranges of a step's spikes in a register."""
PAGE_BYTES = 4096
REQUEST_BYTES = 128
"""Bytes for requests, states and addresses of the messages of a rank."""
ROUTE_BYTES = 8
"""Bytes of a neuron in the tables of the directed exchange."""


def neuron_bytes(plan: Plan, owned: list[int]) -> float:
    """State, parameters and drives of a rank's neurons; `owned` are those of each population."""
    skips = may_skip(plan)
    most = RESTING_SEGMENT_NEURONS if skips else SEGMENT_NEURONS
    total = float(ORDER_BYTES * sum(owned)) if skips else 0.0
    total += plan.placement.threads * WORD_BYTES * most
    for number, n in enumerate(owned):
        if n:
            total += _population_bytes(plan, number, n, most)
    return total


def _population_bytes(plan: Plan, number: int, n: int, most: int) -> float:
    network, real = plan.network, np.dtype(plan.real).itemsize
    population = network.populations[number]
    partitions = min(n, len(own_partitions(plan)))
    segments = partitions * math.ceil(n / partitions / most)
    first = network.first_ids[population.name]
    ids = np.arange(first, first + population.size, max(1, population.size // SAMPLE))
    values = population_values(network, number, plan.seed, ids)
    state, counters = initial_state_of(population.neuron_model, values.params, values.initial, len(ids))
    coefficients = segment_coefficients(plan, number, values.params, len(ids))
    currents = current_drives(network, number)
    equal = coefficients.shape[1] == 1 or (not currents and bool((coefficients == coefficients[:, :1]).all()))
    columns = segments if equal else n
    held = n * (real * len(state) + 4 * len(counters)) + real * len(coefficients) * columns
    if currents:
        constants = 2 + (len(currents) if any(selected(drive.target) for _, drive in currents) else 0)
        held += REAL_BYTES * (constants + len(currents)) * columns
        held += REAL_BYTES * segments * drive_place(len(currents), 0)
    share = n / population.size
    return held + segments * SEGMENT_ARRAYS * PADDING + _drive_bytes(plan, population.name, share, segments)


def _drive_bytes(plan: Plan, target: str, share: float, segments: int) -> float:
    """Tables and scratch of the drives of a population; `share` of its neurons are the rank's."""
    total = 0.0
    for number, one in plan.network.inputs_of(target):
        drive, prepared = one.drive, plan.tables.drives[number]
        if prepared is None:
            continue
        # Drives with numbers for each neuron pass a segment those of its neurons.
        split = isinstance(drive, EventDrive) and type(drive).selected is not EventDrive.selected
        total += prepared.header.nbytes * (share if split else segments) + prepared.values.nbytes * segments
        if isinstance(drive, EventDrive):
            chosen = selected(drive.target)
            driven = plan.network.population(target).size if chosen is None else len(chosen.array)
            thresholds = kernel_of(drive, "kernel_thresholds")(prepared.thresholds)
            total += thresholds.nbytes * segments + drive.scratch_bytes_per_neuron * driven * share
            total += segments * (SCRATCH_HEADER_BYTES + DRIVE_ARRAYS * PADDING)
    return total


def expected_accumulator(plan: Plan) -> type[np.signedinteger[Any]]:
    """Type of an input, from the expected in-degrees; the actual ones may differ."""
    network = plan.network
    if not network.projections:
        return accumulator_dtype(plan, 0)
    multiplicities, arrivals = largest_multiplicities(network), np.zeros(len(network.populations))
    for projection, synapses in zip(network.projections, network.expected_by_projection, strict=True):
        each = synapses / network.population(projection.target).size
        arrivals[network.index(projection.target)] += each * multiplicities[network.index(projection.source)]
    return accumulator_dtype(plan, int(arrivals.max()))


def input_bytes(plan: Plan, layout: Layout, owned: list[int], tables: ExpectedTables) -> float:
    """Input buffers of a rank, or the used parts of its calendars."""
    placement, receptors = plan.placement, plan.network.most_receptors
    itemsize = np.dtype(expected_accumulator(plan)).itemsize
    slots = input_slots(plan, layout, itemsize)
    kept = arrival_slots(plan, layout, slots)
    inputs = float(receptors * slots * itemsize * sum(owned)) + REAL_BYTES * kept * placement.threads
    if layout.name != CALENDAR:
        return inputs
    lists = len(own_partitions(plan)) * kept * receptors
    entry = np.dtype(entry_type(plan)).itemsize
    blocks = placement.threads * LEAST_BLOCKS + UNDER_WAY * tables.synapses / BLOCK
    under_way = tables.delay_sum * RATE_HZ * plan.network.resolution_ms * 1e-3 + lists * BLOCK / 2
    reserved, threads = entry * BLOCK * blocks, placement.threads
    pool = threads * expected_touched(reserved / threads, entry * under_way / threads)
    return inputs + REAL_BYTES * lists + 2 * LINK_BYTES * blocks + pool


def spike_bytes(plan: Plan) -> float:
    """Used parts of the registers of the recent spikes of all neurons, one per thread."""
    h_s, width, placement = plan.network.resolution_ms * 1e-3, np.dtype(plan.spike_word).itemsize, plan.placement
    steps = min(MAX_STEPS, BLOCK_S / h_s) + plan.tables.max_delay
    written = width * plan.network.n_neurons * RATE_HZ * h_s * steps
    partitions, intervals = len(own_partitions(plan)), exchange_intervals(plan)
    fresh = 2 * width * (intervals.within * placement.largest_partition + SPARE_WORDS) * partitions
    words = width * max(MIN_WORDS, 4 * intervals.within * placement.size_of_rank(plan.rank))
    ranges = RANGE_BYTES * (3 if intervals.differ else 2) * (MAX_STEPS + plan.tables.max_delay + 2)
    register = expected_touched(max(words, written), written) + ranges
    return placement.threads * register + expected_touched(fresh, 2.0 * PAGE_BYTES * partitions)


def exchange_bytes(plan: Plan, owned: list[int]) -> float:
    """Blocks and buffers of the exchanges with other ranks."""
    ranks, intervals = plan.placement.ranks, exchange_intervals(plan)
    if ranks == 1:
        return 0.0
    routes = ROUTE_BYTES * plan.network.n_neurons if plan.exchange == DIRECTED else 0.0
    if not intervals.differ:
        return routes + _buffer_bytes(plan, owned, ranks, intervals.within)
    group = len(plan.placement.ranks_with(plan.rank))
    within = _buffer_bytes(plan, owned, group, intervals.within) if group > 1 else 0.0
    return routes + within + _buffer_bytes(plan, owned, ranks, intervals.between)


def _buffer_bytes(plan: Plan, owned: list[int], ranks: int, interval: int) -> float:
    """Return the bytes of the blocks and buffers of an exchange between `ranks` ranks."""
    sent = sum(owned) * RATE_HZ * plan.network.resolution_ms * 1e-3 * interval * words_per_spike(plan)
    block = interval + max(FIRST_CAPACITY, 2.0 * sent)
    received = 2.0 * max(FIRST_CAPACITY, sent)
    blocks = (ranks if plan.exchange == DIRECTED else 1) + ranks
    return WORD_BYTES * (blocks * block + 2.0 * ranks * received) + REQUEST_BYTES * ranks
