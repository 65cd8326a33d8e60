"""One network on two simulators: with the same synapses, `simcore` and NEST produce the same spikes.

It requires NEST: ``pip install 'benchnn[nest,report]'``.
"""

import argparse
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import benchnn

NEURONS = 60
"""Excitatory neurons of layer 4 that are drawn."""


def main() -> None:
    """Run both simulators, compare their spikes, and draw those of some neurons."""
    parser = argparse.ArgumentParser(description="Run a small PD14 on simcore and NEST, and compare the spikes.")
    parser.add_argument("--scale", type=float, default=0.02, help="share of the neurons (default: 0.02)")
    parser.add_argument("--time", type=float, default=500.0, metavar="MS", help="model time (default: 500)")
    parser.add_argument("--out", default="two_simulators.png", metavar="FILE", help="file of the picture")
    options = parser.parse_args()
    # A direct current instead of a Poisson drive, of which each simulator would draw its own.
    common: dict[str, Any] = {"n_scaling": options.scale, "k_scaling": 1.0, "input": "dc"}
    common |= {"time_ms": options.time, "warmup_ms": 0.0, "threads": 1, "overwrite": True}
    own = benchnn.run("pd14", out="results/on_simcore", precision="float64", **common)
    peer = benchnn.run("pd14", out="results/on_nest", simulator="nest", connectivity="exact", **common)

    figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
    for run, marker, size, name in ((peer, "o", 5.0, "NEST"), (own, ".", 3.0, "simcore")):
        times_ms, ids = run.spikes.of("L4E")
        shown = (ids < NEURONS) & (times_ms <= 200.0)
        face = "none" if marker == "o" else None
        axes.plot(times_ms[shown], ids[shown], marker, ms=size, markerfacecolor=face, label=name)
    axes.set_xlabel("model time (ms)")
    axes.set_ylabel("neuron of L4E")
    axes.legend(loc="upper right")
    figure.savefig(options.out, dpi=110)

    same = all(
        np.array_equal(mine, theirs)
        for name in own.spikes.sizes
        for mine, theirs in zip(own.spikes.of(name), peer.spikes.of(name), strict=True)
    )
    print(f"{'simulator':10} {'spikes':>8} {'real-time factor':>17} {'construction (s)':>17}")
    for run, name in ((own, "simcore"), (peer, "NEST")):
        print(f"{name:10} {run['spikes']:8,} {run['real_time_factor']:17.3f} {run['wall_s.construction.max']:17.3f}")
    print("all spikes are the same" if same else "some spikes differ")


if __name__ == "__main__":
    main()
