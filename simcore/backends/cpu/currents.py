"""Currents that change between steps: they replace the coefficient that is I_e times a factor.

The current drives of a segment keep their latest values side by side, each with a note of what they are of and how
often they changed; after the drives the coefficient is rewritten if any of them changed. A drive of selected
neurons provides values for all neurons of the segment; those of others count 0 times.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray

from simcore.jit.compilation import apply_kernel
from simcore.neurons import NeuronModel

FloatArray = npt.NDArray[np.float64]

HEAD = 3
"""Entries before a drive's values: what they are of, number of changes, and length of the header."""
APPLIED = 0
"""Place in the buffer of a segment of the number of changes that the coefficient contains; the drives follow."""
STALE = -1


def _apply(
    step: Any,
    n_drives: Any,
    row: Any,
    n: Any,
    selective: Any,
    unused: Any,
    header: Any,
    constants: Any,
    scratch: Any,
) -> Any:
    size = HEAD + n
    held = carray(scratch, 1 + n_drives * size)
    changes = np.int64(0)
    for d in range(n_drives):
        changes += held[1 + d * size + 1]
    if changes == held[APPLIED]:
        return 0
    coefficient = carray(row, n)
    constant = carray(constants, (2 + n_drives, n))
    currents = held.view(np.float64)
    for i in range(n):
        total = constant[0, i]
        if selective:
            for d in range(n_drives):
                total += constant[2 + d, i] * currents[1 + d * size + HEAD + i]
        else:
            for d in range(n_drives):
                total += currents[1 + d * size + HEAD + i]
        coefficient[i] = total * constant[1, i]
    held[APPLIED] = changes
    return 0


APPLY = apply_kernel(_apply)


def drive_place(drive: int, columns: int) -> int:
    """Start of the part of drive number `drive` in the buffer of a segment."""
    return 1 + drive * (HEAD + columns)


def current_buffer(n_drives: int, columns: int) -> npt.NDArray[np.int64]:
    """The buffer of a segment: nothing provided, nothing applied."""
    buffer = np.zeros(drive_place(n_drives, columns), dtype=np.int64)
    buffer[APPLIED] = STALE
    return buffer


def current_constants(
    model: NeuronModel, params: dict[str, FloatArray], resolution_ms: float, columns: int
) -> FloatArray:
    """I_e and the factor by which it enters its coefficient, shape (2, columns)."""
    factor = model.coefficients({**params, "I_e": np.ones(())}, resolution_ms)[model.current_row]
    return np.stack([np.broadcast_to(params["I_e"], columns), np.broadcast_to(factor, columns)])
