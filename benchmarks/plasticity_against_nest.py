"""Check over several seeds whether a plastic network has the same rates and weights on simcore and NEST.

    python benchmarks/plasticity_against_nest.py --scale 0.1 --time 300
    python benchmarks/plasticity_against_nest.py --scale 0.2 --time 1000 --seeds 6 --targets 100

The network is `hpc_benchmark`; k_scaling is 0.1. Spikes are judged as by ``benchnn validate``, and the weights from E
to E at the end in the same way; the error level applies to each of the two verdicts. Weights of NEST are settled as
those of simcore, see `benchnn.simulators.nest.weights`. Exit code 0 if both verdicts pass, 1 if not.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.models.hpc_benchmark import hpc_benchmark
from benchnn.simulators import PeerJob, peers
from benchnn.statistics.distances import Recording
from benchnn.statistics.statistics import statistics_of
from benchnn.statistics.verdict import Verdict, judge, judge_samples
from simcore.network import Network
from simcore.simulator import Simulator

FloatArray = npt.NDArray[np.float64]
PROJECTION, NAME = 0, "E->E"
FIRST_NEST_SEED = 1001
LEAST_SEEDS = 5
"""Smallest number of seeds of each simulator; fewer seeds allow too few divisions for the error level."""


@dataclass(frozen=True, eq=False)
class Simulated:
    """Statistics of the spikes of a simulation, and weights of the synapses onto some neurons at its end, pA."""

    recording: Recording
    weights: FloatArray


def on_simcore(network: Network, seed: int, time_ms: float, targets: int) -> Simulated:
    """Simulate on one thread; the weights are those of synapses onto the first `targets` neurons."""
    with Simulator(network, seed=seed, threads=1) as simulator:
        simulator.run(time_ms)
        found = simulator.weights(PROJECTION)
        assert found is not None
        return Simulated(statistics_of(simulator.spikes()), found.weights[found.targets < targets])


def on_nest(network: Network, seed: int, time_ms: float, targets: int) -> Simulated:
    """Simulate with NEST, which draws its own synapses."""
    from benchnn.simulators.nest.weights import settled_weights

    peer: Any = peers.get("nest")
    job = PeerJob(network, seed, 1, 0, round(time_ms / network.resolution_ms))
    run = peer.simulate(job)
    return Simulated(statistics_of(run.spikes), settled_weights(job, run, PROJECTION, range(targets)).weights)


def judged(own: Sequence[Simulated], nest: Sequence[Simulated]) -> Mapping[str, Verdict]:
    """The verdicts on spikes and on weights."""
    return {
        "spikes": judge([one.recording for one in own], [one.recording for one in nest]),
        "weights": judge_samples(NAME, [one.weights for one in own], [one.weights for one in nest]),
    }


def compared(scale: float, time_ms: float, seeds: int, targets: int) -> Mapping[str, Verdict]:
    """Simulate on both and judge.

    Parameters
    ----------
    scale
        Scale of the network.
    time_ms
        Model time from the start, ms.
    seeds
        Number of simulations with each simulator.
    targets
        Neurons whose weights are read: NEST takes some 10 us for each synapse.
    """
    network = hpc_benchmark(scale=scale, k_scaling=0.1, record_spikes=True)
    own = [on_simcore(network, seed, time_ms, targets) for seed in range(1, seeds + 1)]
    nest = [on_nest(network, FIRST_NEST_SEED + seed, time_ms, targets) for seed in range(seeds)]
    return judged(own, nest)


def to_text(verdicts: Mapping[str, Verdict]) -> str:
    """A line for each statistic."""
    lines = []
    for name, verdict in verdicts.items():
        lines.append(f"{name}: {'pass' if verdict.passed else 'FAIL'} (level {verdict.level:g})")
        lines += [
            f"  {one.population} {one.statistic} {one.metric}: simcore {one.candidate:.5g}, NEST {one.reference:.5g}, "
            f"spread {one.spread:.3g}, p {one.adjusted_p:.3f}"
            for one in verdict.findings
        ]
    return "\n".join(lines)


def main() -> int:
    """Compare, print, and return the outcome as the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--time", type=float, default=300.0, metavar="MS")
    parser.add_argument("--seeds", type=int, default=LEAST_SEEDS)
    parser.add_argument("--targets", type=int, default=50)
    options = parser.parse_args()
    if options.seeds < LEAST_SEEDS:
        parser.error(f"--seeds must be at least {LEAST_SEEDS}")
    verdicts = compared(options.scale, options.time, options.seeds, options.targets)
    print(to_text(verdicts))
    return 0 if all(verdict.passed for verdict in verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
