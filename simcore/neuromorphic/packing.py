"""How many bits the synapses of an axon take in a core."""

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError
from simcore.neuromorphic.sheet import Packing

IntArray = npt.NDArray[np.int64]


def axon_bits(packing: Packing, synapses: IntArray, neurons: IntArray, weight_bits: int, delay_steps: int) -> IntArray:
    """Bits of axons that have so many synapses in a core.

    Parameters
    ----------
    packing
        The chip's rule. ``loihi``: synapses lie in blocks of at most 64, each with its weight, its delay if any is
        longer than a step, and its target's index unless there are as many as neurons; a block has a head and ends on
        a word.
        ``dense_crossbar``: every crossing of the axon's row takes its bits.
    synapses
        Of each axon.
    neurons
        Of the core of each axon.
    weight_bits
        Width of a weight; the next that the chip has is taken.
    delay_steps
        Largest delay.

    Raises
    ------
    InputError
        If the rule is not for networks with arbitrary connections, or a weight or index fits no width.
    """
    if packing.rule == "dense_crossbar":
        return np.asarray(neurons * int(packing.value("crosspoint_bits")), dtype=np.int64)
    if packing.rule != "loihi":
        raise InputError(f"packing = {packing.rule!r} is not allowed: it is of layers, not of arbitrary connections")
    block, head, word = (int(packing.value(key)) for key in ("block_synapses", "block_overhead_bits", "word_bits"))
    weight = _width(packing.values("weight_bits"), weight_bits, "weight")
    largest = max(1, int(neurons.max(initial=1) - 1).bit_length())
    index = _width(packing.values("index_bits"), largest, "index")
    delay = int(packing.value("delay_field_bits")) if delay_steps > 1 else 0
    each = weight + delay + np.where(synapses == neurons, 0, index)
    full, rest = np.divmod(synapses, block)
    padded = full * _padded(block * each + head, word)
    return np.asarray(padded + np.where(rest > 0, _padded(rest * each + head, word), 0), dtype=np.int64)


def _padded(bits: IntArray, word: int) -> IntArray:
    return np.asarray(-(-bits // word) * word, dtype=np.int64)


def _width(widths: tuple[float, ...], needed: int, what: str) -> int:
    fitting = [int(width) for width in widths if width >= needed]
    if not fitting:
        raise InputError(f"{what}_bits = {needed} is not allowed: the chip has {', '.join(f'{w:g}' for w in widths)}")
    return min(fitting)
