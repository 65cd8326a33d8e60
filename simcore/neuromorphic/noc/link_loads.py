"""Messages per second on every link of a chip for neurons of given rates, by which placements are compared."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator
from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.noc.routes import messages
from simcore.neuromorphic.noc.system import System

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
LOAD_BITS = 50
"""Bits of the messages of all neurons; a message passes a few thousand links at most, so that hops fit into 63 bits."""
SMALLEST_EXPONENT = -900


@dataclass(frozen=True, eq=False)
class ExactRates:
    """Rates as multiples of a power of two: their sums are exact, in any order and on any number of ranks.

    Parameters
    ----------
    multiples
        Multiple of each neuron, int64 (neurons,).
    unit_hz
        Unit of the multiples, 1/s.
    """

    multiples: IntArray
    unit_hz: float


def exact_rates(rates_hz: FloatArray, messages_of_all: int, bits: int = LOAD_BITS) -> ExactRates:
    """Rates rounded to multiples of a unit in which the sum of all messages has at most `bits` bits.

    Parameters
    ----------
    rates_hz
        Rate of each neuron, 1/s, not negative.
    messages_of_all
        Number of messages of one spike of every neuron.
    bits
        Number of bits of the largest sum.
    """
    largest = math.frexp(float(rates_hz.max(initial=0.0)))[1] + (messages_of_all + 1).bit_length()
    unit_hz = math.ldexp(1.0, max(largest - bits, SMALLEST_EXPONENT))
    return ExactRates(np.rint(rates_hz / unit_hz).astype(np.int64), unit_hz)


@dataclass(frozen=True, eq=False)
class LinkLoads:
    """Expected messages on links.

    Parameters
    ----------
    multiples
        Load of each link, int64 (links,), in units of `unit_hz`; equal on any number of ranks.
    unit_hz
        Unit of the multiples, 1/s.
    """

    multiples: IntArray
    unit_hz: float

    @property
    def messages_per_s(self) -> FloatArray:
        """Load of each link, 1/s, float64 (links,)."""
        return np.asarray(self.multiples * self.unit_hz)

    @property
    def hops(self) -> int:
        """Sum of the loads of all links, in units."""
        return int(self.multiples.sum())

    @property
    def largest(self) -> int:
        """Messages of the busiest link, in units."""
        return int(self.multiples.max(initial=0))


def link_loads(
    system: System, axons: Axons, core_of: IntArray, rates_hz: FloatArray, comm: Communicator | None = None
) -> LinkLoads:
    """Compute the load of each link from the messages of all neurons; collective, with the same result on all ranks.

    Parameters
    ----------
    system
        Routers and links; with multicast a spike passes each link of its tree once.
    axons
        Axons of the neurons of this rank.
    core_of
        Core of each neuron of the network, int64.
    rates_hz
        Expected rate of each neuron of the network, 1/s, float64 (neurons,).
    comm
        Communicator; neurons are distributed over its ranks.
    """
    from simcore.neuromorphic.noc.route_kernels import add_loads

    comm = comm or LocalCommunicator()
    rates = exact_rates(rates_hz, sum(comm.gather(len(axons.cores))))
    own = rates.multiples[axons.sources]
    changes = np.zeros(len(system.link_origin) + 1, np.int64)
    reach = np.zeros(len(system.link_origin) + 2, np.int32)
    for sent in messages(system, axons, core_of):
        first, end = system.runs(sent.origins, sent.targets)
        add_loads(sent.starts, first, end, own[sent.low : sent.high], system.multicast, reach, changes)
    everywhere = np.sum(comm.gather(changes), axis=0)
    return LinkLoads(np.cumsum(everywhere)[:-1], rates.unit_hz)
