"""The number of bits that the synapses of an axon occupy in a core."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.sheets.sheet import Packing

IntArray = npt.NDArray[np.int64]
LOIHI, CROSSBAR = "loihi", "dense_crossbar"


def why_no_rule(packing: Packing | None, weight_bits: int, neurons_per_core: int) -> str | None:
    """Why the memory of arbitrary connections is not known, or None if it is."""
    if packing is None:
        return "the exact packing rule of the memory is unknown"
    if packing.rule not in (LOIHI, CROSSBAR):
        return f"the rule {packing.rule!r} does not apply to arbitrary connections"
    if packing.rule == LOIHI:
        needed = {"weight": weight_bits, "index": _index_bits(neurons_per_core)}
        for what, bits in needed.items():
            if bits > max(packing.values(f"{what}_bits")):
                return f"the packing rule has no {what} fields of {bits} bits"
    return None


def axon_bits(
    packing: Packing, synapses: IntArray, neurons: int, dense: bool, weight_bits: int, delay_steps: int
) -> IntArray:
    """Bits of axons with `synapses` synapses in a core; `why_no_rule` must return None.

    Parameters
    ----------
    packing
        Rule of the chip. ``loihi``: synapses are stored in blocks of at most 64, each with its weight, its delay if any
        delay is longer than a step, and the index of its target unless the axon is dense; a block has a header and is
        padded to a word.
        ``dense_crossbar``: every crossing in the row of the axon occupies its bits.
    synapses
        Number of synapses of each axon.
    neurons
        Number of neurons of the core, which determines the width of an index.
    dense
        Whether the axons reach each neuron of the core exactly once.
    weight_bits
        Width of a weight, rounded up to the next width of the chip.
    delay_steps
        Largest delay of the network.
    """
    if packing.rule == CROSSBAR:
        return np.full(len(synapses), neurons * int(packing.value("crosspoint_bits")), dtype=np.int64)
    block, head, word = (int(packing.value(key)) for key in ("block_synapses", "block_overhead_bits", "word_bits"))
    each = _width(packing.values("weight_bits"), weight_bits)
    each += int(packing.value("delay_field_bits")) if delay_steps > 1 else 0
    each += 0 if dense else _width(packing.values("index_bits"), _index_bits(neurons))
    full, rest = np.divmod(synapses, block)
    padded = full * _padded(np.int64(block * each + head), word)
    return np.asarray(padded + np.where(rest > 0, _padded(rest * each + head, word), 0), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class PackingTable:
    """Bits of all axons that cores may hold, for compiled code.

    An axon of k synapses in a core of n neurons occupies ``sparse[kind_of[n], k]`` bits, or ``dense[k]`` if it reaches
    each neuron once, and `bits_per_neuron` for each neuron.
    """

    kind_of: IntArray
    sparse: IntArray
    dense: IntArray
    bits_per_neuron: int


def packing_table(
    packing: Packing | None, neurons: int, synapses: int, weight_bits: int, delay_steps: int
) -> PackingTable:
    """Bits of axons in cores of up to `neurons` neurons, with up to `synapses` synapses; all 0 without a rule."""
    counts = np.arange(synapses + 1, dtype=np.int64)
    kind_of = np.zeros(neurons + 1, dtype=np.int64)
    none = np.zeros_like(counts)
    if packing is None or why_no_rule(packing, weight_bits, neurons) is not None:
        return PackingTable(kind_of, none[None], none, 0)
    if packing.rule == CROSSBAR:
        return PackingTable(kind_of, none[None], none, int(packing.value("crosspoint_bits")))
    # Cores of 2^(b-1) + 1 to 2^b neurons need b bits for an index.
    kind_of[:] = [_index_bits(n) for n in range(neurons + 1)]
    sizes = [2**bits for bits in range(int(kind_of.max()) + 1)]
    sparse = [axon_bits(packing, counts, size, False, weight_bits, delay_steps) for size in sizes]
    return PackingTable(
        kind_of, np.stack(sparse), axon_bits(packing, counts, 1, True, weight_bits, delay_steps), bits_per_neuron=0
    )


def axon_words(
    packing: Packing, axons: Axons, neurons: IntArray, synapses_per_axon: int, weight_bits: int, delay_steps: int
) -> npt.NDArray[np.int32]:
    """Words of memory of the synapses of each axon, int32 (axons,); `why_no_rule` must return None.

    Parameters
    ----------
    packing
        The rule ``loihi``.
    axons
        Axons of any neurons.
    neurons
        Number of neurons of each core, int64 (cores,).
    synapses_per_axon, weight_bits, delay_steps
        See `packing_table`.
    """
    table = packing_table(packing, int(neurons.max()), synapses_per_axon, weight_bits, delay_steps)
    in_core = neurons[axons.cores]
    dense = (axons.synapses == in_core) & ~axons.repeated
    bits = np.where(dense, table.dense[axons.synapses], table.sparse[table.kind_of[in_core], axons.synapses])
    return (bits // int(packing.value("word_bits"))).astype(np.int32)


def _index_bits(neurons: int) -> int:
    return max(1, (neurons - 1).bit_length())


def _padded(bits: IntArray | np.int64, word: int) -> IntArray:
    return np.asarray(-(-bits // word) * word, dtype=np.int64)


def _width(widths: tuple[float, ...], needed: int) -> int:
    return min(int(width) for width in widths if width >= needed)
