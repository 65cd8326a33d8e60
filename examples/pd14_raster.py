"""The cortical microcircuit of Potjans and Diesmann (2014): a raster of its spikes, and the rates of its populations.

``python examples/pd14_raster.py --scale 1 --out pd14-raster.png`` simulates the full-scale network.
"""

import argparse

import matplotlib.pyplot as plt

import benchnn
from benchnn import plot

EXCITATORY, INHIBITORY = "#0077BB", "#CC3311"


def main() -> None:
    """Simulate, draw, and print the rates."""
    parser = argparse.ArgumentParser(description="Draw the spikes and the rates of PD14.")
    parser.add_argument("--scale", type=float, default=0.1, help="share of the neurons and the synapses (default: 0.1)")
    parser.add_argument("--time", type=float, default=1000.0, metavar="MS", help="measured model time (default: 1000)")
    parser.add_argument(
        "--out", default="pd14-raster.png", metavar="FILE", help="file of the picture (default: pd14-raster.png)"
    )
    options = parser.parse_args()
    run = benchnn.run("pd14", scale=options.scale, time_ms=options.time, out="results/pd14", overwrite=True)

    rates = run["mean_rate_hz"]
    colours = [INHIBITORY if name.endswith("I") else EXCITATORY for name in rates]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), width_ratios=(3, 1), layout="constrained")
    plot.raster(run.spikes, left, last_ms=400.0)
    right.barh(list(rates), list(rates.values()), color=colours)
    right.invert_yaxis()
    right.set_xlabel("mean rate (1/s)")
    right.spines[["top", "right"]].set_visible(False)
    figure.savefig(options.out, dpi=110)

    print(run)


if __name__ == "__main__":
    main()
