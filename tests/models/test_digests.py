"""Tiny networks of the models have the same spikes on all backends and keep them from version to version."""

import pytest

from benchnn.models import declarations, models
from simcore.simulator import Simulator

# Model, parameters, time (ms), and the spike digests in float32 and float64 with seed 42. A change of any of them
# changes what a seed means: it needs a reason and a new minor version. pd14 and brunel: tests/simcore.
GOLDEN = {
    "hpc_benchmark": (
        {"scale": 0.01, "k_scaling": 0.1},
        100.0,
        "de6906a700861c2c8b909fa20d9329a6",
        "de6906a700861c2c8b909fa20d9329a6",
    ),
    "cuba": (
        {"size": 200, "p": 0.4},
        100.0,
        "6b1cc39238ceb26e456bb399753e5e8b",
        "6b1cc39238ceb26e456bb399753e5e8b",
    ),
    "coba": (
        {"size": 200, "p": 0.4},
        60.0,
        "56280e9cecfc9b6cdb8213dbe75d55f7",
        "56280e9cecfc9b6cdb8213dbe75d55f7",
    ),
    "izhikevich_net": (
        {"size": 250, "in_degree": 100},
        100.0,
        "5347a3709b70f92743f3280d66cafde7",
        "5347a3709b70f92743f3280d66cafde7",
    ),
}
BACKENDS = [("oracle", "auto", 1), ("cpu", "just_in_time", 1), ("cpu", "by_source", 3)]


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize(("backend", "delivery", "threads"), BACKENDS)
@pytest.mark.parametrize("name", GOLDEN)
def test_every_backend_gives_the_golden_spikes(name, backend, delivery, threads, precision):
    parameters, time_ms, *digests = GOLDEN[name]
    options = {"backend": backend, "delivery": delivery, "threads": threads, "precision": precision}
    with Simulator(models.get(name)(**parameters), seed=42, **options) as simulator:
        result = simulator.run(time_ms)
    assert sum(result.spikes.values()) > 20
    assert result.spike_digest == digests[precision == "float64"]


def test_all_models_are_pinned():
    assert {*GOLDEN, "pd14", "brunel"} == set(declarations.names())
