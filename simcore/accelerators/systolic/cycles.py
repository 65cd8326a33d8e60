"""Cycles of a layer on a systolic array of R rows and C columns, as counted by scale-sim v2.

With ``F = ceil(E / R) ceil(m / C)`` folds of outputs and ``G = ceil(K / R) ceil(m / C)`` folds of weights:

- Outputs stay: a step takes ``Y = F (K + R + C - 2) - 1`` cycles, and the weights, as an array that keeps weights would
  load them, ``Yw = (G - 1) (E + 2 R + C - 2) + min(K, R) - 1``. SATA's release, which batches the steps of a layer,
  loads the weights once, ``T Y + Yw``; a step after the other loads them in each, ``T (Y + Yw)``.
- Weights stay (our model, with the same count): a fold of weights takes R cycles to load, and then all T steps stream
  through it in ``T E + R + C - 2`` cycles. A step therefore adds ``G E`` cycles, and ``G (2 R + C - 2) - 1`` cycles do
  not depend on T.

Several arrays share the filters: a fold then has C filters for each array. A 0 in the input or in a weight does not
save cycles, because the array gates computations but does not skip them.
"""

from dataclasses import dataclass

from simcore.accelerators.systolic.geometry import Geometry


@dataclass(frozen=True)
class Array:
    """A systolic array.

    Parameters
    ----------
    rows, columns
        Number of rows and columns of processing elements.
    arrays
        Number of arrays that share the filters.
    outputs_stay
        Whether outputs stay in the array; otherwise weights stay.
    """

    rows: int
    columns: int
    arrays: int
    outputs_stay: bool

    @property
    def elements(self) -> int:
        """Number of processing elements."""
        return self.rows * self.columns * self.arrays

    def filter_folds(self, geometry: Geometry) -> int:
        """Number of times that the input of a group passes the array, each time for the filters in the array."""
        return -(-geometry.filters // (self.columns * self.arrays))


def step_cycles(geometry: Geometry, array: Array) -> int:
    """Cycles that each step of one group of a layer adds."""
    if array.outputs_stay:
        cycles = geometry.products + array.rows + array.columns - 2
        return _folds(geometry.outputs, geometry, array) * cycles - 1
    return _folds(geometry.products, geometry, array) * geometry.outputs


def loading_cycles(geometry: Geometry, array: Array) -> int:
    """Cycles of one group of a layer for loading weights once, or for filling and draining the array for all steps."""
    folds = _folds(geometry.products, geometry, array)
    skew = 2 * array.rows + array.columns - 2
    if array.outputs_stay:
        return (folds - 1) * (geometry.outputs + skew) + min(geometry.products, array.rows) - 1
    return folds * skew - 1


def _folds(held: int, geometry: Geometry, array: Array) -> int:
    """Number of times that the array is filled with `held` outputs or products of each filter."""
    return -(-held // array.rows) * array.filter_folds(geometry)
