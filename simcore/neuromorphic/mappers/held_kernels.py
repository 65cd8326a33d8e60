"""The compiled part of `held`: contents of cores, updated while neurons enter and leave them.

The state is a tuple of arrays whose columns are cores: `counts` and `repeats`, int32 (n, cores), the synapses of each
source in each core, and the synapses onto a neuron that it already reaches; `by_core`, int64 (4, cores), neurons,
synapses, axons in, and axons out; `axons`, int32 (2, cores, longest + 1), axons in by repetition and synapses, and
`highest`, int64 (cores,), the largest number so far; `destinations` and `home`, int64 (n,), cores with targets of
each neuron, and its core or -1; `latest`, int64 (n,), and `turn`, int64 (1,), of the latest change.
"""

from typing import Any

from simcore.jit.compilation import kernel

NEURONS, SYNAPSES, AXONS_IN, AXONS_OUT = 0, 1, 2, 3


@kernel
def hold(neuron: Any, core: Any, by: Any, starts: Any, sources: Any, state: Any) -> None:
    """Add a neuron to a core (`by` = 1), or remove it (-1)."""
    counts, repeats, by_core, axons, highest, destinations, home, latest, turn = state
    packed = axons.shape[2] > 1
    turn[0] += 1
    by_core[NEURONS, core] += by
    by_core[SYNAPSES, core] += by * (starts[neuron + 1] - starts[neuron])
    by_core[AXONS_OUT, core] += by * destinations[neuron]
    home[neuron] = core if by > 0 else -1
    for source in sources[starts[neuron] : starts[neuron + 1]]:
        before = counts[source, core]
        counts[source, core] = before + by
        if min(before, before + by) == 0:
            by_core[AXONS_IN, core] += by
            destinations[source] += by
            if home[source] >= 0:
                by_core[AXONS_OUT, home[source]] += by
        if packed:
            axons[min(repeats[source, core], 1), core, before] -= 1
            repeats[source, core] += by if latest[source] == turn[0] else 0
            axons[min(repeats[source, core], 1), core, before + by] += 1
            highest[core] = max(highest[core], before + by)
            latest[source] = turn[0]


@kernel
def hold_each(core_of: Any, starts: Any, sources: Any, state: Any) -> None:
    """Add every neuron to its core."""
    for neuron in range(len(core_of)):
        hold(neuron, core_of[neuron], 1, starts, sources, state)


@kernel
def rehold(neurons: Any, before: Any, after: Any, n: Any, starts: Any, sources: Any, state: Any) -> None:
    """Move each of the first `n` neurons from a core to another core."""
    for k in range(n):
        hold(neurons[k], before[k], -1, starts, sources, state)
    for k in range(n):
        hold(neurons[k], after[k], 1, starts, sources, state)


@kernel
def moved_fits(neurons: Any, after: Any, n: Any, starts: Any, sources: Any, limits: Any, table: Any, state: Any) -> Any:
    """Whether cores have room for moved neurons, and source cores have room for their axons."""
    by_core, home = state[2], state[6]
    for k in range(n):
        if not fits(after[k], limits, table, state):
            return False
        for source in sources[starts[neurons[k]] : starts[neurons[k] + 1]]:
            if by_core[AXONS_OUT, home[source]] > limits[4]:
                return False
    return True


@kernel
def empty(core: Any, state: Any) -> None:
    """Clear the contents of a core, and its entries as destination and home of neurons."""
    counts, repeats, by_core, axons, highest, destinations, home = state[:7]
    if axons.shape[2] > 1:
        repeats[:, core] = 0
        axons[:, core] = 0
    for source in range(len(destinations)):
        destinations[source] -= 1 if counts[source, core] > 0 else 0
        counts[source, core] = 0
        home[source] = -1 if home[source] == core else home[source]
    by_core[:, core] = 0
    highest[core] = 0


@kernel
def memory_bits(core: Any, table: Any, state: Any) -> Any:
    """Synapse memory of a core according to the packing rule."""
    kind_of, sparse, dense, bits_per_neuron = table
    by_core, axons, highest = state[2], state[3], state[4]
    n = by_core[NEURONS, core]
    bits = bits_per_neuron * n * by_core[AXONS_IN, core]
    kind = kind_of[min(n, len(kind_of) - 1)]
    for count in range(1, highest[core] + 1):
        bits += axons[0, core, count] * (dense[count] if count == n else sparse[kind, count])
        bits += axons[1, core, count] * sparse[kind, count]
    return bits


@kernel
def fits(core: Any, limits: Any, table: Any, state: Any) -> Any:
    """Whether a core holds at most `limits`: neurons, synapses, bits, axons in, axons out."""
    by_core, axons = state[2], state[3]
    if by_core[NEURONS, core] > limits[0] or by_core[SYNAPSES, core] > limits[1]:
        return False
    if by_core[AXONS_IN, core] > limits[3] or by_core[AXONS_OUT, core] > limits[4]:
        return False
    return axons.shape[2] == 1 or memory_bits(core, table, state) <= limits[2]


@kernel
def fill_alone(first: Any, end: Any, starts: Any, sources: Any, limits: Any, table: Any, state: Any) -> Any:
    """Whether core 0 has room for these neurons, independent of other cores; the core is empty afterwards."""
    for neuron in range(first, end):
        hold(neuron, 0, 1, starts, sources, state)
    by_core = state[2]
    # The number of destination cores is not known.
    by_core[AXONS_OUT, 0] = 0
    room = fits(0, limits, table, state)
    empty(0, state)
    return room
