"""One trained network on several models of accelerators: the energy that sparse spikes save on each of them.

Energies of different models include different parts, and must not be ranked. The script compares each model with
itself: its energies are relative to the energy at the largest density of the inputs.
"""

import argparse

import matplotlib.pyplot as plt

from simcore.accelerators.answer import ModelOptions
from simcore.accelerators.models import answer
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.workloads.reader import load_workload
from simcore.accelerators.workloads.workload import with_density

ACCELERATORS = {"sata": "o-", "spikesim_65nm": "s-", "estimate_28nm": "^-"}
DENSITIES = (0.02, 0.05, 0.1, 0.2, 0.4)
"""Shares of the inputs of a layer that are not 0 in a step."""


def main() -> None:
    """Evaluate the network at every density on every model, print a table, and draw it."""
    parser = argparse.ArgumentParser(description="Compare how accelerators use the sparsity of spikes.")
    parser.add_argument("--workload", default="vgg9", help="name of a workload, or FILE.toml (default: vgg9)")
    parser.add_argument("--steps", type=int, default=4, help="number of time steps (default: 4)")
    parser.add_argument("--out", default="accelerators_side_by_side.png", metavar="FILE", help="file of the picture")
    options = parser.parse_args()
    workload, model_options = load_workload(options.workload), ModelOptions(options.steps)

    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    print(f"{'density of the inputs':22}", *(f"{density:9g}" for density in DENSITIES), sep="")
    for name, style in ACCELERATORS.items():
        accelerator = load_accelerator(name)
        energies_j = [
            answer(with_density(workload, density), accelerator, model_options).energy_j for density in DENSITIES
        ]
        shares = [float("nan") if one is None else one / (energies_j[-1] or 1.0) for one in energies_j]
        axes.plot(DENSITIES, shares, style, label=name)
        print(f"{name:22}", *(f"{share:9.3f}" for share in shares), sep="")
    axes.set_xscale("log")
    axes.set_xticks(DENSITIES, [f"{density:g}" for density in DENSITIES])
    axes.minorticks_off()
    axes.set_ylim(0.0, 1.05)
    axes.set_xlabel("density of the inputs")
    axes.set_ylabel(f"energy, relative to density {DENSITIES[-1]:g}")
    axes.legend(frameon=False)
    figure.savefig(options.out, dpi=110)


if __name__ == "__main__":
    main()
