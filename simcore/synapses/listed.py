"""Listed edges with their integer weights and delays, in blocks that all threads of a rank read."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.connectivity.listed import Block, ListedRule
from simcore.network import Network
from simcore.tables import LISTED, LookUp, Tables
from simcore.values import steps_per_ms

Int32Array = npt.NDArray[np.int32]


@dataclass(frozen=True)
class CodedBlock:
    """Consecutive edges of a projection.

    Parameters
    ----------
    projection
        Its number.
    sources, targets
        Population-local ids.
    weights, delays
        Integers of these edges for kind `edge`, else of the projection.
    first
        Whether the list starts here.
    """

    projection: int
    sources: Int32Array
    targets: Int32Array
    weights: LookUp
    delays: LookUp
    first: bool


def is_listed(network: Network, projection: int) -> bool:
    """Whether the edges of a projection are listed."""
    return isinstance(network.projections[projection].rule, ListedRule)


def coded_blocks(network: Network, tables: Tables, only: int | None = None) -> Iterator[CodedBlock]:
    """Yield the edges of all lists, or of projection `only`; each block is prepared while the preceding one is read."""
    blocks = _blocks(network, tables, only)
    block = next(blocks, None)
    if block is None:
        return
    # The watcher of reading is known only in this thread.
    context = copy_context()
    with ThreadPoolExecutor(1) as reader:
        while block is not None:
            following = reader.submit(context.run, _next, blocks)
            yield block
            block = following.result()


def _next(blocks: Iterator[CodedBlock]) -> CodedBlock | None:
    return next(blocks, None)


def _blocks(network: Network, tables: Tables, only: int | None) -> Iterator[CodedBlock]:
    # These imports load the compiler.
    from simcore.connectivity.list_kernels import delay_codes, weight_codes

    for index, projection in enumerate(network.projections):
        if not isinstance(projection.rule, ListedRule) or only not in (None, index):
            continue
        # Also for lists without values, so that a miniature compiles the kernels of other networks.
        weight_codes(np.zeros(0), np.ones(1))
        delay_codes(np.zeros(0), 1.0)
        for block in projection.rule.blocks(projection.columns):
            weights, delays = tables.weights[index], tables.delays[index]
            if weights.kind == LISTED:
                values = _values(block, projection.weight)
                population, receptors = network.index(projection.target), network.receptors(projection)
                if population in tables.grid.relaying:
                    codes = tables.grid.quantise(values, population, receptors)
                else:
                    codes = weight_codes(values, tables.grid.lsb[population][list(receptors)])
                weights = LookUp("edge", _plain(codes))
            if delays.kind == LISTED:
                steps = delay_codes(_values(block, projection.delay_ms), steps_per_ms(network.resolution_ms))
                delays = LookUp("edge", _plain(steps))
            yield CodedBlock(index, _plain(block.sources), _plain(block.targets), weights, delays, block.first == 0)


def _values(block: Block, value: Any) -> npt.NDArray[np.float64]:
    return block.of(value)


def _plain(values: npt.NDArray[np.integer[Any]]) -> Int32Array:
    """Convert values to the type for which the kernels are compiled."""
    plain = np.ascontiguousarray(values, dtype=np.int32).view()
    plain.flags.writeable = False
    return plain
