"""A program for several ranks: simulates projections, drives, recorders and parameters of selected neurons.

Rank 0 prints, as JSON, the digests of network and spikes before and after parameters change, and the recorded traces.
"""

import hashlib
import json
import sys

import numpy as np

from simcore import (
    Dc,
    FixedIndegree,
    Network,
    Noise,
    OneToOne,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    Simulator,
    SpikeRecorder,
    StepCurrent,
    TraceRecorder,
    Uniform,
)
from simcore.comm import Communicator
from simcore.comm.started import communicator_of_launch

E, I = Population("E", 83), Population("I", 20)  # noqa: E741 - the field's names


def network() -> Network:
    """Ranges, every k-th and unions on either side."""
    projections = [
        Projection(E[10:31], I[3:], FixedIndegree(5), 40.0, 0.3),
        Projection(E[::3], E[40:60], PairwiseBernoulli(0.3), 30.0, Uniform(low=0.1, high=3.0)),
        Projection(I[::2], E[1:9] | E[70:72], OneToOne(), -40.0, 1.0),
    ]
    drives = [Poisson(E[:40], 9000.0, 70.0), Poisson(I[1::2] | I[:4], 9000.0, 70.0), Dc(E[41:45], 600.0)]
    drives += [Noise(E[::5], 100.0, 300.0, interval_ms=0.4), StepCurrent(E[60:62] | E[70:72], [5.0], [600.0])]
    return Network([E, I], projections, drives, [TraceRecorder(E[::20]), SpikeRecorder(E[::3]), SpikeRecorder(I[:4])])


def simulated(comm: Communicator, threads: int, backend: str, exchange: str) -> dict[str, object]:
    """What rank 0 prints."""
    with Simulator(network(), seed=5, threads=threads, backend=backend, comm=comm, exchange=exchange) as simulator:
        before = simulator.network_digest, simulator.run(40.0).spike_digest
        simulator.set_parameters(E[5:50:9], {"I_e": 500.0})
        after = simulator.network_digest, simulator.run(40.0).spike_digest
        own = {str(key): hashlib.sha256(values.tobytes()).hexdigest() for key, values in simulator.traces().items()}
        spikes = comm.gather(list(zip(*map(np.ndarray.tolist, simulator.take_spikes()), strict=True)))
    recorded = sorted(spike for part in spikes for spike in part)
    traces = {name: digest for part in comm.gather(own) for name, digest in part.items()}
    results = {"ranks": comm.size, "digests": [before, after], "traces": dict(sorted(traces.items()))}
    return {**results, "spikes": recorded}


if __name__ == "__main__":
    communicator = communicator_of_launch()
    results = simulated(communicator, int(sys.argv[1]), "cpu", sys.argv[2])
    if communicator.rank == 0:
        print(json.dumps(results))
