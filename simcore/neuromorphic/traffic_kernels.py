"""Compiled counting of one step after the other on the cores and links of a chip."""

from typing import Any

import numpy as np

from simcore.backends.cpu.compilation import inlined_late, kernel

MESSAGE = np.int64(1) << 40
"""A message that enters a core, in the upper bits of the word that counts the synaptic events of the core."""
SPIKE = np.int64(1) << 40
"""A spike of a core, in the upper bits of the word that counts the messages that leave the core."""
LOW = MESSAGE - 1


@inlined_late
def _add_spikes(
    rows: Any, core_of_row: Any, axons: Any, routes: Any, injected: Any, arrivals: Any, departures: Any, changes: Any
) -> None:
    """Add what the spikes of a step cause to the counts of the cores and to the differences between links."""
    axon_starts, axon_cores, axon_synapses = axons
    route_starts, route_positions, route_changes = routes
    for row in rows:
        cores = axon_cores[axon_starts[row] : axon_starts[row + 1]]
        synapses = axon_synapses[axon_starts[row] : axon_starts[row + 1]]
        for k in range(len(cores)):
            arrivals[cores[k]] += MESSAGE + synapses[k]
        positions = route_positions[route_starts[row] : route_starts[row + 1]]
        steps = route_changes[route_starts[row] : route_starts[row + 1]]
        for k in range(len(positions)):
            changes[positions[k]] += steps[k]
        departures[core_of_row[row]] += SPIKE + injected[row]


@inlined_late
def _largest(words: Any) -> Any:
    largest = np.int64(0)
    for k in range(len(words)):
        largest = max(largest, words[k])
    return largest


@inlined_late
def _first(words: Any, wanted: Any) -> Any:
    for k in range(len(words)):
        if words[k] == wanted:
            return k
    return -1


@inlined_late
def _summarise(
    arrivals: Any, departures: Any, changes: Any, times: Any, neurons: Any, scratch: Any, loads: Any, link_max: Any,
    whole: Any, seconds: Any,
) -> None:  # fmt: skip
    """Sums and maxima of a step, in the order of `StepSummary`; clears the counts."""
    reals = scratch.view(np.float64)
    synops = messages = spikes = np.int64(0)
    for core in range(len(arrivals)):
        scratch[core] = arrivals[core] & LOW
        synops += scratch[core]
    whole[0], whole[4] = synops, _largest(scratch)
    whole[5] = _first(scratch, whole[4])
    for core in range(len(arrivals)):
        scratch[core] = arrivals[core] >> 40
        messages += scratch[core]
    whole[1], whole[6] = messages, _largest(scratch)
    # Numbers that are not negative have the order of their bits, and integers are compared in vectors.
    for core in range(len(arrivals)):
        reals[core] = (arrivals[core] & LOW) * times[0] + (arrivals[core] >> 40) * times[1]
        arrivals[core] = 0
    slowest = _largest(scratch)
    scratch[0] = slowest
    seconds[0] = reals[0]
    for core in range(len(departures)):
        scratch[core] = departures[core] >> 40
        spikes += scratch[core]
    whole[2], whole[8] = spikes, _largest(scratch)
    for core in range(len(departures)):
        scratch[core] = departures[core] & LOW
    whole[7] = _largest(scratch)
    for core in range(len(departures)):
        sent = (departures[core] >> 40) * times[3] + (departures[core] & LOW) * times[4]
        reals[core] = neurons[core] * times[2] + sent
        departures[core] = 0
    slowest = _largest(scratch)
    scratch[0] = slowest
    seconds[1] = reals[0]
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
    ends: Any, rows: Any, core_of_row: Any, axons: Any, routes: Any, injected: Any, times: Any, neurons: Any,
    link_max: Any, kept: Any, whole: Any, seconds: Any,
) -> None:  # fmt: skip
    """Count the steps ``1 ... len(ends) - 1``, whose spikes are ``rows[ends[k - 1]:ends[k]]``, and summarise each."""
    cores, links = len(neurons), len(link_max)
    arrivals, departures, scratch = np.zeros(cores, np.int64), np.zeros(cores, np.int64), np.zeros(cores, np.int64)
    changes, spare = np.zeros(links + 1, np.int32), np.zeros((1, links), np.int32)
    for step in range(len(ends) - 1):
        _add_spikes(
            rows[ends[step] : ends[step + 1]], core_of_row, axons, routes, injected, arrivals, departures, changes
        )
        loads = kept[step] if len(kept) > 0 else spare[0]
        _summarise(arrivals, departures, changes, times, neurons, scratch, loads, link_max, whole[step], seconds[step])


@kernel
def add_steps(
    ends: Any, rows: Any, core_of_row: Any, axons: Any, routes: Any, injected: Any,
    arrivals: Any, departures: Any, changes: Any,
) -> None:  # fmt: skip
    """Add up what each step's spikes cause, without a summary: other ranks have spikes of the same steps."""
    for step in range(len(ends) - 1):
        _add_spikes(
            rows[ends[step] : ends[step + 1]], core_of_row, axons, routes, injected, arrivals[step], departures[step],
            changes[step],
        )  # fmt: skip


@kernel
def summarise_steps(
    arrivals: Any, departures: Any, changes: Any, times: Any, neurons: Any, link_max: Any, kept: Any, whole: Any,
    seconds: Any,
) -> None:  # fmt: skip
    """Summarise steps whose counts are complete."""
    scratch, spare = np.zeros(len(neurons), np.int64), np.zeros((1, len(link_max)), np.int32)
    for step in range(len(arrivals)):
        loads = kept[step] if len(kept) > 0 else spare[0]
        _summarise(
            arrivals[step], departures[step], changes[step], times, neurons, scratch, loads, link_max, whole[step],
            seconds[step],
        )  # fmt: skip


@kernel
def add_runs(spikes: Any, axons: Any, routes: Any, synops: Any, entered: Any, changes: Any) -> None:
    """Add what all spikes of a run caused, from the number of spikes of each source."""
    axon_starts, axon_cores, axon_synapses = axons
    route_starts, route_positions, route_changes = routes
    for row in range(len(spikes)):
        for k in range(axon_starts[row], axon_starts[row + 1]):
            synops[axon_cores[k]] += spikes[row] * axon_synapses[k]
            entered[axon_cores[k]] += spikes[row]
        for k in range(route_starts[row], route_starts[row + 1]):
            changes[route_positions[k]] += spikes[row] * route_changes[k]
