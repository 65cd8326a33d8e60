"""A program for several ranks: simulates drives that vary, sources and parameters that change, and prints the results.

Rank 0 prints, as JSON, the digests of spikes and network after each part, the digest of the edges that each rank draws,
and the recorded traces.
"""

import hashlib
import json
import sys

import numpy as np

from simcore.network import (
    Dc,
    FixedIndegree,
    InhomogeneousPoisson,
    Network,
    Noise,
    Normal,
    PairwiseBernoulli,
    Poisson,
    PoissonTrains,
    Population,
    Projection,
    SpikeTrain,
    SpikeTrains,
    StepCurrent,
    TraceRecorder,
    Uniform,
)
from simcore.simulator import Simulator

CHANGES = [
    ("E", {"V_th": -56.0, "I_e": 60.0}),
    ("E", {"tau_m": [5.0, 20.0, 8.0], "I_e": [400.0, 0.0, 100.0]}, [3, 69, 4]),
    ("I", {"t_ref": Uniform(low=0.5, high=4.0)}),
    ("S", {"times_ms": [65.0, 70.1, 61.3], "ids": [8, 3, 0]}),
    ("P", {"rate_hz": [900.0, 0.0]}, [10, 2]),
]


def network():
    """Every drive that varies, one of each kind twice."""
    drives = [
        StepCurrent("E", [0.0, 5.0, 21.3], [300.0, -50.0, 450.0], 0.7),
        Noise("E", 200.0, 300.0, interval_ms=0.5, delay_ms=0.2, start_ms=2.0, stop_ms=60.0),
        InhomogeneousPoisson("E", [0.0, 10.1, 30.2], [4000.0, 0.0, 20000.0], 80.0, 1.1),
        Dc("E", 20.0),
        StepCurrent("I", [3.3], [300.0]),
        Noise("I", 0.0, 100.0),
        InhomogeneousPoisson("I", [2.0, 2.5], [90000.0, 800.0], 30.0, 0.1),
        Poisson("E", np.linspace(0.0, 5000.0, 70), np.linspace(-40.0, 60.0, 70)),
        SpikeTrain("I", [2.0, 30.0, 44.4], np.linspace(300.0, -100.0, 13)),
    ]
    projections = [
        Projection("E", "I", FixedIndegree(6), 60.0, Uniform(low=0.1, high=2.0)),
        Projection("I", "E", PairwiseBernoulli(0.3), Normal(mean=-40.0, std=4.0), 0.8),
        Projection("S", "E", FixedIndegree(3), 50.0, 0.4),
        Projection("P", "E", FixedIndegree(4), -30.0, 0.3),
    ]
    trains = SpikeTrains([0.1, 5.0, 5.0, 47.3, 30.2], [0, 3, 3, 8, 5])
    rates = PoissonTrains(np.linspace(0.0, 3000.0, 17))
    populations = [
        Population("E", 70),
        Population("I", 13),
        Population("S", 9, source=trains),
        Population("P", 17, source=rates),
    ]
    recorders = [TraceRecorder("E", [0, 3, 69], ["V_m", "I_syn_ex"])]
    return Network(populations, projections, drives, recorders)


def simulated(comm, threads, backend="cpu"):
    """What all ranks yield together; the same on each of them."""
    with Simulator(network(), seed=3, threads=threads, backend=backend, comm=comm) as simulator:
        digests = [(simulator.run(20.0).spike_digest, simulator.network_digest)]
        for change in CHANGES:
            simulator.set_parameters(*change)
            digests.append((simulator.run(20.0).spike_digest, simulator.network_digest))
        snapshot = simulator.snapshot()
        after = [simulator.run(10.0).spike_digest]
        traces = simulator.traces()
        simulator.restore(snapshot)
        after.append(simulator.run(10.0).spike_digest)
        edges = [_digest(simulator.edges(*between)) for between in ((), ("E", "I"), (None, "E"))]
        traces = {
            "/".join(map(str, key)): hashlib.sha256(values.tobytes()).hexdigest()
            for part in comm.gather(traces)
            for key, values in part.items()
        }
    return {"digests": digests, "after": after, "edges": comm.gather(edges), "traces": traces}


def _digest(edges):
    columns = (edges.sources, edges.targets, edges.codes, edges.delay_steps, edges.weights, edges.delays_ms)
    return f"{len(edges.sources)} {hashlib.sha256(b''.join(np.asarray(c).tobytes() for c in columns)).hexdigest()}"


def main():
    from simcore.comm.mpi import MpiCommunicator

    comm = MpiCommunicator()
    results = {"ranks": comm.size, **simulated(comm, int(sys.argv[1]))}
    if comm.rank == 0:
        sys.stdout.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
