"""A small trained network, its samples, and the command."""

import numpy as np
import pytest

NETWORK = """
import numpy as np
from simcore.connectivity import Explicit
from simcore.network import Network, Population, Projection
from simcore.sources import SpikeTrains

STEP_MS = 1.0


def layers(subtract: float = 1.0, leak: float = 1.0, out_threshold: float = 1.0):
    chance = np.random.default_rng(4)
    sizes = {"in": 12, "hidden": 9, "out": 4}
    names = list(sizes)
    neuron = {"a": 0.0, "b": leak, "c": 1.0, "V_th": 1.0, "subtract": subtract}
    populations = [Population("in", 12, source=SpikeTrains([], []))]
    populations.append(Population("hidden", 9, "lif_discrete", {**neuron, "I_e": chance.normal(0.1, 0.1, 9)}))
    own = {**neuron, "V_th": out_threshold, "I_e": np.array([0.3, -0.1, 0.0, 0.05])}
    populations.append(Population("out", 4, "lif_discrete", own, {"V_m": 0.25}))
    projections = []
    for before, after in zip(names, names[1:]):
        n, m = sizes[before], sizes[after]
        sources, targets = np.divmod(np.arange(n * m), m)
        # Whole multiples of 2**-8: no weight is rounded, at 16 bits.
        weights = np.rint(chance.normal(0.15, 0.4, n * m) * 256.0) / 256.0
        projections.append(Projection(before, after, Explicit(sources, targets), weights, STEP_MS))
    return Network(populations, projections, resolution_ms=STEP_MS)
"""


@pytest.fixture
def trained(home):
    """The file of the network, in the working folder."""
    (home / "net.py").write_text(NETWORK)
    return "net.py:layers"


@pytest.fixture
def samples(home):
    """23 samples with labels."""
    chance = np.random.default_rng(9)
    values, labels = chance.random((23, 3, 4)).astype(np.float32), chance.integers(0, 4, 23)
    np.savez(home / "samples.npz", x=values, y=labels)
    return values.reshape(23, 12), labels
