"""Expected messages per second between cores, from which a placer works."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator, agreed
from simcore.memory import require_memory
from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.noc.link_loads import exact_rates

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
FLOW_BITS = 42
"""Bits of the sum of all messages, so that products with distances up to 2,048 links are exact in float64."""


@dataclass(frozen=True, eq=False)
class DestinationSets:
    """Sets of neurons of a core that send to the same other cores.

    Parameters
    ----------
    core
        Core of the neurons, int64 (sets,).
    rate_hz
        Spikes per second of the neurons, float64 (sets,).
    starts, cores
        Destinations of set k are ``cores[starts[k]:starts[k + 1]]``, ascending, without its own core; int64.
    """

    core: IntArray
    rate_hz: FloatArray
    starts: IntArray
    cores: IntArray


@dataclass(frozen=True, eq=False)
class CoreTraffic:
    """Expected messages between cores; all rates are multiples of `unit_hz`, so that sums of them are exact.

    Parameters
    ----------
    flows_hz
        Messages per second from each core to each other one, float64 (cores, cores); the diagonal is 0.
    unit_hz
        A power of two, 1/s.
    core_of_source, rates_hz
        Core and rate of each neuron, int64 and float64 (neurons,).
    starts, destinations
        Cores with targets of neuron k are ``destinations[starts[k]:starts[k + 1]]``, ascending, int64 and int32.
    """

    flows_hz: FloatArray
    unit_hz: float
    core_of_source: IntArray
    rates_hz: FloatArray
    starts: IntArray
    destinations: npt.NDArray[np.int32]

    @property
    def cores(self) -> int:
        """Number of cores."""
        return len(self.flows_hz)

    @cached_property
    def between(self) -> IntArray:
        """Messages between two cores, in both directions together, in units, int64 (cores, cores)."""
        flows = np.rint(self.flows_hz / self.unit_hz).astype(np.int64)
        return flows + flows.T

    @cached_property
    def sets(self) -> DestinationSets:
        """Firing neurons by core and destinations, without sets that have no destinations."""
        found: dict[tuple[int, bytes], float] = {}
        for source in np.flatnonzero(self.rates_hz > 0.0):
            core = int(self.core_of_source[source])
            reached = self.destinations[self.starts[source] : self.starts[source + 1]]
            reached = reached[reached != core]
            if len(reached):
                key = core, reached.tobytes()
                found[key] = found.get(key, 0.0) + float(self.rates_hz[source])
        reached_by = [np.frombuffer(cores, np.int32).astype(np.int64) for _, cores in found]
        return DestinationSets(
            np.array([core for core, _ in found], dtype=np.int64),
            np.array(list(found.values())),
            np.cumsum([0, *map(len, reached_by)]),
            np.concatenate([np.zeros(0, np.int64), *reached_by]),
        )


def core_traffic(
    axons: Axons, mapping: CoreMapping, rates_hz: FloatArray, comm: Communicator | None = None
) -> CoreTraffic | None:
    """Add up the messages from core to core of neurons with given rates; all ranks call this together.

    Parameters
    ----------
    axons
        Axons of the neurons of this rank.
    mapping
        Core of each neuron.
    rates_hz
        Expected rate of each neuron of the network, 1/s, float64 (neurons,).
    comm
        Communicator; neurons are distributed over its ranks.

    Returns
    -------
    CoreTraffic or None
        The same on any number of ranks; None on ranks other than 0.

    Raises
    ------
    ResourceError
        If the flows between all pairs of cores do not fit into memory.
    """
    comm = comm or LocalCommunicator()
    cores, core_of = mapping.cores, mapping.core_of
    with agreed(comm):
        require_memory({"flows": 32.0 * cores * cores}, "messages between all pairs of cores")
    rates = exact_rates(rates_hz, sum(comm.gather(len(axons.cores))), FLOW_BITS)
    fired = np.asarray(rates.multiples * rates.unit_hz, dtype=np.float64)
    lengths = np.diff(axons.starts)
    home = np.repeat(core_of[axons.sources], lengths)
    weights = np.repeat(fired[axons.sources], lengths)
    flows = np.bincount(home * cores + axons.cores, weights, cores * cores).astype(np.float64)
    flows[:: cores + 1] = 0.0
    parts = comm.collect((flows, lengths, axons.cores))
    if parts is None:
        return None
    starts, destinations = _of_all(parts, len(core_of))
    summed = np.asarray(sum(part[0] for part in parts), dtype=np.float64).reshape(cores, cores)
    return CoreTraffic(summed, rates.unit_hz, core_of, fired, starts, destinations)


def _of_all(
    parts: list[tuple[FloatArray, IntArray, npt.NDArray[np.int32]]], n: int
) -> tuple[IntArray, npt.NDArray[np.int32]]:
    """Starts and destinations of all neurons, by global id, which are distributed over ranks in turn."""
    size = len(parts)
    starts = np.zeros(n + 1, np.int64)
    for rank, (_, lengths, _) in enumerate(parts):
        starts[1 + rank :: size] = lengths
    np.cumsum(starts, out=starts)
    if size == 1:
        return starts, parts[0][2]
    destinations = np.empty(int(starts[-1]), np.int32)
    for rank, (_, lengths, cores) in enumerate(parts):
        shifts = starts[rank:-1:size] - np.concatenate(([0], np.cumsum(lengths)[:-1]))
        destinations[np.arange(len(cores)) + np.repeat(shifts, lengths)] = cores
    return starts, destinations
