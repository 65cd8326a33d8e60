"""The brain of the fly as a network: neurons that respond to a stimulus, and the effect of silencing one of them.

Without files the network is a surrogate with random wiring and the counts of FlyWire's connectome. With the files of
FlyWire (see docs/fly_brain.md) it is the connectome: ``--connectivity FILE --completeness FILE --stimulate-ids FILE``.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

from benchnn.models import models
from simcore import Network, Simulator

SHOWN = 8
"""Neurons in the table."""


def mean_rates_hz(network: Network, seeds: int, time_ms: float) -> npt.NDArray[np.float64]:
    """Mean rate of each neuron of the brain over trials that share the synapses, 1/s, float64 (neurons,)."""
    neurons = network.population("B").size
    counts = np.zeros(neurons)
    with Simulator(network, seed=1) as simulator:
        for seed in range(1, seeds + 1):
            if seed > 1:
                simulator.restart(seed)
            simulator.run(time_ms)
            counts += np.bincount(simulator.spikes().of("B")[1], minlength=neurons)
    return counts / (seeds * time_ms / 1000.0)


def main() -> None:
    """Simulate both experiments, print the neurons that change most, and draw all that fire."""
    parser = argparse.ArgumentParser(description="Stimulate the brain of the fly, and silence a neuron.")
    parser.add_argument(
        "--scale", type=float, default=0.01, help="share of a surrogate's neurons and edges (default: 0.01)"
    )
    parser.add_argument("--trials", type=int, default=4, help="number of seeds of the stimulus (default: 4)")
    parser.add_argument("--time", type=float, default=300.0, metavar="MS", help="model time of a trial (default: 300)")
    parser.add_argument("--silence", type=int, default=29, metavar="ID", help="neuron to silence (default: 29)")
    for name in ("--connectivity", "--completeness", "--stimulate-ids"):
        parser.add_argument(name, default="", metavar="FILE")
    parser.add_argument("--out", default="connectome.png", metavar="FILE", help="file of the picture")
    options = parser.parse_args()
    silenced = Path("silenced.txt")
    silenced.write_text(f"{options.silence}\n")
    files = {name: getattr(options, name) for name in ("connectivity", "completeness", "stimulate_ids")}
    described = {**files, "scale": 1.0 if options.connectivity else options.scale, "record_spikes": True}
    flywire = models.get("flywire")
    before = mean_rates_hz(flywire(**described), options.trials, options.time)
    after = mean_rates_hz(flywire(**described, silence_ids=str(silenced)), options.trials, options.time)

    changed = np.argsort(-np.abs(after - before), kind="stable")[:SHOWN]
    active = np.count_nonzero(before), np.count_nonzero(after)
    print(f"{active[0]:,} of {len(before):,} neurons fire, {active[1]:,} with neuron {options.silence} silenced")
    print(f"{'neuron':>8} {'rate (1/s)':>11} {'silenced':>9} {'change':>8}")
    for neuron in changed:
        print(f"{neuron:8} {before[neuron]:11.1f} {after[neuron]:9.1f} {after[neuron] - before[neuron]:+8.1f}")

    figure, axes = plt.subplots(figsize=(4.6, 4.4), layout="constrained")
    fires = (before > 0.0) | (after > 0.0)
    axes.plot(before[fires], after[fires], "o", ms=3.5, alpha=0.6)
    axes.axline((0.0, 0.0), slope=1.0, color="0.7", lw=0.8, zorder=0)
    axes.set_xlabel("mean rate (1/s)")
    axes.set_ylabel(f"mean rate with neuron {options.silence} silenced (1/s)")
    figure.savefig(options.out, dpi=110)


if __name__ == "__main__":
    main()
