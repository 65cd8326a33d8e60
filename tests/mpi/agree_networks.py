"""The networks with golden digests, and what the oracle counts in them."""

import importlib.util
from functools import cache
from pathlib import Path

from simcore.simulator import Simulator

PATH = Path(__file__).parents[1] / "simcore" / "test_backends_agree.py"


def _module():
    spec = importlib.util.spec_from_file_location("backends_agree", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_loaded = _module()
GOLDEN, NETWORKS = _loaded.GOLDEN, _loaded.NETWORKS


@cache
def counts_of_oracle(name):
    """Synapses and synaptic events of 100 ms with seed 42."""
    with Simulator(NETWORKS[name](), seed=42, backend="oracle") as simulator:
        result = simulator.run(100.0)
        return simulator.n_synapses, result.synaptic_events
