"""The gain from sparse weights on a machine with a computation roof and a memory roof.

A product of weights and vectors has C operations, S_W bytes of weights and S_V bytes of vectors; x is the share of
weights that are not 0, and the sparsity is 1 - x. With F operations and B bytes per second::

    dense    t_d = max(C / F, (S_V + S_W) / B)
    sparse   t_s = max(y C / F, (S_V + beta x S_W) / B)
    gain     P_d t_d / (P_s t_s)

Blocks of n weights that are all 0 are skipped. If zeros are random, the share of the remaining blocks is::

    y = 1 - (1 - x)^n

Weights of one byte are stored in compressed sparse rows, in tiles of 256 x 256: one byte for the value and one for the
column of each weight that is not 0, and 258 bytes of row pointers per tile::

    beta x = 2 x + 258 / 65,536,        beta(x) = 2 + 258 / (65,536 x)

If memory binds, sparse weights gain from beta x = 1, which is a sparsity of 0.502. If computation binds, they gain 1 /
y. The powers P_d and P_s of dense and sparse units are not published: their ratio is 1 unless it is given.

Source: NeuroMeter (see `simcore.accelerators.many_core.design`), Section IV; random zeros are our interpretation. In
the paper, the gain of the smaller units rises at a sparsity of 0.9. With a constant ratio of powers it rises later, see
`knee`: the published figure needs the power of sparse units as a function of y, which is not published.
"""

import math
from dataclasses import dataclass

from simcore.errors import integer, number, require

TILE = 256
TILE_BYTES = TILE**2
TILE_POINTER_BYTES = TILE + 2
BYTES_PER_WEIGHT = 2
"""Bytes of a weight that is not 0, for its value and its column."""
SPARSE_UNITS = {"TU8": 64, "TU32": 1024, "RT64": 64, "RT1024": 1024}
"""Units of the published figure, tensor units (TU) and reduction trees (RT), with the weights per block, n."""
MOST_CELLS = 2**31
RATES = (1e-30, 1e30)
"""Limits of a roof and of a ratio of powers, within which times and gains are finite."""
AMOUNTS = (1e-70, 1e70)
"""Limits of the operations of a product."""
KNEE_SHARES = (0.9, 0.5)
"""Share of remaining blocks at the beginning and at the end of `knee`."""


@dataclass(frozen=True)
class Product:
    """A product of dense weights and vectors.

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
    """The largest rates of a machine.

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
        """Time in which operations and transfers are complete, s.

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
    """Share of the blocks of `cells` weights that are not all 0, y, if a share `density` of the weights is not 0.

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
    # This is also accurate for tiny densities.
    return 1.0 if density == 1.0 else -math.expm1(cells * math.log1p(-density))


def _density(value: object) -> float:
    return _within(value, "density", RATES[0], 1.0)


def stored_share(density: float) -> float:
    """Bytes of compressed weights divided by bytes of all weights, beta x.

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
    """Energy of the dense product divided by the energy of the sparse product; with equal powers, a ratio of times.

    Parameters
    ----------
    product, roofs
        The product, and the machine.
    density
        Share of the weights that are not 0, in [1e-30, 1].
    cells
        Weights of a block, n.
    power_ratio
        P_d / P_s, in [1e-30, 1e30]. This constant scales the gain and does not move the knee.

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
    """A tile of weights that is used once, at the ridge of both roofs, and without transfers; vectors are small.

    Parameters
    ----------
    roofs
        The machine.

    Returns
    -------
    dict
        Regime -> product: ``memory``, ``ridge`` and ``computation``, by the bound of the dense product.

    Raises
    ------
    InputError
        If `roofs` is not a `Roofs`.
    """
    require(isinstance(roofs, Roofs), "roofs", roofs, "use Roofs")
    ridge = TILE_BYTES * roofs.operations_per_s / roofs.bytes_per_s
    return {
        "memory": Product(2.0 * TILE_BYTES, 0.0, TILE_BYTES),
        "ridge": Product(ridge, 0.0, TILE_BYTES),
        "computation": Product(ridge, 0.0, 0.0),
    }


def break_even() -> float:
    """The sparsity above which compressed weights have fewer bytes than all weights.

    Returns
    -------
    float
        Share of the weights that are 0.
    """
    return 1.0 - (1.0 - TILE_POINTER_BYTES / TILE_BYTES) / BYTES_PER_WEIGHT


def knee(cells: int) -> tuple[float, float]:
    """Sparsities at which nine tenths and half of the blocks remain, between which skipping begins to gain.

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
