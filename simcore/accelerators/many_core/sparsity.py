"""The gain of sparse weights on a machine with a roof of computation and one of memory.

A product of weights and vectors has C operations, S_W bytes of weights and S_V bytes of vectors; x is the share of the
weights that are not 0, the sparsity is 1 - x. With F operations and B bytes a second::

    dense    t_d = max(C / F, (S_V + S_W) / B)
    sparse   t_s = max(y C / F, (S_V + beta x S_W) / B)
    gain     P_d t_d / (P_s t_s)

Blocks of n weights that are all 0 are skipped. If zeros fall at random, the share of the blocks that are left is::

    y = 1 - (1 - x)^n

Weights are stored in compressed sparse rows, in tiles of 256 x 256 of a byte each: a byte of value and one of column
for each weight that is not 0, and 258 bytes of row pointers a tile::

    beta x = 2 x + 258 / 65,536,        beta(x) = 2 + 258 / (65,536 x)

So where memory binds, sparse weights gain from beta x = 1 on: at a sparsity of 0.502. Where computation binds, they
gain 1 / y. The powers P_d and P_s of dense and sparse units are not published: their ratio is 1 unless it is given.

Source: NeuroMeter (see `simcore.accelerators.many_core.design`), Section IV; that zeros are random is our reading. It
sees the gain of the smaller units rise at a sparsity of 0.9. With a constant ratio of powers it rises later, see
`knee`: the published figure needs the power of sparse units by y, which is not published.
"""

import math
from dataclasses import dataclass

from simcore.errors import integer, number, require

TILE = 256
TILE_BYTES = TILE**2
TILE_POINTER_BYTES = TILE + 2
BYTES_PER_WEIGHT = 2
"""Of a weight that is not 0: its value and its column."""
SPARSE_UNITS = {"TU8": 64, "TU32": 1024, "RT64": 64, "RT1024": 1024}
"""Units of the published figure, tensor units (TU) and reduction trees (RT), and the weights of a block, n."""
MOST_CELLS = 2**31
RATES = (1e-30, 1e30)
"""Least and most of a roof and of a ratio of powers: times and gains stay numbers."""
AMOUNTS = (1e-70, 1e70)
"""Least and most operations of a product."""
KNEE_SHARES = (0.9, 0.5)
"""Blocks that are left at the begin and at the end of `knee`."""


@dataclass(frozen=True)
class Product:
    """A product of weights and vectors, if nothing is 0.

    Parameters
    ----------
    operations
        C.
    vector_bytes, weight_bytes
        S_V and S_W.

    Raises
    ------
    InputError
        If one of the bytes is not a number in [0, 1e70], or the operations are not in [1e-70, 1e70].
    """

    operations: float
    vector_bytes: float
    weight_bytes: float

    def __post_init__(self) -> None:
        _within(self.operations, "operations", *AMOUNTS)
        for key in ("vector_bytes", "weight_bytes"):
            _within(getattr(self, key), key, 0.0, AMOUNTS[1])


@dataclass(frozen=True)
class Roofs:
    """The most that a machine does in a second.

    Parameters
    ----------
    operations_per_s
        F.
    bytes_per_s
        B.

    Raises
    ------
    InputError
        If one of them is not a number in [1e-30, 1e30].
    """

    operations_per_s: float
    bytes_per_s: float

    def __post_init__(self) -> None:
        for key in ("operations_per_s", "bytes_per_s"):
            _within(getattr(self, key), key, *RATES)

    def time_s(self, operations: float, transferred_bytes: float) -> float:
        """Time in which both are done, s.

        Parameters
        ----------
        operations
            Number of operations.
        transferred_bytes
            Number of bytes that are transferred.

        Returns
        -------
        float
            Time, s.
        """
        return max(operations / self.operations_per_s, transferred_bytes / self.bytes_per_s)


def _within(value: object, field: str, low: float, high: float) -> float:
    found = number(value, field)
    require(low <= found <= high, field, value, f"must be in [{low:g}, {high:g}]")
    return found


def blocks_left(density: float, cells: int) -> float:
    """Share of the blocks of so many weights that are not all 0, y, where a share `density` of the weights is not 0.

    Parameters
    ----------
    density
        Share of the weights that are not 0, in [1e-30, 1].
    cells
        Number of weights of a block.

    Returns
    -------
    float
        Share of the blocks, in (0, 1].

    Raises
    ------
    InputError
        If the density is not in [1e-30, 1], or the block has no weight.
    """
    density, cells = _density(density), integer(cells, "cells", 1, MOST_CELLS)
    # Exact also where the density is tiny.
    return 1.0 if density == 1.0 else -math.expm1(cells * math.log1p(-density))


def _density(value: object) -> float:
    return _within(value, "density", RATES[0], 1.0)


def stored_share(density: float) -> float:
    """Bytes of compressed weights by those of all weights, beta x.

    Parameters
    ----------
    density
        Share of the weights that are not 0, in [1e-30, 1].

    Returns
    -------
    float
        Ratio of the bytes.

    Raises
    ------
    InputError
        If the density is not in [1e-30, 1].
    """
    return BYTES_PER_WEIGHT * _density(density) + TILE_POINTER_BYTES / TILE_BYTES


def gain(product: Product, roofs: Roofs, density: float, cells: int, power_ratio: float = 1.0) -> float:
    """Energy of the dense product by that of the sparse one; with equal powers the speed-up.

    Parameters
    ----------
    product, roofs
        The product, and the machine.
    density
        Share of the weights that are not 0, in [1e-30, 1].
    cells
        Weights of a block, n.
    power_ratio
        P_d / P_s, in [1e-30, 1e30]. A constant, so that it scales the gain and moves no knee.

    Returns
    -------
    float
        Ratio of the energies.

    Raises
    ------
    InputError
        If one of the arguments is not allowed.
    """
    require(isinstance(product, Product), "product", product, "use a Product")
    require(isinstance(roofs, Roofs), "roofs", roofs, "use Roofs")
    power_ratio = _within(power_ratio, "power_ratio", *RATES)
    dense = roofs.time_s(product.operations, product.vector_bytes + product.weight_bytes)
    sparse = roofs.time_s(
        blocks_left(density, cells) * product.operations,
        product.vector_bytes + stored_share(density) * product.weight_bytes,
    )
    return power_ratio * dense / sparse


def products_of_three_regimes(roofs: Roofs) -> dict[str, Product]:
    """A tile of weights that is used once, as often as keeps both roofs busy, and without transfers; vectors are small.

    Parameters
    ----------
    roofs
        The machine.

    Returns
    -------
    dict
        Regime -> product: ``memory``, ``ridge`` and ``computation``, by what binds the dense product.

    Raises
    ------
    InputError
        If `roofs` are something else.
    """
    require(isinstance(roofs, Roofs), "roofs", roofs, "use Roofs")
    ridge = TILE_BYTES * roofs.operations_per_s / roofs.bytes_per_s
    return {
        "memory": Product(2.0 * TILE_BYTES, 0.0, TILE_BYTES),
        "ridge": Product(ridge, 0.0, TILE_BYTES),
        "computation": Product(ridge, 0.0, 0.0),
    }


def break_even() -> float:
    """The sparsity from which compressed weights have fewer bytes than all weights.

    Returns
    -------
    float
        Share of the weights that are 0.
    """
    return 1.0 - (1.0 - TILE_POINTER_BYTES / TILE_BYTES) / BYTES_PER_WEIGHT


def knee(cells: int) -> tuple[float, float]:
    """Sparsities between which nine tenths and a half of the blocks are left: where skipping begins to gain.

    Parameters
    ----------
    cells
        Number of weights of a block.

    Returns
    -------
    tuple of float
        Shares of the weights that are 0, the smaller one first.

    Raises
    ------
    InputError
        If the block has no weight.
    """
    cells = integer(cells, "cells", 1, MOST_CELLS)
    begin, end = ((1.0 - share) ** (1.0 / cells) for share in KNEE_SHARES)
    return begin, end
