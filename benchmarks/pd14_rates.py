"""Compare single-neuron rates of a PD14 run with a stored NEST run, population by population.

    benchnn run pd14 --record spikes --out results/pd14
    python benchmarks/pd14_rates.py results/pd14/spikes.h5 reference.json

The reference contains quantiles of the rates of all neurons of each population (`populations`, `rate_quantiles`). The
distance is the earth mover's distance in 1/s. It should be below twice the largest distance that Golosio et al. (2023,
Appl. Sci. 13:9598) found between 100 pairs of seeds of NEST over 10 s.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simcore.recording.sonata import read_spikes

LARGEST_SEED_TO_SEED_EMD = {
    "L23E": 0.048,
    "L23I": 0.075,
    "L4E": 0.067,
    "L4I": 0.130,
    "L5E": 0.319,
    "L5I": 0.411,
    "L6E": 0.051,
    "L6I": 0.232,
}
"""Limits, 1/s, for T = 10 s and Poisson drive, from data of Golosio et al. (2023)."""


def earth_movers_distance(rates: npt.NDArray[np.float64], quantiles: npt.NDArray[np.float64]) -> float:
    """Mean distance between the quantile functions of a sample and of midpoint quantiles."""
    fine = (np.arange(200_000) + 0.5) / 200_000
    sample = np.sort(rates)[(fine * len(rates)).astype(int)]
    reference = quantiles[(fine * len(quantiles)).astype(int)]
    return float(np.mean(np.abs(sample - reference)))


def main() -> int:
    """Print the table; exit code 1 if a population is too far away."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spikes", type=Path)
    parser.add_argument("reference", type=Path)
    arguments = parser.parse_args()
    spikes = read_spikes(arguments.spikes).spikes()
    reference = json.loads(arguments.reference.read_text())["populations"]
    duration_s = (spikes.stop_step - spikes.start_step) * spikes.resolution_ms * 1e-3
    print(f"{'population':<12}{'rate':>8}{'NEST':>8}{'EMD':>8}{'limit':>8}   1/s")
    passed = True
    for name, largest in LARGEST_SEED_TO_SEED_EMD.items():
        rates = np.bincount(spikes.of(name)[1], minlength=spikes.sizes[name]) / duration_s
        quantiles = np.array(reference[name]["rate_quantiles"])
        distance = earth_movers_distance(rates, quantiles)
        close = distance <= 2.0 * largest
        passed &= close
        numbers = f"{np.mean(rates):8.3f}{np.mean(quantiles):8.3f}{distance:8.3f}{2 * largest:8.3f}"
        print(f"{name:<12}{numbers}   {'ok' if close else 'TOO FAR'}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
