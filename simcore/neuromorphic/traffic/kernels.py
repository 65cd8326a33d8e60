"""Compiled counting of events on the cores and links of a chip, step by step.

Two numbers share one word, with half of its bits each, so that one addition counts both and the words of a step stay in
the nearest cache. One kind of word holds incoming messages in the upper half and synaptic events in the lower half. The
other holds spikes in the upper half and outgoing messages in the lower half. Sums over cores have separate words.
"""

from typing import Any

import numpy as np

from simcore.jit.compilation import borrowing, inlined, kernel
from simcore.jit.intrinsics import prefetch

LINE, AHEAD = 64, 2
"""Bytes of a cache line, and spikes between prefetch and addition."""


def largest_counts(words: Any) -> tuple[int, int]:
    """Largest lower and upper number that words of a NumPy type can hold."""
    half = 4 * np.dtype(words).itemsize
    return (1 << half) - 1, (1 << (half - 1)) - 1


@inlined
def _half(words: Any) -> Any:
    """Number of bits of the lower number of a word."""
    return np.int64(4 * words.itemsize)


@inlined
def _prefetch(values: Any, start: Any, end: Any) -> None:
    for position in range(start, end, LINE // values.itemsize):
        prefetch(values, position)


@inlined
def _add_spikes(
    rows: Any, first: Any, last: Any, core_of_row: Any, axons: Any, routes: Any, injected: Any, counts: Any
) -> None:
    """Add the events of spikes ``rows[first:last]`` to the words of the cores and to the differences between links."""
    axon_starts, axon_cores, axon_synapses = axons
    route_starts, route_positions, route_changes = routes
    arrivals, departures, changes = counts
    message, spike = np.int64(1) << _half(arrivals), np.int64(1) << _half(departures)
    for place in range(first, last):
        # Rows are scattered in memory: a later row, even of another step, is prefetched while this one is added.
        row, later = rows[place], rows[min(place + AHEAD, len(rows) - 1)]
        _prefetch(axon_cores, axon_starts[later], axon_starts[later + 1])
        _prefetch(axon_synapses, axon_starts[later], axon_starts[later + 1])
        _prefetch(route_positions, route_starts[later], route_starts[later + 1])
        _prefetch(route_changes, route_starts[later], route_starts[later + 1])
        cores = axon_cores[axon_starts[row] : axon_starts[row + 1]]
        synapses = axon_synapses[axon_starts[row] : axon_starts[row + 1]]
        for k in range(len(cores)):
            arrivals[cores[k]] += message + synapses[k]
        positions = route_positions[route_starts[row] : route_starts[row + 1]]
        differences = route_changes[route_starts[row] : route_starts[row + 1]]
        for k in range(len(positions)):
            changes[positions[k]] += differences[k]
        departures[core_of_row[row]] += spike + injected[row]


@inlined
def _first(values: Any, wanted: Any) -> Any:
    for k in range(len(values)):
        if values[k] == wanted:
            return k
    return -1


@inlined
def _first_lower(words: Any, wanted: Any, lower: Any) -> Any:
    for k in range(len(words)):
        if words[k] & lower == wanted:
            return k
    return -1


@inlined
def _summarise_arrivals(arrivals: Any, times: Any, whole: Any, seconds: Any) -> None:
    """Compute sums and maxima of the events that cores receive, and clear them."""
    half = _half(arrivals)
    lower = (np.int64(1) << half) - 1
    all_synops = all_messages = synops = messages = np.int64(0)
    for core in range(len(arrivals)):
        all_synops += arrivals[core] & lower
        all_messages += arrivals[core] >> half
        synops = max(synops, arrivals[core] & lower)
        messages = max(messages, arrivals[core] >> half)
    whole[0], whole[1], whole[4], whole[6] = all_synops, all_messages, synops, messages
    whole[5] = _first_lower(arrivals, synops, lower)
    seconds[0] = synops * times[0] + messages * times[1]
    if times[0] > 0.0 and times[1] > 0.0:
        # The core with most synaptic events may differ from the core with most messages.
        slowest = 0.0
        for core in range(len(arrivals)):
            slowest = max(slowest, (arrivals[core] & lower) * times[0] + (arrivals[core] >> half) * times[1])
        seconds[0] = slowest
    arrivals[:] = 0


@inlined
def _summarise_departures(
    departures: Any, senders: Any, idle_s: Any, times: Any, neurons: Any, whole: Any, seconds: Any
) -> None:
    """Compute sums and maxima of the events that cores send, and the largest computing time, and clear them."""
    half = _half(departures)
    lower = (np.int64(1) << half) - 1
    all_spikes = spikes = messages = np.int64(0)
    slowest = idle_s
    for core in senders:
        word = departures[core]
        all_spikes += word >> half
        spikes, messages = max(spikes, word >> half), max(messages, word & lower)
        if word > 0:
            sent = (word >> half) * times[3] + (word & lower) * times[4]
            slowest = max(slowest, neurons[core] * times[2] + sent)
        departures[core] = 0
    whole[2], whole[7], whole[8] = all_spikes, messages, spikes
    seconds[1] = slowest


@inlined
def _summarise_links(changes: Any, loads: Any, link_max: Any, whole: Any) -> None:
    """Compute loads from differences, their sum and maximum, and clear the differences."""
    load = np.int32(0)
    for link in range(len(loads)):
        load += changes[link]
        loads[link] = load
    changes[:] = 0
    hops = np.int64(0)
    busiest = np.int32(0)
    for link in range(len(loads)):
        hops += loads[link]
        busiest = max(busiest, loads[link])
        link_max[link] = max(link_max[link], loads[link])
    whole[3], whole[9] = hops, busiest
    whole[10] = _first(loads, busiest) if busiest > 0 else -1


@kernel
def count_steps(
    ends: Any, rows: Any, core_of_row: Any, axons: Any, routes: Any, injected: Any, arrivals: Any, times: Any,
    neurons: Any, link_max: Any, kept: Any, whole: Any, seconds: Any,
) -> None:  # fmt: skip
    """Count steps and summarise each; those of step k are ``rows[ends[k]:ends[k + 1]]``.

    The sums and maxima are in the order of `StepSummary`. `arrivals` holds a zero for each core, before and after.
    """
    links = len(link_max)
    departures, changes = np.zeros(len(neurons), np.int64), np.zeros(links + 1, np.int32)
    idle_s = neurons.max() * times[2]
    counts, spare = (arrivals, departures, changes), np.zeros((1, links), np.int32)
    for step in range(len(ends) - 1):
        first, last = ends[step], ends[step + 1]
        _add_spikes(rows, first, last, core_of_row, axons, routes, injected, counts)
        senders = core_of_row[rows[first:last]]
        _summarise_arrivals(arrivals, times, whole[step], seconds[step])
        _summarise_departures(departures, senders, idle_s, times, neurons, whole[step], seconds[step])
        _summarise_links(changes, kept[step] if len(kept) > 0 else spare[0], link_max, whole[step])


@borrowing
def add_steps(
    ends: Any, rows: Any, core_of_row: Any, axons: Any, routes: Any, injected: Any, arrivals: Any, departures: Any,
    changes: Any,
) -> None:  # fmt: skip
    """Add up the events of each step without a summary, because other ranks have spikes of the same steps."""
    for step in range(len(ends) - 1):
        counts = (arrivals[step], departures[step], changes[step])
        _add_spikes(rows, ends[step], ends[step + 1], core_of_row, axons, routes, injected, counts)


@borrowing
def add_busy(
    ends: Any, rows: Any, core_of_row: Any, starts: Any, axon_cores: Any, words: Any, injected: Any, reads: Any,
    exchanged: Any,
) -> None:  # fmt: skip
    """Add up the words that each core reads in each step, and the messages that it exchanges with its router."""
    for step in range(len(ends) - 1):
        for place in range(ends[step], ends[step + 1]):
            row = rows[place]
            exchanged[step, core_of_row[row]] += injected[row]
            for axon in range(starts[row], starts[row + 1]):
                exchanged[step, axon_cores[axon]] += 1
                reads[step, axon_cores[axon]] += words[axon]


@borrowing
def add_updates(
    ends: Any, rows: Any, core_of_row: Any, starts: Any, cores: Any, synapses: Any, in_degrees: Any, resources: Any,
    weights: Any, states: Any,
) -> None:  # fmt: skip
    """Add up the updates of plastic weights, and of the state of short-term plasticity, of each core in each step."""
    for step in range(len(ends) - 1):
        for place in range(ends[step], ends[step + 1]):
            row = rows[place]
            weights[step, core_of_row[row]] += in_degrees[row]
            states[step, core_of_row[row]] += resources[row]
            for axon in range(starts[row], starts[row + 1]):
                weights[step, cores[axon]] += synapses[axon]


@kernel
def summarise_steps(
    arrivals: Any, departures: Any, changes: Any, times: Any, neurons: Any, link_max: Any, kept: Any, whole: Any,
    seconds: Any,
) -> None:  # fmt: skip
    """Summarise steps whose counts are complete."""
    spare, idle_s = np.zeros((1, len(link_max)), np.int32), neurons.max() * times[2]
    for step in range(len(arrivals)):
        senders = np.nonzero(departures[step])[0]
        _summarise_arrivals(arrivals[step], times, whole[step], seconds[step])
        _summarise_departures(departures[step], senders, idle_s, times, neurons, whole[step], seconds[step])
        _summarise_links(changes[step], kept[step] if len(kept) > 0 else spare[0], link_max, whole[step])


@borrowing
def add_runs(spikes: Any, axons: Any, routes: Any, synops: Any, entered: Any, changes: Any) -> None:
    """Add the events of all spikes of a run, from the number of spikes of each source."""
    axon_starts, axon_cores, axon_synapses = axons
    route_starts, route_positions, route_changes = routes
    for row in range(len(spikes)):
        for k in range(axon_starts[row], axon_starts[row + 1]):
            synops[axon_cores[k]] += spikes[row] * axon_synapses[k]
            entered[axon_cores[k]] += spikes[row]
        for k in range(route_starts[row], route_starts[row + 1]):
            changes[route_positions[k]] += spikes[row] * route_changes[k]
