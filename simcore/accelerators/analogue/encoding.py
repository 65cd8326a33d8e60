"""Encoding of signed integer weights on the cells of crossbars, and products of weights from products of columns.

A weight of b bits is in ``-(2^(b-1) - 1) ... 2^(b-1) - 1``. There are two mappings to non-negative numbers u::

    differential    w = u+ - u-,  u+ = max(w, 0), u- = max(-w, 0)       b - 1 bits, two columns
    offset          w = u - 2^(b-1)                                     b bits, one column

Each u is cut into slices of the bits of a cell, least significant first. Each slice is a level k in one column of
cells, of weight ``2^(bits of a cell x slice)``. With complements, a column holds ``L - k`` in place of k where this
reduces the sum of its levels: more cells are in the state of high resistance, and currents and their losses in wires
are smaller. With ``p_j = sum_i x_i k_ij`` of a column and n = sum_i x_i, the inverse is exact in integers::

    p = L n - p'  for a column of complements;   sum_i x_i w_i = sum_columns factor p - 2^(b-1) n  (offset)

Complements by column are the weight encoding of Bhattacharjee, Yin, Moitra, Panda, arXiv 2309.03388, Section IV, as
we read it; its text gives no equations.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.accelerators.analogue.arrays import whole_numbers
from simcore.errors import choice, integer, require, truth

Integers = npt.NDArray[np.int64]
DIFFERENTIAL, OFFSET = "differential", "offset"
MAPPINGS = (DIFFERENTIAL, OFFSET)
MOST_BITS, MOST_SIDE = 16, 4096


@dataclass(frozen=True)
class EncodedWeights:
    """Weights as levels of cells.

    Parameters
    ----------
    levels
        int64, shape (rows, columns x parts); the parts of a column of weights are adjacent.
    top_level
        L, the largest level of a cell.
    complemented
        Whether each column of cells holds complements, bool, shape (columns x parts,).
    factors
        Factor of the product of each part, int64, shape (parts,).
    offset
        Value that is added to a product for each input of 1.
    """

    levels: Integers
    top_level: int
    complemented: npt.NDArray[np.bool_]
    factors: Integers
    offset: int

    def weighted_sums(self, products: npt.ArrayLike, inputs: npt.ArrayLike) -> Integers:
        """Sums of inputs times weights from the products of the columns of cells.

        Parameters
        ----------
        products
            int, shape (..., columns x parts): inputs times levels, summed over all rows.
        inputs
            int, shape (...): sum of the inputs of all rows.

        Returns
        -------
        ndarray of int64, shape (..., columns)

        Raises
        ------
        InputError
            If products or inputs are not integers, or their shapes do not fit.
        """
        read = whole_numbers(products, "products", None, "use integers, one for each column of cells")
        total = whole_numbers(inputs, "inputs", read.ndim - 1, "use one integer for each read")[..., np.newaxis]
        require(
            read.ndim > 0 and read.shape[-1] == len(self.complemented) and total.shape[:-1] == read.shape[:-1],
            "products.shape",
            read.shape,
            f"use one product for each of the {len(self.complemented)} columns of cells",
        )
        direct = np.where(self.complemented, self.top_level * total - read, read)
        parts = direct.reshape(*direct.shape[:-1], -1, len(self.factors))
        return parts @ self.factors + self.offset * total


def encode_weights(
    weights: npt.ArrayLike, weight_bits: int, cell_bits: int, mapping: str = DIFFERENTIAL, complements: bool = False
) -> EncodedWeights:
    """Encode weights as levels of cells.

    Parameters
    ----------
    weights
        int, shape (rows, columns).
    weight_bits, cell_bits
        Bits of a weight, including its sign, from 2 to 16, and bits of a cell.
    mapping
        One of `MAPPINGS`.
    complements
        Whether columns hold complements if this reduces the sum of their levels.

    Returns
    -------
    EncodedWeights
        Levels of cells, and how their products are read.

    Raises
    ------
    InputError
        If weights are not a two-dimensional array of integers, are empty or do not fit into their bits, or an option is
        wrong.
    """
    bits = integer(weight_bits, "weight_bits", 2, MOST_BITS)
    cell = integer(cell_bits, "cell_bits", 1, MOST_BITS)
    choice(mapping, "mapping", MAPPINGS)
    truth(complements, "complements")
    signed = whole_numbers(weights, "weights", 2, "use integers in rows and columns")
    require(signed.size > 0, "weights.shape", signed.shape, "use at least one row and one column")
    most = 2 ** (bits - 1) - 1
    wrong = (signed < -most) | (signed > most)
    if wrong.any():
        require(False, "weights", int(signed[wrong][0]), f"must be in [{-most}, {most}] for weights of {bits} bits")
    if mapping == DIFFERENTIAL:
        whole, signs, width, offset = [np.maximum(signed, 0), np.maximum(-signed, 0)], [1, -1], bits - 1, 0
    else:
        whole, signs, width, offset = [signed + 2 ** (bits - 1)], [1], bits, -(2 ** (bits - 1))
    top = 2**cell - 1
    shifts = range(0, width, cell)
    parts = [(part >> shift) & top for part in whole for shift in shifts]
    levels = np.stack(parts, axis=2).reshape(len(signed), -1)
    factors = np.array([sign << shift for sign in signs for shift in shifts], dtype=np.int64)
    complemented = 2 * levels.sum(axis=0) > top * len(levels)
    if not complements:
        complemented = np.zeros_like(complemented)
    return EncodedWeights(np.where(complemented, top - levels, levels), top, complemented, factors, offset)


def on_crossbars(levels: npt.ArrayLike, size: int) -> Integers:
    """Divide levels into crossbars of `size` rows and columns, shape (row blocks, column blocks, size, size).

    Unused cells in the last crossbars have level 0.

    Parameters
    ----------
    levels
        Integers, shape (rows, columns).
    size
        Rows and columns of a crossbar.

    Returns
    -------
    ndarray of int64
        Shape (row blocks, column blocks, size, size).

    Raises
    ------
    InputError
        If levels are not a two-dimensional array of integers, or the size is out of range.
    """
    side = integer(size, "size", 1, MOST_SIDE)
    given = whole_numbers(levels, "levels", 2, "use integers in rows and columns")
    rows, columns = given.shape
    padded = np.pad(given, ((0, -rows % side), (0, -columns % side)))
    blocks = padded.reshape(padded.shape[0] // side, side, padded.shape[1] // side, side)
    return np.ascontiguousarray(blocks.transpose(0, 2, 1, 3))
