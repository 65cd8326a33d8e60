"""Rows of synapses whose source has resources: weights are constant, the transmitted input changes per spike."""

from typing import Any

import numpy as np

from simcore.backends.cpu.plastic_arrays import Words
from simcore.backends.cpu.plastic_pairs import FRACTION, HALF
from simcore.jit.compilation import borrowing


@borrowing
def transmit_row(row: Any, words: Words, share: Any, slot: Any, pending: Any, events: Any) -> None:
    """Add a fraction of each weight, in units of 2^-15, to the pending input; see `plastic_pairs.process_row`."""
    n_slots = np.uint64(len(events))
    for k in range(len(row)):
        word = np.int64(row[k])
        delay = (np.uint64(word) >> words.target_bits) & words.delay_mask
        arrives = slot + delay
        if arrives >= n_slots:
            arrives -= n_slots
        weight = word >> np.int64(words.weight_shift)
        lane = words.pending_of_negative if weight < 0 else words.pending
        target = lane + arrives * words.n_targets + (np.uint64(word) & words.target_mask)
        pending[target] += pending.dtype.type((weight * share + HALF) >> FRACTION)
        events[arrives] += 1
