"""Expected loads of the cores and links of a chip for neurons of given rates, without a simulation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.noc.routes import Routes
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.traffic.weight_updates import PlasticSynapses, updates_of_spikes

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ExpectedLoads:
    """Expected numbers per second of model time.

    Parameters
    ----------
    steps
        Number of steps per second.
    neurons
        Number of neurons of each core, int64 (cores,).
    synops, spikes, messages_in, messages_out
        Rates of each core, 1/s, float64 (cores,); as in `simcore.neuromorphic.traffic.counts.RunCounts`.
    within_tile
        Messages that enter a core from its own router, 1/s.
    link_messages
        Messages that pass each link, 1/s, float64 (links,).
    weight_updates, resource_updates
        Updates of plastic weights, and of the state of short-term plasticity, of each core, 1/s, float64 (cores,); None
        without plastic synapses.
    """

    steps: float
    neurons: IntArray
    synops: FloatArray
    spikes: FloatArray
    messages_in: FloatArray
    messages_out: FloatArray
    within_tile: float
    link_messages: FloatArray
    weight_updates: FloatArray | None = None
    resource_updates: FloatArray | None = None


def expected_loads(
    axons: Axons,
    routes: Routes,
    core_of: IntArray,
    system: System,
    rates_hz: FloatArray,
    resolution_ms: float,
    plastic: PlasticSynapses | None = None,
) -> ExpectedLoads:
    """Add up the events that the spikes of all neurons cause per second.

    Parameters
    ----------
    axons, routes
        Axons and routes of all neurons; see `simcore.neuromorphic.noc.routes.make_routes`.
    core_of
        Core of each neuron, int64 (neurons,).
    system
        Routers and links.
    rates_hz
        Expected rate of each neuron, 1/s, float64 (neurons,).
    resolution_ms
        Model time of a step.
    plastic
        Plastic synapses of the same neurons, or None.
    """
    from simcore.neuromorphic.traffic.kernels import add_runs

    cores, rates = len(system.router_of_core), np.ascontiguousarray(rates_hz[axons.sources], dtype=np.float64)
    synops, entered = np.zeros(cores), np.zeros(cores)
    changes = np.zeros(len(system.link_origin) + 1)
    reached = axons.starts, axons.cores, axons.synapses
    passed = routes.starts, routes.positions, routes.changes
    add_runs(rates, reached, passed, synops, entered, changes)
    home = core_of[axons.sources]
    # Differences of rates leave rounding errors on links without messages.
    loads = np.cumsum(changes)[:-1]
    loads[loads < 1e-9 * np.abs(changes).max(initial=0.0)] = 0.0
    spikes, left = np.zeros(cores), np.zeros(cores)
    np.add.at(spikes, home, rates)
    np.add.at(left, home, rates * routes.injected)
    return ExpectedLoads(
        1e3 / resolution_ms,
        np.bincount(core_of, minlength=cores),
        synops,
        spikes,
        entered,
        left,
        float(np.dot(rates, routes.within_tile)),
        loads,
        *(() if plastic is None else updates_of_spikes(plastic, home, rates, cores)),
    )
