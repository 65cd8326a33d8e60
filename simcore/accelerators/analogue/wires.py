"""Currents of a crossbar with wire resistance: one solution of the network for all voltages.

Row i is driven with voltage V_i at its left end, column j is held at 0 V at its lower end, where its current is read. A
cell of conductance ``g_ij`` connects them. Every segment of wire has the resistance r, including the segment from the
driver to the first cell and the segment from the last cell to the end of the column. The network has 2 X Y nodes: one
on the row and one on the column at each cell.

A row is a chain. With ``Q_i = diag(sqrt(g_i))`` and ``C_jk = min(j, k) + 1``, the number of segments that the currents
of cells j and k share, its cells send the currents ``K_i (V_i 1 - b_i)`` into columns whose nodes have the voltages
``b_i``::

    K_i = Q_i (1 + r Q_i C Q_i)^-1 Q_i

Rows are added from the top. The rows down to i send ``c_i = S_i V - Y_i b_i`` down the columns; the segment below them
drops ``r c_i``::

    M_i     = (1 + r Y_i)^-1
    Y_i+1   = K_i+1 + M_i Y_i              Y_0 = K_0
    S_i+1   = [ M_i S_i , K_i+1 1 ]        S_0 = K_0 1
    G_eff^T = M S  of the last row;        I = G_eff^T V

The work is about 6 X^4 operations in LAPACK, for X right-hand sides at once. As r becomes 0, every step becomes
``G_eff = G`` without a division by r. Nothing is subtracted, so that small conductances keep their digits.

If all rows have the same voltage, wires reduce the current of every column; if no voltage is negative, they reduce the
sum of all currents. A single column can have more current than without wires, because current of a driven row reaches
it through a row at 0 V whose wire no longer keeps it at 0 V.

The network is that of Bhattacharjee, Yin, Moitra, Panda, arXiv 2309.03388, Fig. 1; the elimination is ours.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.accelerators.analogue.arrays import real_numbers
from simcore.errors import number, require

FloatArray = npt.NDArray[np.float64]
MOST_OHM, MOST_SIEMENS = 1e4, 1.0
"""Limits of the resistance of a segment and the conductance of a cell, within which results have nine digits."""
FOURTH_POWERS_PER_S = 1e9
"""Fourth powers of sizes per second, measured on one core with arrays of 128 and 256."""
ARRAYS_AT_ONCE = 32
"""Number of arrays that are eliminated together; more would need more memory, but not less time."""


def effective_conductances(conductances: npt.ArrayLike, wire_ohm: float) -> FloatArray:
    """Current of each column for 1 V at each row, including wires.

    Parameters
    ----------
    conductances
        Conductances of the cells, S, shape (..., rows, columns). Row 0 is farthest from the readout of columns, and
        column 0 is nearest to the drivers.
    wire_ohm
        Resistance of a segment of wire, Ohm; 0 for ideal wires.

    Returns
    -------
    ndarray of float64, shape (..., rows, columns)
        G_eff, S: the currents of the columns are ``voltages @ G_eff``. With ``wire_ohm = 0`` equal to `conductances`.

    Raises
    ------
    InputError
        If an array has no cells, a conductance is negative or too large, or the resistance is.
    """
    cells = checked_conductances(conductances)
    resistance = checked_resistance(wire_ohm)
    if resistance == 0.0:
        return cells.copy()
    arrays = cells.reshape(-1, *cells.shape[-2:])
    parts = [
        _eliminated(arrays[start : start + ARRAYS_AT_ONCE], resistance)
        for start in range(0, len(arrays), ARRAYS_AT_ONCE)
    ]
    return np.concatenate(parts).reshape(cells.shape) if parts else cells.copy()


def solution_s(arrays: int, size: int) -> float:
    """Approximate time of one core for the effective conductances of square arrays, s."""
    return arrays * size**4 / FOURTH_POWERS_PER_S


def checked_resistance(wire_ohm: float) -> float:
    """Check the resistance of a segment of wire, Ohm.

    Raises
    ------
    InputError
        If it is out of range.
    """
    resistance = number(wire_ohm, "wire_ohm")
    require(0.0 <= resistance <= MOST_OHM, "wire_ohm", wire_ohm, f"must be in [0, {MOST_OHM:g}] Ohm")
    return resistance


def checked_conductances(conductances: npt.ArrayLike) -> FloatArray:
    """The conductances as float64, shape (..., rows, columns).

    Raises
    ------
    InputError
        If they are not numbers, have fewer than two dimensions, have no cells, or are out of range.
    """
    cells = real_numbers(conductances, "conductances", None, "use finite numbers in rows and columns")
    require(cells.ndim >= 2 and cells.shape[-1] * cells.shape[-2] > 0, "conductances", conductances,
            "use finite numbers in rows and columns")  # fmt: skip
    wrong = ~((cells >= 0.0) & (cells <= MOST_SIEMENS))
    if wrong.any():
        require(False, "conductances", float(cells[wrong][0]), f"must be in [0, {MOST_SIEMENS:g}] S")
    return cells


def _eliminated(cells: FloatArray, resistance: float) -> FloatArray:
    """The effective conductances of a stack of arrays, shape (arrays, rows, columns), row by row."""
    arrays, rows, columns = cells.shape
    place = np.arange(1.0, columns + 1.0)
    shared = resistance * np.minimum.outer(place, place)
    one = np.eye(columns)
    admittance: npt.NDArray[np.floating[Any]] = np.zeros((arrays, columns, columns))
    sources: FloatArray = np.zeros((arrays, columns, rows))
    for row in range(rows):
        root = np.sqrt(cells[:, row, :, np.newaxis])
        across = root.transpose(0, 2, 1)
        chain = root * np.linalg.inv(one + root * shared * across) * across
        admittance = admittance + chain
        sources[:, :, row] = chain.sum(axis=2)
        known = np.concatenate((admittance, sources[:, :, : row + 1]), axis=2)
        after = np.linalg.solve(one + resistance * admittance, known)
        admittance, sources[:, :, : row + 1] = after[:, :, :columns].copy(), after[:, :, columns:]
    return np.ascontiguousarray(sources.transpose(0, 2, 1))
