"""The compiled part of `in_edges`, `axons` and `demand`: passes over synapses and axons."""

from typing import Any

import numpy as np

from simcore.jit.compilation import kernel


@kernel
def count_edges(neurons: Any, counts: Any) -> None:
    """Add up the synapses of each neuron."""
    for neuron in neurons:
        counts[neuron] += 1


@kernel
def store_edges(first: Any, sources: Any, targets: Any, places: Any, edges: Any) -> None:
    """Write the sources, with ids from `first`, to the position of their target, and advance the position."""
    for k in range(len(sources)):
        place = places[targets[k]]
        edges[place] = first + sources[k]
        places[targets[k]] = place + 1


@kernel
def count_axons(order: Any, cores: Any, edge_starts: Any, sources: Any, row_of: Any, counts: Any) -> None:
    """Add the axons of each source to its row; targets are visited in `order`, core by core."""
    latest = np.full(len(row_of), -1, dtype=np.int32)
    for target in order:
        core = cores[target]
        for source in sources[edge_starts[target] : edge_starts[target + 1]]:
            row = row_of[source]
            counts[row] += latest[row] != core
            latest[row] = core


@kernel
def fill_axons(
    order: Any,
    target_cores: Any,
    edge_starts: Any,
    sources: Any,
    row_of: Any,
    places: Any,
    cores: Any,
    synapses: Any,
    repeated: Any,
) -> None:
    """Write the axons of each source to the position of its row, and advance it; `order` proceeds core by core."""
    latest_core = np.full(len(row_of), -1, dtype=np.int32)
    latest_target = np.full(len(row_of), -1, dtype=np.int64)
    for target in order:
        core = target_cores[target]
        for source in sources[edge_starts[target] : edge_starts[target + 1]]:
            row = row_of[source]
            if latest_core[row] != core:
                latest_core[row] = core
                cores[places[row]] = core
                synapses[places[row]] = 0
                places[row] += 1
            axon = places[row] - 1
            synapses[axon] += 1
            repeated[axon] |= latest_target[row] == target
            latest_target[row] = target


@kernel
def merge_axons(
    places: Any, ends: Any, cores: Any, coded: Any, row_ends: Any, merged_cores: Any, merged_coded: Any
) -> Any:
    """Merge sorted rows of several parts; equal cores form one axon, `places` holds the start of each part's rows."""
    parts, rows = places.shape
    n = 0
    for row in range(rows):
        while True:
            core = np.uint32(0xFFFFFFFF)
            for part in range(parts):
                if places[part, row] < ends[part, row]:
                    core = min(core, cores[places[part, row]])
            if core == np.uint32(0xFFFFFFFF):
                break
            synapses, repeated = np.uint32(0), np.uint32(0)
            for part in range(parts):
                place = places[part, row]
                if place < ends[part, row] and cores[place] == core:
                    synapses += coded[place] >> np.uint32(1)
                    repeated |= coded[place] & np.uint32(1)
                    places[part, row] += 1
            merged_cores[n] = core
            merged_coded[n] = synapses << np.uint32(1) | repeated
            n += 1
        row_ends[row] = n
    return n


@kernel
def tally_axons(
    source_cores: Any,
    starts: Any,
    cores: Any,
    synapses: Any,
    repeated: Any,
    neurons: Any,
    kind_of: Any,
    sparse: Any,
    dense: Any,
    bits_per_neuron: Any,
    by_core: Any,
    by_source: Any,
) -> None:
    """Add each axon to its cores (synapses, axons in and out, bits) and its source (synapses, in all and own core)."""
    for row in range(len(source_cores)):
        own = source_cores[row]
        by_core[2, own] += starts[row + 1] - starts[row]
        for axon in range(starts[row], starts[row + 1]):
            core, count = cores[axon], np.int64(synapses[axon])
            n = neurons[core]
            by_core[0, core] += count
            by_core[1, core] += 1
            bits = dense[count] if count == n and not repeated[axon] else sparse[kind_of[n], count]
            by_core[3, core] += bits + bits_per_neuron * n
            by_source[0, row] += count
            if core == own:
                by_source[1, row] += count
