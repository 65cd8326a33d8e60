"""Compare construction times of networks with spatial rules and with `fixed_indegree` of the same size.

Usage::

    python benchmarks/spatial_rules.py [--neurons N] [--in-degree K] [--threads N] [--repeats N] [--rules ...] [--nest]

All networks have one population, K synapses per neuron (an expected number for `pairs` and `grid`), one weight and one
delay. The spatial networks are periodic squares in which the probability decreases as a Gaussian up to three standard
deviations:

- fixed_indegree: without positions, the base of the comparison;
- pairs: `spatial_pairwise_bernoulli`, random positions;
- grid: the same, positions on a grid;
- indegree: `spatial_fixed_indegree`, random positions;
- distinct: the same without multapses.

The table shows wall and CPU time (s, minimum over repeats), CPU time per synapse (ns), and the CPU time relative to
fixed_indegree. `--nest` adds NEST's time to create and connect the same network with the same number of threads.
"""

import argparse
import math
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from simcore.network import (
    CircularMask,
    FixedIndegree,
    GaussianKernel,
    GridPositions,
    Network,
    Population,
    Projection,
    RandomPositions,
    SpatialFixedIndegree,
    SpatialPairwiseBernoulli,
)
from simcore.simulator import Simulator

SIGMAS = 3.0
RANDOM = RandomPositions((1.0, 1.0), edge_wrap=True)


def sigma_of(neurons, in_degree):
    """Width for which a peak of 1 gives the in-degree on a square of side 1."""
    return math.sqrt(in_degree / (2.0 * math.pi * neurons * (1.0 - math.exp(-0.5 * SIGMAS**2))))


def cases(neurons, in_degree):
    """Rules and positions by name."""
    sigma = sigma_of(neurons, in_degree)
    near = GaussianKernel(sigma), CircularMask(SIGMAS * sigma)
    side = next(n for n in range(math.isqrt(neurons), 0, -1) if neurons % n == 0)
    grid = GridPositions((side, neurons // side), edge_wrap=True)
    return {
        "fixed_indegree": (FixedIndegree(in_degree), None),
        "pairs": (SpatialPairwiseBernoulli(*near), RANDOM),
        "grid": (SpatialPairwiseBernoulli(*near), grid),
        "indegree": (SpatialFixedIndegree(in_degree, *near), RANDOM),
        "distinct": (SpatialFixedIndegree(in_degree, *near, allow_multapses=False), RANDOM),
    }


def built(neurons, rule, positions, threads):
    """Synapses, seconds of wall time and of CPU time."""
    wall, cpu = time.perf_counter(), time.process_time()
    population = Population("A", neurons, positions=positions)
    network = Network([population], [Projection("A", "A", rule, weight=20.0, delay_ms=1.5)])
    with Simulator(network, seed=1, threads=threads) as simulator:
        return simulator.n_synapses, time.perf_counter() - wall, time.process_time() - cpu


def built_by_nest(name, neurons, in_degree, threads):
    """Synapses, wall time and CPU time of NEST, s."""
    import nest

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.local_num_threads = threads
    sigma = sigma_of(neurons, in_degree)
    spatial = {"mask": {"circular": {"radius": SIGMAS * sigma}}}
    spatial["p"] = nest.spatial_distributions.gaussian(nest.spatial.distance, std=sigma)
    wall, cpu = time.perf_counter(), time.process_time()
    where = nest.spatial.free(nest.random.uniform(-0.5, 0.5), extent=[1.0, 1.0], edge_wrap=True)
    whole = name == "fixed_indegree"
    layer = nest.Create("iaf_psc_exp", neurons) if whole else nest.Create("iaf_psc_exp", neurons, positions=where)
    given = {"rule": "pairwise_bernoulli"} if name == "pairs" else {"rule": "fixed_indegree", "indegree": in_degree}
    nest.Connect(layer, layer, given if whole else given | spatial, {"weight": 20.0, "delay": 1.5})
    return nest.num_connections, time.perf_counter() - wall, time.process_time() - cpu


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--neurons", type=int, default=100_000)
    parser.add_argument("--in-degree", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rules", default="fixed_indegree,pairs,grid,indegree,distinct")
    parser.add_argument("--nest", action="store_true")
    options = parser.parse_args()
    chosen = {name: cases(options.neurons, options.in_degree)[name] for name in options.rules.split(",")}
    for name, case in cases(2000, 50).items():
        if name in chosen:
            # Kernels are compiled, or loaded, before anything is measured.
            built(2000, *case, options.threads)
    found = {name: [] for name in chosen}
    for _ in range(options.repeats):
        for name, case in chosen.items():
            found[name].append(built(options.neurons, *case, options.threads))
            synapses, wall, cpu = found[name][-1]
            print(f"{name}: {synapses:,} synapses, {wall:.1f} s, {cpu:.1f} s of CPU time", file=sys.stderr, flush=True)
    if options.nest:
        for name in chosen:
            if name in ("fixed_indegree", "pairs", "indegree"):
                found[f"NEST {name}"] = [built_by_nest(name, options.neurons, options.in_degree, options.threads)]
    print(f"{options.neurons:,} neurons, {options.in_degree:,} synapses each, {options.threads} threads")
    print(f"{'rule':20} {'synapses':>14} {'wall s':>8} {'CPU s':>8} {'ns each':>8} {'ratio':>6}")
    base = min(cpu for _, _, cpu in next(iter(found.values())))
    for name, runs in found.items():
        synapses, wall, cpu = runs[0][0], min(run[1] for run in runs), min(run[2] for run in runs)
        print(f"{name:20} {synapses:14,} {wall:8.2f} {cpu:8.2f} {1e9 * cpu / synapses:8.1f} {cpu / base:6.2f}")


if __name__ == "__main__":
    main()
