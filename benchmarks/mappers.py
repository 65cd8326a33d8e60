"""Compare messages between cores by mapper, for two networks whose structure is hidden by permuted ids.

``python benchmarks/mappers.py [MAPPER ...]`` prints messages per second, the ratio to the better of METIS and
Mt-KaHyPar with its default preset, and CPU seconds. The mappers `metis` and `mtkahypar` need the extra ``mapping``.

- ``communities``: 2,400 neurons in 48 hidden groups of 50, 40 targets each, 80 % of them in the same group.
- ``spatial``: a torus of 48 x 48 neurons, 45 targets each at normally distributed offsets (sd 3).

Rates are lognormal with sigma 1. There are 48 cores of the same size.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from simcore.network import Explicit, Network, Population, Projection
from simcore.neuromorphic.mappers import mtkahypar as mtkahypar_mapper
from simcore.neuromorphic.mappers.flow import FINEST, make_flow
from simcore.neuromorphic.mapping.core_mapping import DrawnNetwork, make_mapping, mappers

CORES, SEED = 48, 5
OWN = ("in_order", "random", "greedy", "stream", "anneal")
PEERS = ("metis", "mtkahypar")
IntArray = npt.NDArray[np.int64]
Case = tuple[int, IntArray, IntArray, npt.NDArray[np.float64]]
"""Number of neurons, sources, targets and rates."""


def communities() -> Case:
    """A network with hidden groups."""
    rng = np.random.default_rng(SEED)
    size, fan_out = 50, 40
    n = CORES * size
    group = rng.permutation(np.repeat(np.arange(CORES), size))
    members = np.stack([np.flatnonzero(group == each) for each in range(CORES)])
    sources = np.repeat(np.arange(n), fan_out)
    own, anyone = rng.random(n * fan_out) < 0.8, rng.integers(0, n, n * fan_out)
    targets = np.where(own, members[group[sources], rng.integers(0, size, n * fan_out)], anyone)
    return n, sources, targets, rng.lognormal(0.0, 1.0, n)


def spatial() -> Case:
    """A network in a periodic plane."""
    rng = np.random.default_rng(SEED)
    side, fan_out = 48, 45
    n = side * side
    ids, x, y = rng.permutation(n), np.arange(n) % side, np.arange(n) // side
    steps = np.rint(rng.normal(0.0, 3.0, (2, n, fan_out))).astype(np.int64)
    targets = ids[(y[:, None] + steps[0]) % side * side + (x[:, None] + steps[1]) % side]
    return n, np.repeat(ids, fan_out), targets.ravel(), rng.lognormal(0.0, 1.0, n)


def main(names: list[str]) -> None:
    """Print the table."""
    for case in (communities, spatial):
        n, sources, targets, rates = case()
        network = Network([Population("N", n)], [Projection("N", "N", Explicit(sources, targets), 1.0)])
        drawn = DrawnNetwork(network, 1)

        def mapped(
            name: str, drawn: DrawnNetwork = drawn, n: int = n, rates: npt.NDArray[np.float64] = rates
        ) -> IntArray:
            return make_mapping(name, drawn, n // CORES, rates).core_of

        ways: dict[str, Callable[[], IntArray]] = {name: lambda name=name: mapped(name) for name in names}
        if "mtkahypar" in names:
            ways["mtkahypar DEFAULT"] = lambda: with_preset("DEFAULT", lambda: mapped("mtkahypar"))
        found = {}
        for name, way in ways.items():
            way()  # Compiles.
            began = time.process_time()
            core_of = way()
            seconds = time.process_time() - began
            cost = make_flow(drawn.in_edges, rates, core_of, CORES, None).cost
            found[name] = (cost * rates.max() / FINEST, seconds)
        best = min((found[name][0] for name in ("metis", "mtkahypar DEFAULT") if name in found), default=None)
        print(f"{case.__name__}\n{'':18} {'messages/s':>10} {'to the best':>12} {'s':>6}")
        for name, (messages, seconds) in found.items():
            ratio = "" if best is None else f"{messages / best:.3f}"
            print(f"{name:18} {messages:10,.0f} {ratio:>12} {seconds:6.2f}")


def with_preset(preset: str, way: Callable[[], IntArray]) -> IntArray:
    """A mapper with another preset of Mt-KaHyPar."""
    before, mtkahypar_mapper.PRESET = mtkahypar_mapper.PRESET, preset
    try:
        return way()
    finally:
        mtkahypar_mapper.PRESET = before


if __name__ == "__main__":
    usable = [name for name in PEERS if mappers.unusable_because(name) is None]
    main(sys.argv[1:] or [*OWN, *usable])
