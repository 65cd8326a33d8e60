"""Listed and changed edges of a drawn network, the basis of all transforms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from simcore.connectivity import Explicit
from simcore.errors import integer, require, truth
from simcore.memory import require_memory
from simcore.network import Network, Projection
from simcore.random import MAX_SEED
from simcore.synapses.edges import BYTES_PER_EDGE, draw_projection
from simcore.tables import make_tables
from simcore.values import ValueLike

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Kind = TypeVar("Kind", np.float64, np.int32)
BYTES_PER_LISTED_EDGE = 24.0
"""Bytes of a listed edge: ids of 4 bytes, and weight and delay of 8, which are omitted if all are equal."""


@dataclass(frozen=True, eq=False)
class DrawnEdges:
    """Synapses of a projection.

    Parameters
    ----------
    projection
        Its number in the network.
    sources, targets
        Population-local ids, int64 (synapses,).
    codes
        Weights as integers in units of the receptor's lsb, int64 (synapses,).
    weights
        Weights in the unit of the target's model, float64 (synapses,).
    delays_ms
        Delays in ms, float64 (synapses,).
    """

    projection: int
    sources: IntArray
    targets: IntArray
    codes: IntArray
    weights: FloatArray
    delays_ms: FloatArray

    @property
    def counter(self) -> tuple[npt.ArrayLike, int, int, int]:
        """Counters of the random numbers of each synapse: its position in the projection, and the projection."""
        return np.arange(len(self.sources)), self.projection, 0, 0


@dataclass(frozen=True)
class Drawing:
    """Options for drawing a network before a transform, as in a simulation.

    Parameters
    ----------
    seed, weight_bits, accept_quantisation
        See `simcore.simulator.Simulator`.
    """

    seed: int = 1
    weight_bits: int = 16
    accept_quantisation: bool = False

    def __post_init__(self) -> None:
        integer(self.seed, "network_seed", 0, MAX_SEED)
        truth(self.accept_quantisation, "accept_quantisation")


Change = Callable[[DrawnEdges], tuple[npt.NDArray[np.bool_], FloatArray]]
"""Function that returns which synapses of a projection remain, and the weights of all."""


def require_network(network: object) -> None:
    """Refuse anything but a network."""
    require(isinstance(network, Network), "network", network, "use a simcore.network.Network")


def changed(network: Network, drawing: Drawing, change: Change) -> Network:
    """Return the network with changed synapses; its projections are lists of the synapses that a simulation draws.

    Populations, drives and recorders do not change. Synapses whose weights become 0 and projections without synapses
    are omitted.

    Parameters
    ----------
    network
        The description.
    drawing
        Options for drawing the synapses.
    change
        Change of the synapses of each projection.

    Raises
    ------
    ResourceError
        If the synapses, 24 bytes each, and the drawn synapses of the largest projection do not fit into memory.
    """
    tables = make_tables(network, drawing.weight_bits, drawing.accept_quantisation)
    expected = [p.rule.expected_synapses(network.wiring(k)) for k, p in enumerate(network.projections)]
    needed = BYTES_PER_LISTED_EDGE * sum(expected) + BYTES_PER_EDGE * max(expected, default=0.0)
    require_memory({"listed synapses": needed}, "the transformed network")
    projections = []
    for number, projection in enumerate(network.projections):
        drawn = draw_projection(network, tables, drawing.seed, number)
        ends = (projection.source, projection.target)
        source, target = (network.populations[network.index(name)].name for name in ends)
        edges = DrawnEdges(
            number,
            drawn.sources - network.first_ids[source],
            drawn.targets - network.first_ids[target],
            drawn.codes,
            drawn.weights,
            drawn.delays_ms,
        )
        stays, weights = change(edges)
        kept = np.flatnonzero(stays & (weights != 0.0))
        if len(kept):
            rule = Explicit(*(_read_only(ids[kept].astype(np.int32)) for ids in (edges.sources, edges.targets)))
            values = _value(weights[kept]), _value(edges.delays_ms[kept])
            projections.append(
                Projection(source, target, rule, *values, projection.receptor, plasticity=projection.plasticity)
            )
    return replace(network, projections=projections)


def _read_only(array: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
    array.flags.writeable = False
    return array


def _value(values: FloatArray) -> ValueLike:
    """Return one number if all values are equal, so that they are not stored for each synapse."""
    return float(values[0]) if np.all(values == values[0]) else _read_only(values)


def long_words(words: Sequence[npt.NDArray[np.uint32]]) -> npt.NDArray[np.uint64]:
    """Combine 32-bit random numbers of `simcore.random.philox` to 64-bit numbers."""
    low, high = words[0], words[1]
    return high.astype(np.uint64) << np.uint64(32) | low
