"""Measure time and peak memory of network construction.

One population of N neurons with K synapses each, drawn by `fixed_indegree`. `--delays` and `--delivery` choose the
layout: one delay, the delays of PD14 (normal, 1.5 ms +- 0.75 ms) or uniform delays of 0.1 to 64 ms::

    python -m benchmarks.construction --neurons 1000000 --in-degree 1000 --delays one,pd14

Each case runs in a separate process. The table has wall and CPU time per synapse, ns (CPU time with preparation), the
bytes per synapse of words and index and of the growth of the process, and the ratio of the peak resident memory during
construction to the memory afterwards.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from simcore.memory import peak_rss_bytes, resident_bytes
from simcore.network import FixedIndegree, Network, Normal, Population, Projection, Uniform
from simcore.simulator import Simulator
from simcore.synapses.layout import DELIVERIES

WEIGHTS = {"constant": 20.0, "normal": Normal(mean=20.0, std=2.0)}
DELAYS = {"one": 1.5, "pd14": Normal(mean=1.5, std=0.75, low=0.1), "long": Uniform(0.1, 64.0)}
SMALL = 10_000, 10
"""Neurons and in-degree of a network that is built first to compile or load all kernels."""


def network(neurons: int, in_degree: int, delays: str, weights: str) -> Network:
    """The network of a case."""
    rule = FixedIndegree(in_degree)
    return Network([Population("A", neurons)], [Projection("A", "A", rule, WEIGHTS[weights], DELAYS[delays])])


def forget_peak() -> None:
    """Reset the peak memory of this process to its current memory."""
    Path("/proc/self/clear_refs").write_text("5")


def measure(options: argparse.Namespace, delays: str, delivery: str) -> None:
    """Build a case and print its line of the table."""
    Simulator(network(*SMALL, delays, options.weights), threads=options.threads, delivery=delivery).close()
    described = network(options.neurons, options.in_degree, delays, options.weights)
    forget_peak()
    before, cpu = resident_bytes(), time.process_time()
    with Simulator(described, threads=options.threads, delivery=delivery) as simulator:
        wall, cpu = simulator.construction_s, time.process_time() - cpu
        after, peak, n = resident_bytes(), peak_rss_bytes(), simulator.n_synapses
        memory = simulator.memory_bytes
        tables = memory["synapses"] + memory["index"]
        print(
            f"{delays:6} {simulator.delivery:13} {n:13,} {1e9 * wall / n:6.2f} {1e9 * cpu / n:6.2f} {tables / n:7.2f} "
            f"{(after - before) / n:7.2f} {after / 1e6:9,.0f} {peak / 1e6:9,.0f} {peak / after:6.3f}",
            flush=True,
        )


def main() -> None:
    """Print the table, or one line of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--neurons", type=int, default=200_000)
    parser.add_argument("--in-degree", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--delays", default="one", help=f"of {', '.join(DELAYS)}")
    parser.add_argument("--weights", default="normal", choices=WEIGHTS)
    parser.add_argument("--delivery", default="auto", help=f"of {', '.join(DELIVERIES)}")
    options = parser.parse_args()
    cases = [(delays, delivery) for delays in options.delays.split(",") for delivery in options.delivery.split(",")]
    if len(cases) == 1:
        measure(options, *cases[0])
        return
    print(
        f"{options.neurons:,} neurons x {options.in_degree:,}, {options.weights} weights, {options.threads} threads\n"
        f"{'delays':6} {'delivery':13} {'synapses':>13} {'wall':>6} {'CPU':>6} {'tables':>7} {'grown':>7} "
        f"{'after MB':>9} {'peak MB':>9} {'ratio':>6}",
        flush=True,
    )
    given = ["--neurons", str(options.neurons), "--in-degree", str(options.in_degree), "--weights", options.weights]
    for delays, delivery in cases:
        one = [*given, "--threads", str(options.threads), "--delays", delays, "--delivery", delivery]
        subprocess.run([sys.executable, "-m", "benchmarks.construction", *one], check=True)


if __name__ == "__main__":
    main()
