"""Compare layouts of the synapse table in a network with long delays: a chain of areas.

30 areas of an excitatory and an inhibitory population of 1,000 neurons; each neuron receives from its area and from the
excitatory neurons of the previous area, 384 synapses in total; the network has 23 million. Delays are uniform from 0.1
ms to the longest delay. Synapses are weak, so that a Poisson drive determines the rates.

    python -m benchmarks.long_delays --longest 4.7,64 --rounds 3
"""

import argparse
import statistics

from simcore.network import FixedIndegree, Network, Normal, Poisson, Population, Projection, Uniform
from simcore.simulator import Simulator
from simcore.synapses.layout import DELIVERIES

AREAS, SIZE = 30, 1000
LOCAL, BETWEEN = (120, 72), 192
"""In-degrees from the excitatory and inhibitory neurons of the area, and from the previous area."""
WEIGHTS_PA = (Normal(mean=2.0, std=0.2), Normal(mean=-6.0, std=0.6))
DRIVE_HZ, DRIVE_PA = 2000.0, 80.0
WARMUP_MS = 100.0


def chain(longest_ms: float) -> Network:
    """The chain, with delays of 0.1 to `longest_ms`."""
    delay = Uniform(0.1, longest_ms)
    kinds = [(f"E{area}", f"I{area}") for area in range(AREAS)]
    populations = [Population(name, SIZE, "iaf_psc_exp") for pair in kinds for name in pair]
    projections = []
    for area, pair in enumerate(kinds):
        for target in pair:
            for source, degree, weight in zip(pair, LOCAL, WEIGHTS_PA, strict=True):
                projections.append(Projection(source, target, FixedIndegree(degree), weight, delay))
            before = kinds[area - 1][0]
            projections.append(Projection(before, target, FixedIndegree(BETWEEN), WEIGHTS_PA[0], delay))
    drives = [Poisson(population.name, DRIVE_HZ, DRIVE_PA) for population in populations]
    return Network(populations, projections, drives)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--longest", default="4.7,64", help="longest delays, ms")
    parser.add_argument("--layouts", default=",".join(DELIVERIES[1:]))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--time", type=float, default=300.0, help="model time of a round, ms")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds, in which the layouts take turns")
    options = parser.parse_args()
    print(f"{options.threads} threads; thread time of delivery, ns per synaptic event: median (range)")
    for longest in map(float, options.longest.split(",")):
        network = chain(longest)
        simulators = {
            name: Simulator(network, threads=options.threads, delivery=name) for name in options.layouts.split(",")
        }
        found: dict[str, list[float]] = {name: [] for name in simulators}
        digests = {}
        for simulator in simulators.values():
            simulator.run(WARMUP_MS)
        for _ in range(options.rounds):
            for name, simulator in simulators.items():
                run = simulator.run(options.time)
                found[name].append(1e9 * sum(run.phase_s["deliver"]) / run.synaptic_events)
                digests[name] = (run.spike_digest, run.synaptic_events)
        assert len(set(digests.values())) == 1
        print(f"delays of 0.1 to {longest:g} ms, {sum(run.spikes.values()) / (options.time * 60):.1f} spikes/s")
        for name, simulator in simulators.items():
            memory, ns = simulator.memory_bytes, sorted(found[name])
            parts = ", ".join(f"{memory[part] / simulator.n_synapses:.2f} of {part}" for part in memory)
            times = f"{statistics.median(ns):6.2f} ({ns[0]:.2f} to {ns[-1]:.2f})"
            print(f"  {name:>12} {times}; bytes per synapse: {parts}")
            simulator.close()


if __name__ == "__main__":
    main()
