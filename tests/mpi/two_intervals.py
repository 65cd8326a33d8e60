"""A program for several ranks: networks of two areas on groups of ranks, with every delivery and exchange.

Arguments: threads, then names of NETWORKS. Rank 0 prints what each run yields, first those of `round_robin`.
"""

import json
import sys
from itertools import chain, product

import numpy as np

from simcore.backends.cpu import register
from simcore.comm.communicator import BETWEEN_GROUPS, EVERYONE, WITHIN_GROUP
from simcore.network import (
    FixedIndegree,
    Network,
    OneToOne,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    Uniform,
)
from simcore.simulator import Simulator

FAR_STEPS = 10
"""Smallest delay between areas; within areas it is one step."""
WAYS = [
    ("round_robin", "by_source", "collective"),
    *product(["areas"], ["just_in_time", "by_source", "calendar"], ["collective", "directed"]),
]
SENT_MS = [0.3 + 0.7 * k for k in range(25)]
"""One for each place in an interval of ten steps, and in the calls of the step loop, which end anywhere."""


def areas():
    """Two areas of two populations each, excited strongly enough for a late spike to change all that follows."""
    sizes = {"A1": 40, "A2": 17, "B1": 35, "B2": 24}
    populations = [Population(name, size, area=name[0]) for name, size in sizes.items()]
    near, far = Uniform(low=0.1, high=1.7), Uniform(low=0.1 * FAR_STEPS, high=3.0)
    projections = [
        Projection(a, b, FixedIndegree(4), weight, near if a[0] == b[0] else far)
        for (a, b), weight in zip(product(sizes, sizes), [90.0, -60.0, 80.0, 70.0] * 4, strict=True)
    ]
    return Network(populations, projections, [Poisson(name, 9000.0, 90.0) for name in sizes], [SpikeRecorder()])


def relays():
    """Neurons that spike in the step in which a spike arrives; from area to area it takes the smallest delay."""
    params = {"t_ref": 0.1}
    populations = [Population(name, 30, "iaf_psc_delta", params, area=name[0]) for name in ("A1", "A2", "B1", "B2")]
    steps = {("A1", "A2"): 1, ("A1", "B1"): FAR_STEPS, ("B1", "B2"): 1, ("A2", "B2"): FAR_STEPS + 3}
    projections = [Projection(a, b, OneToOne(), 40.0, 0.1 * delay) for (a, b), delay in steps.items()]
    return Network(populations, projections, [SpikeTrain("A1", SENT_MS, 40.0, 0.1)], [SpikeRecorder()])


NETWORKS = {"areas": areas, "relays": relays}


def exchanges(comm, simulator):
    """Number of exchanges of each rank, by partners."""
    counts = simulator.exchange_counts_by_partners
    return {
        name: comm.gather(counts[name].exchanges if name in counts else 0)
        for name in (EVERYONE, WITHIN_GROUP, BETWEEN_GROUPS)
    }


def stamps_by_population(comm, simulator):
    """Steps of the spikes of each population, ascending."""
    spikes = simulator.spikes()
    edges = [*simulator.network.first_ids.values(), simulator.network.n_neurons]
    own = np.searchsorted(edges, spikes.ids, side="right") - 1
    stamps = comm.gather([spikes.stamps[own == k].tolist() for k in range(len(edges) - 1)])
    names = simulator.network.first_ids
    return {name: sorted(chain.from_iterable(part[k] for part in stamps)) for k, name in enumerate(names)}


def main():
    from simcore.comm.mpi import MpiCommunicator

    # Registers and buffers must grow while spikes of other groups are under way.
    register.MIN_WORDS = 1
    comm = MpiCommunicator()
    for name in sys.argv[2:]:
        for placement, delivery, exchange in WAYS:
            options = {"delivery": delivery, "exchange": exchange, "threads": int(sys.argv[1]), "comm": comm}
            with Simulator(NETWORKS[name](), seed=5, placement=placement, **options) as simulator:
                ends = []
                first = simulator.run(17.3, ends.append)
                held = simulator.snapshot()
                then = simulator.run(20.0, lambda done, ends=ends: ends.append(173 + done))
                printed = {
                    "name": name,
                    "placement": placement,
                    "groups": [group.ranks for group in simulator.plan.placement.groups],
                    "intervals": [simulator.interval_steps, simulator.between_groups_steps],
                    "reason": simulator.interval_reason,
                    "digests": [first.spike_digest, then.spike_digest],
                    "events": first.synaptic_events + then.synaptic_events,
                    "network_digest": simulator.network_digest,
                    "stamps": stamps_by_population(comm, simulator),
                    "exchanges": exchanges(comm, simulator),
                    "ends": ends,
                }
                simulator.restore(held)
                printed["resumed"] = simulator.run(20.0).spike_digest
                made = list(simulator._engine._exchanges)
            printed["freed"] = not any(one._freed_at_close for one in made)
            if comm.rank == 0:
                sys.stdout.write(json.dumps(printed) + "\n")


if __name__ == "__main__":
    main()
