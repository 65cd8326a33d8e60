"""The edges of a network one by one, as the rules' NumPy code draws them; other simulators get the same."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.network import Network
from simcore.tables import Tables

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Edges:
    """The synapses of one projection, in the order in which its rule lists them.

    Parameters
    ----------
    sources, targets
        Global ids, shape (synapses,), int64.
    codes
        Weights as integers in units of the receptor's lsb, int64; the sign selects the receptor.
    delay_steps
        Delays in steps, int64.
    weights
        Weights in the unit of the target's model, float64: what the simulation uses, which is the described weight
        on the grid of the weight bits.
    delays_ms
        Delays in ms, float64.
    """

    sources: IntArray
    targets: IntArray
    codes: IntArray
    delay_steps: IntArray
    weights: FloatArray
    delays_ms: FloatArray


def draw_projection(network: Network, tables: Tables, seed: int, projection: int) -> Edges:
    """Every synapse of projection number `projection`; needs some 100 bytes for each of them.

    Parameters
    ----------
    network
        The description.
    tables
        Those of the network, see `simcore.tables.make_tables`.
    seed
        Seed of the simulation.
    projection
        Position in ``network.projections``.
    """
    wiring = network.wiring(projection, seed)
    described = network.projections[projection]
    drawn = described.rule.edges(wiring)
    codes = tables.weights[projection].at(drawn.bits >> 16, drawn.index).astype(np.int64)
    steps = tables.delays[projection].at(drawn.bits & 0xFFFF, drawn.index).astype(np.int64)
    return Edges(
        wiring.source_first + drawn.sources,
        wiring.target_first + drawn.targets,
        codes,
        steps,
        tables.grid.value(codes, network.index(described.target)),
        np.asarray(steps * network.resolution_ms, dtype=np.float64),
    )
