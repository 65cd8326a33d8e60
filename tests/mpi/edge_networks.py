"""Networks whose edges are written to files and read on several ranks: every rule, constant and drawn values."""

from functools import partial

import numpy as np

from simcore.network import (
    AllToAll,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    Network,
    Normal,
    OneToOne,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    Uniform,
)

N = 30
RULES = {
    "fixed_total_number": FixedTotalNumber(200),
    "fixed_indegree": FixedIndegree(5),
    "fixed_outdegree": FixedOutdegree(4),
    "pairwise_bernoulli": PairwiseBernoulli(0.1),
    "all_to_all": AllToAll(),
    "one_to_one": OneToOne(),
    "explicit": Explicit(*np.random.default_rng(3).integers(0, N, (2, 150))),
}


def network(rule, weight, delay):
    populations = [Population("E", N), Population("I", N)]
    projections = [Projection("E", "I", rule, weight, delay), Projection("I", "E", FixedIndegree(2), -150.0, 0.4)]
    drives = [Poisson(name, 9000.0, 87.0, 1.0) for name in ("E", "I")]
    return Network(populations, projections, drives, [SpikeRecorder()])


NETWORKS = {name: partial(network, rule, 120.0, 1.5) for name, rule in RULES.items()}
DRAWN = {f"drawn values of {name}": rule for name, rule in RULES.items()}
NETWORKS |= {
    name: partial(network, rule, Normal(mean=90.0, std=9.0), Uniform(low=0.5, high=3.0)) for name, rule in DRAWN.items()
}
