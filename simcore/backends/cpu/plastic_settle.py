"""Settling of weights: applies every facilitation that no presynaptic spike can precede any more."""

from typing import Any

import numpy as np

from simcore.backends.cpu.plastic_arrays import NEVER_STEP, PAIRS, Mark, Plastic, Rings, TableColumn
from simcore.backends.cpu.plastic_pairs import pairs_of, row_of, settle_row, words_of
from simcore.jit.columns import plain
from simcore.jit.compilation import kernel

TABLE, MARK = plain(TableColumn), plain(Mark)


@kernel
def settle(step: Any, plastic: Plastic, rings: Rings) -> None:
    """Settle the weights of a thread whose spikes up to `step` have been processed."""
    marks = plastic.marks
    if marks[MARK.SETTLED] >= step:
        return
    origin = marks[MARK.ORIGIN]
    for t in range(len(plastic.tables)):
        table = plastic.tables[t]
        if table[TABLE.RULE] != PAIRS:
            continue
        pairs, words = pairs_of(plastic, t), words_of(plastic, t)
        shift = table[TABLE.SHIFT] - origin
        meets = step - table[TABLE.LAG] + shift
        low = marks[MARK.SETTLED] - table[TABLE.LAG] + shift
        for source in range(table[TABLE.N_SOURCES]):
            last = plastic.last[table[TABLE.LAST] + source]
            if last == NEVER_STEP:
                continue
            start, end = row_of(plastic, t, source)
            before = np.int64(last) + table[TABLE.SHIFT]
            trace = plastic.values[table[TABLE.VALUES] + source]
            settle_row(
                plastic.halves[start:end], words, pairs, rings, meets, low, before, trace, plastic, plastic.counts[t]
            )
    marks[MARK.SETTLED] = step
