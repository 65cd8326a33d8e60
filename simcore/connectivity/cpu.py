"""Compiled draws of the connection rules: the same edges as the oracle in `draw.py`, piece by piece."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from simcore.connectivity.rule import Draw, Emitter, IntArray, Lists, Rule, Targets, Wiring
from simcore.jit.compilation import borrowing, kernel
from simcore.jit.philox import philox_block
from simcore.random import Purpose, binomial

CONNECTIVITY = np.uint32(Purpose.CONNECTIVITY)
IN_DEGREE = np.uint32(Purpose.IN_DEGREE)
ZERO = np.uint32(0)

_binomial = njit(nogil=True)(binomial)


@dataclass(frozen=True)
class Chunk:
    """A piece of a projection's edges in one partition, in preallocated arrays.

    Population-local sources, partition-local targets, global target ids, 32 random bits, and the index of each edge
    in the description (for rules that take arrays).
    """

    sources: npt.NDArray[np.uint32]
    targets: npt.NDArray[np.uint32]
    target_ids: npt.NDArray[np.uint32]
    bits: npt.NDArray[np.uint32]
    index: IntArray

    @staticmethod
    def of_size(capacity: int) -> "Chunk":
        """Uninitialised arrays for `capacity` edges."""
        words = np.empty((4, capacity), dtype=np.uint32)
        return Chunk(words[0], words[1], words[2], words[3], np.zeros(capacity, dtype=np.int64))


@borrowing
def _node_uniform(seed: Any, projection: Any, low: Any, high: Any) -> Any:
    w0, w1, _, _ = philox_block(
        np.uint32(projection), np.uint32(low), np.uint32(high), ZERO, np.uint32(seed), IN_DEGREE
    )
    return (np.float64(w0 >> np.uint32(5)) * 67108864.0 + np.float64(w1 >> np.uint32(6))) / 9007199254740992.0


@kernel
def _split_total(
    total: Any, n_target: Any, first: Any, stride: Any, seed: Any, projection: Any, in_degrees: Any
) -> None:
    """In-degrees of the targets first, first + stride, ...: walks down the tree to these leaves only."""
    stack = np.empty((128, 3), dtype=np.int64)
    stack[0, 0], stack[0, 1], stack[0, 2] = 0, n_target, total
    depth = 1
    while depth > 0:
        depth -= 1
        low, high, n = stack[depth, 0], stack[depth, 1], stack[depth, 2]
        next_own = low if low <= first else first + (low - first + stride - 1) // stride * stride
        next_own = max(next_own, first)
        if n == 0 or next_own >= high:
            continue
        if high - low == 1:
            in_degrees[(low - first) // stride] = n
            continue
        middle = (low + high) // 2
        odds = np.float64(middle - low) / np.float64(high - middle)
        left = _binomial(n, odds, _node_uniform(seed, projection, low, high))
        stack[depth, 0], stack[depth, 1], stack[depth, 2] = low, middle, left
        stack[depth + 1, 0], stack[depth + 1, 1], stack[depth + 1, 2] = middle, high, n - left
        depth += 2


@borrowing
def _binomial_in_degrees(
    n: Any, odds: Any, first: Any, stride: Any, seed: Any, projection: Any, in_degrees: Any
) -> None:
    for i in range(len(in_degrees)):
        target = first + stride * i
        in_degrees[i] = _binomial(n, odds, _node_uniform(seed, projection, target, target + 1))


@borrowing
def _draw_with_replacement(
    seed: Any,
    projection: Any,
    target_id: Any,
    own: Any,
    n_choices: Any,
    target: Any,
    sources: Any,
    targets: Any,
    bits: Any,
) -> None:
    """Sources and bits of one target; `own` is the source to jump over (or none, if not below n_choices)."""
    n = len(sources)
    choices = np.uint64(n_choices)
    skip = np.uint32(own)
    for b in range(n // 2):
        w0, w1, w2, w3 = philox_block(projection, target_id, np.uint32(b), ZERO, seed, CONNECTIVITY)
        s0 = np.uint32((np.uint64(w0) * choices) >> np.uint64(32))
        s1 = np.uint32((np.uint64(w2) * choices) >> np.uint64(32))
        sources[2 * b] = s0 + np.uint32(s0 >= skip)
        sources[2 * b + 1] = s1 + np.uint32(s1 >= skip)
        bits[2 * b] = w1
        bits[2 * b + 1] = w3
    if n % 2 == 1:
        w0, w1, w2, w3 = philox_block(projection, target_id, np.uint32(n // 2), ZERO, seed, CONNECTIVITY)
        s0 = np.uint32((np.uint64(w0) * choices) >> np.uint64(32))
        sources[n - 1] = s0 + np.uint32(s0 >= skip)
        bits[n - 1] = w1
    for k in range(n):
        targets[k] = target


@borrowing
def _draw_distinct(
    seed: Any,
    projection: Any,
    owner_id: Any,
    own: Any,
    n_choices: Any,
    stream: Any,
    taken: Any,
    partners: Any,
    bits: Any,
) -> None:
    """Distinct partners of one owner by Floyd's algorithm; `taken` (uint8, n_choices) is clear before and after."""
    n = len(partners)
    for k in range(n):
        w0, w1, w2, w3 = philox_block(projection, owner_id, np.uint32(k >> 1), stream, seed, CONNECTIVITY)
        last = np.uint64(n_choices - n + k)
        word = w2 if k & 1 else w0
        candidate = (np.uint64(word) * (last + np.uint64(1))) >> np.uint64(32)
        if taken[candidate]:
            candidate = last
        taken[candidate] = 1
        partners[k] = np.uint32(candidate)
        bits[k] = w3 if k & 1 else w1
    for k in range(n):
        taken[partners[k]] = 0
        partners[k] += np.uint32(partners[k] >= np.uint32(own))


@borrowing
def _emit_in_degrees(
    item: Any,
    wiring: Any,
    in_degrees: Any,
    multapses: Any,
    taken: Any,
    sources: Any,
    targets: Any,
    target_ids: Any,
    bits: Any,
) -> Any:
    """Whole targets from `item` on; `wiring` holds the integers of `_numbers`."""
    seed, projection = np.uint32(wiring[0]), np.uint32(wiring[1])
    first, stride, local_first, target_first = wiring[2], wiring[3], wiring[4], wiring[5]
    n_choices, excludes_self = wiring[6], wiring[7]
    filled = 0
    while item < len(in_degrees):
        n = in_degrees[item]
        if filled + n > len(sources):
            break
        target = first + stride * item
        target_id = np.uint32(target_first + target)
        own = target if excludes_self else np.int64(0xFFFFFFFF)
        part, part_bits = sources[filled : filled + n], bits[filled : filled + n]
        local = np.uint32(local_first + item)
        if multapses:
            _draw_with_replacement(
                seed, projection, target_id, own, n_choices, local, part, targets[filled : filled + n], part_bits
            )
        else:
            _draw_distinct(seed, projection, target_id, own, n_choices, ZERO, taken, part, part_bits)
            for k in range(filled, filled + n):
                targets[k] = local
        for k in range(filled, filled + n):
            target_ids[k] = target_id
        filled += n
        item += 1
    return filled, item


@kernel
def _emit_out_degrees(
    item: Any,
    wiring: Any,
    out_degrees: Any,
    multapses: Any,
    taken: Any,
    sources: Any,
    targets: Any,
    target_ids: Any,
    bits: Any,
) -> Any:
    """Whole sources from `item` on, keeping the edges to own targets."""
    seed, projection = np.uint32(wiring[0]), np.uint32(wiring[1])
    first, stride, local_first, target_first = wiring[2], wiring[3], wiring[4], wiring[5]
    n_choices, excludes_self, source_first = wiring[6], wiring[7], wiring[8]
    filled = 0
    while item < len(out_degrees) and filled + out_degrees[item] <= len(sources):
        outdegree = out_degrees[item]
        partners = np.empty(outdegree, dtype=np.uint32)
        words = np.empty(outdegree, dtype=np.uint32)
        source_id = np.uint32(source_first + item)
        own = item if excludes_self else np.int64(0xFFFFFFFF)
        if multapses:
            for k in range(outdegree):
                w0, w1, w2, w3 = philox_block(
                    projection, source_id, np.uint32(k >> 1), np.uint32(1), seed, CONNECTIVITY
                )
                word = w2 if k & 1 else w0
                partner = np.uint32((np.uint64(word) * np.uint64(n_choices)) >> np.uint64(32))
                partners[k] = partner + np.uint32(partner >= np.uint32(own))
                words[k] = w3 if k & 1 else w1
        else:
            _draw_distinct(seed, projection, source_id, own, n_choices, np.uint32(1), taken, partners, words)
        for k in range(outdegree):
            relative = np.int64(partners[k]) - first
            if relative >= 0 and relative % stride == 0:
                sources[filled] = np.uint32(item)
                targets[filled] = np.uint32(local_first + relative // stride)
                target_ids[filled] = np.uint32(target_first + partners[k])
                bits[filled] = words[k]
                filled += 1
        item += 1
    return filled, item


def _numbers(wiring: Wiring, targets: Targets, lists: Lists) -> IntArray:
    return np.array(
        [
            wiring.seed,
            wiring.projection,
            targets.first,
            targets.stride,
            targets.local_first,
            wiring.target_first,
            lists.n_choices,
            lists.excludes_self,
            wiring.source_first,
        ],
        dtype=np.int64,
    )


def split_total_compiled(wiring: Wiring, targets: Targets, total: int) -> IntArray:
    """In-degrees of some targets when `total` is split over all."""
    in_degrees = np.zeros(targets.count, dtype=np.int64)
    if targets.count:
        key = (wiring.seed, wiring.projection)
        _split_total(total, wiring.n_target, targets.first, targets.stride, *key, in_degrees)
    return in_degrees


def binomial_in_degrees_compiled(wiring: Wiring, targets: Targets, n: int, odds: float) -> IntArray:
    """Independent binomial in-degrees of some targets."""
    in_degrees = np.zeros(targets.count, dtype=np.int64)
    _binomial_in_degrees(n, odds, targets.first, targets.stride, wiring.seed, wiring.projection, in_degrees)
    return in_degrees


class InDegreeEmitter:
    """Edges that are random lists of the sources of each target."""

    def __init__(self, wiring: Wiring, targets: Targets, lists: Lists) -> None:
        self.n_items = len(lists.lengths)
        self.largest_item = int(lists.lengths.max(initial=0))
        self._targets, self._lists = targets, lists
        self._numbers = _numbers(wiring, targets, lists)
        self._taken = np.zeros(lists.n_choices if lists.draw == Draw.DISTINCT else 0, dtype=np.uint8)

    def emit(self, item: int, chunk: Chunk) -> tuple[int, int]:
        """Fill `chunk` with whole lists; return (edges, next item)."""
        outputs = (chunk.sources, chunk.targets, chunk.target_ids, chunk.bits)
        multapses = self._lists.draw != Draw.DISTINCT
        filled, item = self._kernel(item, self._numbers, self._lists.lengths, multapses, self._taken, *outputs)
        return filled, item

    _kernel = staticmethod(_emit_in_degrees)


class OutDegreeEmitter(InDegreeEmitter):
    """Edges that are random lists of the targets of each source: all are drawn, those to other targets dropped."""

    _kernel = staticmethod(_emit_out_degrees)


class AllToAllEmitter(InDegreeEmitter):
    """Edges of `all_to_all`: the bits are drawn as for a random rule, the sources are all in order."""

    def emit(self, item: int, chunk: Chunk) -> tuple[int, int]:
        """Fill `chunk` with whole targets; returns (edges, next item)."""
        filled, next_item = super().emit(item, chunk)
        if filled:
            n = self._lists.n_choices
            ids = self._targets.first + self._targets.stride * np.arange(item, next_item)
            sources = np.tile(np.arange(n), len(ids))
            chunk.index[:filled] = np.repeat(ids * n, n) + sources
            if self._lists.excludes_self:
                sources += sources >= np.repeat(ids, n)
            chunk.sources[:filled] = sources
        return filled, next_item


class ListedEmitter(InDegreeEmitter):
    """Edges from lists ordered by target: the bits are drawn as for a random rule, sources and indices are given."""

    def __init__(self, wiring: Wiring, targets: Targets, lists: Lists) -> None:
        super().__init__(wiring, targets, lists)
        self._starts = np.concatenate(([0], np.cumsum(lists.lengths)))

    def emit(self, item: int, chunk: Chunk) -> tuple[int, int]:
        """Fill `chunk` with whole targets; returns (edges, next item)."""
        filled, next_item = super().emit(item, chunk)
        listed = slice(self._starts[item], self._starts[next_item])
        chunk.sources[:filled] = self._lists.partners[listed]
        chunk.index[:filled] = self._lists.index[listed]
        return filled, next_item


EMITTERS = {Draw.IN_ORDER: AllToAllEmitter, Draw.GIVEN: ListedEmitter}


def emitter_of(rule: Rule, wiring: Wiring, targets: Targets, draws: bool = True) -> Emitter:
    """Draws the edges of a rule to some targets; they need no bits unless weights or delays are also drawn."""
    own = rule.emitter(wiring, targets, draws)
    if own is not None:
        return own
    lists = rule.lists(wiring, targets)
    kind = OutDegreeEmitter if lists.of_sources else EMITTERS.get(lists.draw, InDegreeEmitter)
    return kind(wiring, targets, lists)
