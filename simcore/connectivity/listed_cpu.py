"""Compiled: the edges of a block that end on neurons of one partition, with the bits that each of them draws."""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity.cpu import CONNECTIVITY, ZERO, Chunk
from simcore.connectivity.rule import Targets, Wiring
from simcore.jit.compilation import kernel
from simcore.jit.philox import philox_block


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
    """Edges from `item` on, until the arrays are full; returns how many, and the next item."""
    first, stride, before, target_first = numbers[0], numbers[1], numbers[2], numbers[3]
    # Half an edge more, so that rounding never makes a whole quotient a smaller one.
    inverse = 1.0 / np.float64(stride)
    offset = np.float64(stride - first) + 0.5
    filled = 0
    room = min(len(sources), len(index))
    while item < len(all_targets) and filled < room:
        stop = min(len(all_targets), item + room - filled)
        for k in range(item, stop):
            target = np.int64(all_targets[k])
            quotient = np.int64((np.float64(target) + offset) * inverse)
            # Written in any case: whether an edge is one's own cannot be foreseen.
            sources[filled] = np.uint32(all_sources[k])
            targets[filled] = np.uint32(before + quotient)
            target_ids[filled] = np.uint32(target_first + target)
            index[filled] = k
            filled += np.int64(quotient * stride == target + stride - first)
        item = stop
    return filled, item


@kernel
def _draw_bits(numbers: Any, target_ids: Any, targets: Any, positions: Any, bits: Any) -> None:
    """Bits of edges by their position among those of their target."""
    seed, projection = np.uint32(numbers[4]), np.uint32(numbers[5])
    local_first = numbers[2] + 1
    for k in range(len(bits)):
        local = np.int64(targets[k]) - local_first
        position = positions[local]
        positions[local] = position + np.uint32(1)
        _, w1, _, w3 = philox_block(
            projection, target_ids[k], position >> np.uint32(1), ZERO, seed, CONNECTIVITY
        )
        bits[k] = w3 if position & np.uint32(1) else w1


class ListEmitter:
    """The edges of a list that end on some targets.

    Parameters
    ----------
    wiring, targets
        The projection and the targets of a partition.
    draws
        Whether weights or delays are drawn: then each edge has bits.
    """

    def __init__(self, wiring: Wiring, targets: Targets, draws: bool) -> None:
        numbers = (targets.first, targets.stride, targets.local_first - 1, wiring.target_first)
        self._numbers = np.array([*numbers, wiring.seed, wiring.projection], dtype=np.int64)
        self._n_targets = targets.count
        self._draws = draws
        self._positions = np.zeros(0, dtype=np.uint32)

    def start(self) -> None:
        """The list begins."""
        if self._draws:
            self._positions = np.zeros(self._n_targets, dtype=np.uint32)

    def emit(
        self, item: int, sources: npt.NDArray[Any], targets: npt.NDArray[Any], chunk: Chunk
    ) -> tuple[int, int]:
        """Fill `chunk` with edges of a block from `item` on; returns (edges, next item)."""
        if not self._n_targets:
            return 0, len(targets)
        outputs = (chunk.sources, chunk.targets, chunk.target_ids, chunk.index)
        filled, item = _own_edges(item, sources, targets, self._numbers, *outputs)
        # Also called for none, so that a miniature compiles it.
        drawn = filled if self._draws else 0
        edges = (chunk.target_ids[:drawn], chunk.targets[:drawn])
        _draw_bits(self._numbers, *edges, self._positions, chunk.bits[:drawn])
        return filled, item
