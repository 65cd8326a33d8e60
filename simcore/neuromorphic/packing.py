"""How many bits the synapses of an axon take in a core."""

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.sheet import Packing

IntArray = npt.NDArray[np.int64]
LOIHI, CROSSBAR = "loihi", "dense_crossbar"


def why_no_rule(packing: Packing | None, weight_bits: int, neurons_per_core: int) -> str | None:
    """Why the memory of arbitrary connections cannot be told, or None if it can."""
    if packing is None:
        return "no exact rule of the chip's memory is known"
    if packing.rule not in (LOIHI, CROSSBAR):
        return f"the rule {packing.rule!r} is not of arbitrary connections in a memory"
    if packing.rule == LOIHI:
        needed = {"weight": weight_bits, "index": _index_bits(neurons_per_core)}
        for what, bits in needed.items():
            if bits > max(packing.values(f"{what}_bits")):
                return f"{what}s of {bits} bits have no packing"
    return None


def axon_bits(
    packing: Packing,
    synapses: IntArray,
    neurons: IntArray,
    dense: npt.NDArray[np.bool_],
    weight_bits: int,
    delay_steps: int,
) -> IntArray:
    """Bits of each axon that has so many synapses in a core; `why_no_rule` must know no reason against it.

    Parameters
    ----------
    packing
        The chip's rule. ``loihi``: synapses lie in blocks of at most 64, each with its weight, its delay if any is
        longer than a step, and its target's index unless the axon is dense; a block has a head and ends on a word.
        ``dense_crossbar``: every crossing of the axon's row takes its bits.
    synapses
        Of each axon.
    neurons
        Of the core of each axon.
    dense
        Whether an axon reaches each neuron of its core once.
    weight_bits
        Width of a weight; the next that the chip has is taken.
    delay_steps
        Largest delay.
    """
    if packing.rule == CROSSBAR:
        return np.asarray(neurons * int(packing.value("crosspoint_bits")), dtype=np.int64)
    block, head, word = (int(packing.value(key)) for key in ("block_synapses", "block_overhead_bits", "word_bits"))
    weight = _width(packing.values("weight_bits"), weight_bits)
    index = _width(packing.values("index_bits"), _index_bits(int(neurons.max(initial=1))))
    delay = int(packing.value("delay_field_bits")) if delay_steps > 1 else 0
    each = weight + delay + np.where(dense, 0, index)
    full, rest = np.divmod(synapses, block)
    padded = full * _padded(block * each + head, word)
    return np.asarray(padded + np.where(rest > 0, _padded(rest * each + head, word), 0), dtype=np.int64)


def _index_bits(neurons: int) -> int:
    return max(1, (neurons - 1).bit_length())


def _padded(bits: IntArray, word: int) -> IntArray:
    return np.asarray(-(-bits // word) * word, dtype=np.int64)


def _width(widths: tuple[float, ...], needed: int) -> int:
    return min(int(width) for width in widths if width >= needed)
