"""A program for several ranks: runs a network of areas under every placement, and prints what it yields on rank 0.

It also goes on under one placement from a snapshot made under another. Argument: threads.
"""

import json
import sys
from itertools import product

import numpy as np

from simcore.network import (
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    Network,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    Stdp,
    TraceRecorder,
    Tsodyks2,
    Uniform,
)
from simcore.simulator import Simulator

WAYS = (
    ("round_robin", "by_source", "directed"),
    ("areas", "just_in_time", "collective"),
    ("areas", "calendar", "directed"),
    ("by_population", "by_source", "directed"),
)


def network():
    """Three areas of five populations; neighbours in ids lie in different areas."""
    sizes = {"A1": 24, "B1": 13, "A2": 5, "C1": 43, "B2": 2}
    populations = [Population(name, size, area=name[0]) for name, size in sizes.items()]
    delay = Uniform(low=0.5, high=3.0)
    own = [
        Projection(a, b, FixedIndegree(5), 90.0, delay)
        for a, b in product(sizes, sizes)
        if a[0] == b[0] and a != "C1" and (a, b) != ("B2", "B2")
    ]
    pairs = [(k % 24, (7 * k) % 43) for k in range(60)]
    far = [
        Projection("A1", "B1", PairwiseBernoulli(0.1), 60.0, delay, plasticity=Stdp(lambda_=0.1, Wmax=120.0)),
        Projection("B2", "A2", FixedOutdegree(3), -70.0, 1.0),
        Projection("A1", "C1", Explicit(*map(list, zip(*pairs, strict=True))), 80.0, 2.0),
        Projection("C1", "A1", FixedIndegree(4), 70.0, 1.5, plasticity=Tsodyks2(tau_rec=50.0)),
        Projection("B2", "B2", FixedIndegree(4), 50.0, delay, plasticity=Stdp(lambda_=0.05, Wmax=90.0)),
    ]
    drives = [Poisson(name, 9000.0, 90.0) for name in sizes]
    traces = TraceRecorder("B1", [0, 5, 12], ["V_m"]), TraceRecorder("A2", [4], ["V_m"])
    return Network(populations, own + far, drives, recorders=[SpikeRecorder(), *traces])


def gathered_traces(comm, simulator):
    """All traces of all ranks, each of them on one rank."""
    own = simulator.traces()
    parts = comm.gather({str(key): np.asarray(own[key]).tolist() for key in own})
    assert sum(map(len, parts)) == 4
    return {key: values for part in parts for key, values in sorted(part.items())}


def main():
    from simcore.comm.mpi import MpiCommunicator

    comm = MpiCommunicator()
    held = None
    for number, (placement, delivery, exchange) in enumerate(WAYS):
        options = {"delivery": delivery, "exchange": exchange, "threads": int(sys.argv[1]), "comm": comm}
        with Simulator(network(), seed=5, placement=placement, **options) as simulator:
            resumed = None
            if number > 0:
                # Made under the placement before.
                simulator.restore(held)
                resumed = [simulator.run(30.0).spike_digest, simulator.weight_digest]
        with Simulator(network(), seed=5, placement=placement, **options) as simulator:
            first = simulator.run(20.3).spike_digest
            held = simulator.snapshot()
            then = [simulator.run(30.0).spike_digest, simulator.weight_digest]
            weights = simulator.weights("A1->B1")
            results = {
                "placement": simulator.plan.placement.name,
                "groups": [group.ranks for group in simulator.plan.placement.groups],
                "first": first,
                "then": then,
                "resumed": resumed,
                "network_digest": simulator.network_digest,
                "synapses": simulator.n_synapses,
                "weights": None if weights is None else weights.weights.tolist(),
                "neurons": comm.gather(simulator.plan.placement.size_of_rank(comm.rank)),
                "spikes": sum(comm.gather(len(simulator.spikes().ids))),
                "traces": gathered_traces(comm, simulator),
            }
        if comm.rank == 0:
            sys.stdout.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
