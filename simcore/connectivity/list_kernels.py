"""Compiled selection of the edges of a block onto one partition, with the random bits of each edge."""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity.cpu import ZERO, Chunk
from simcore.connectivity.rule import Targets, Wiring
from simcore.jit.compilation import borrowing, kernel
from simcore.jit.philox import philox_block
from simcore.random import Purpose

CONNECTIVITY = np.uint32(Purpose.CONNECTIVITY)

FloatArray = npt.NDArray[np.float64]
Int32Array = npt.NDArray[np.int32]
BATCH = 1024
"""Number of edges whose partitions are found together."""


@kernel
def _own_edges(
    item: Any,
    all_sources: Any,
    all_targets: Any,
    numbers: Any,
    sources: Any,
    targets: Any,
    target_ids: Any,
    index: Any,
) -> Any:
    """Collect edges from `item` on until the arrays are full; return their number and the next item."""
    first, stride, before, target_first = numbers[0], numbers[1], numbers[2], numbers[3]
    # Half an edge is added, so that rounding never decreases an integer quotient.
    inverse = 1.0 / np.float64(stride)
    offset = np.float64(stride - first) + 0.5
    own = np.empty(BATCH, dtype=np.uint8)
    local = np.empty(BATCH, dtype=np.uint32)
    filled = np.int64(0)
    while item < len(all_targets) and filled < len(index):
        stop = min(len(all_targets), item + min(BATCH, len(index) - filled))
        part = all_targets[item:stop]
        for k in range(len(part)):
            quotient = np.int32((np.float64(part[k]) + offset) * inverse)
            own[k] = np.int32(quotient * np.int32(stride)) == np.int32(part[k] + np.int32(stride - first))
            local[k] = np.uint32(np.int32(before) + quotient)
        for k in range(len(part)):
            # Written unconditionally, because a branch on the owner would be mispredicted.
            index[filled] = item + k
            targets[filled] = local[k]
            filled += np.int64(own[k])
        item = stop
    for k in range(filled):
        sources[k] = np.uint32(all_sources[index[k]])
        target_ids[k] = np.uint32(target_first + all_targets[index[k]])
    return filled, item


@borrowing
def _weight_codes(weights: Any, positive: Any, negative: Any, codes: Any) -> None:
    """Round weights to integers in units of 1 / `positive` or, below 0, 1 / `negative`, powers of two."""
    for k in range(len(codes)):
        weight = weights[k]
        codes[k] = np.int32(np.rint(weight * (negative if weight < 0.0 else positive)))


@borrowing
def _delay_steps(delays: Any, steps_per_ms: Any, steps: Any) -> None:
    for k in range(len(steps)):
        steps[k] = np.int32(np.floor(delays[k] * steps_per_ms + 0.5))


def _unchanging(values: FloatArray) -> FloatArray:
    """Convert values to the type for which the kernels are compiled."""
    view = np.ascontiguousarray(values, dtype=np.float64).view()
    view.flags.writeable = False
    return view


def weight_codes(weights: FloatArray, lsb: FloatArray) -> Int32Array:
    """Quantise weights like `simcore.quantisation.WeightGrid.quantise`, but faster.

    Parameters
    ----------
    weights
        In the unit of the model.
    lsb
        Units of the receptors of the population, the first for weights >= 0, the last for weights < 0.
    """
    codes = np.empty(len(weights), dtype=np.int32)
    _weight_codes(_unchanging(weights), 1.0 / lsb[0], 1.0 / lsb[-1], codes)
    return codes


def delay_codes(delays_ms: FloatArray, steps_per_ms: float) -> Int32Array:
    """Convert allowed delays to steps like `simcore.values.delay_steps`, but faster."""
    steps = np.empty(len(delays_ms), dtype=np.int32)
    _delay_steps(_unchanging(delays_ms), steps_per_ms, steps)
    return steps


@borrowing
def add_arrivals(targets: Any, each: Any, arrivals: Any) -> None:
    """Count the edges of each target, `each` for every edge."""
    for k in range(len(targets)):
        arrivals[targets[k]] += each


@borrowing
def _draw_bits(numbers: Any, target_ids: Any, targets: Any, positions: Any, bits: Any) -> None:
    """Draw the bits of edges from their position among the edges of their target."""
    seed, projection = np.uint32(numbers[4]), np.uint32(numbers[5])
    local_first = numbers[2] + 1
    for k in range(len(bits)):
        local = np.int64(targets[k]) - local_first
        position = positions[local]
        positions[local] = position + np.uint32(1)
        _, w1, _, w3 = philox_block(projection, target_ids[k], position >> np.uint32(1), ZERO, seed, CONNECTIVITY)
        bits[k] = w3 if position & np.uint32(1) else w1


class ListEmitter:
    """Emitter of the edges of a list onto some targets.

    Parameters
    ----------
    wiring, targets
        The projection and the targets of a partition.
    draws
        Whether weights or delays are drawn, so that each edge needs random bits.
    """

    def __init__(self, wiring: Wiring, targets: Targets, draws: bool) -> None:
        numbers = (targets.first, targets.stride, targets.local_first - 1, wiring.target_first)
        self._numbers = np.array([*numbers, wiring.seed, wiring.projection], dtype=np.int64)
        self._n_targets = targets.count
        self._draws = draws
        self._positions = np.zeros(0, dtype=np.uint32)

    def start(self) -> None:
        """Start at the beginning of the list."""
        if self._draws:
            self._positions = np.zeros(self._n_targets, dtype=np.uint32)

    def emit(self, item: int, sources: npt.NDArray[Any], targets: npt.NDArray[Any], chunk: Chunk) -> tuple[int, int]:
        """Fill `chunk` with edges of a block from `item` on; return (edges, next item)."""
        if not self._n_targets:
            return 0, len(targets)
        outputs = (chunk.sources, chunk.targets, chunk.target_ids, chunk.index)
        filled, item = _own_edges(item, sources, targets, self._numbers, *outputs)
        # Also called without draws, so that a miniature compiles it.
        drawn = filled if self._draws else 0
        edges = (chunk.target_ids[:drawn], chunk.targets[:drawn])
        _draw_bits(self._numbers, *edges, self._positions, chunk.bits[:drawn])
        return filled, item
