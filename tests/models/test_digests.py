"""Tiny networks of the models have the same spikes on all backends and keep them from version to version."""

import pytest

from benchnn.models import models
from simcore.simulator import Simulator

# Model, parameters, time (ms), and the spike digests in float32 and float64 with seed 42. A change of any of them
# changes what a seed means: it needs a reason and a new minor version. pd14 and brunel: tests/simcore.
GOLDEN = {
    "hpc_benchmark": (
        {"scale": 0.01, "k_scaling": 0.1},
        100.0,
        "5573951278e24e6abc0c56b3181b834b",
        "5573951278e24e6abc0c56b3181b834b",
    ),
    "hpc_benchmark, static": (
        {"scale": 0.01, "k_scaling": 0.1, "plastic": False},
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
    "flywire": (
        {"scale": 0.006},
        60.0,
        "22e6cc8ffb743a7d44596086e22da35f",
        "22e6cc8ffb743a7d44596086e22da35f",
    ),
    "guide_10k": (
        {"scale": 0.01},
        60.0,
        "a4ce3ca976a225e27449816003a545b8",
        "a4ce3ca976a225e27449816003a545b8",
    ),
}
WEIGHTS = {"hpc_benchmark": "4d755639854e816af6339486078fcb6d", "guide_10k": "9891728a1d585dc5c5ba58463eb1c604"}
"""Weight digests at the end, of the networks whose weights change."""
# Neither whole numbers nor these weights are rounded differently in the two precisions.
GOLDEN |= {
    "micro_one_to_one": ({"neurons": 100, "rate_hz": 200.0}, 20.0, *["e60f19febc841db54f2ada03b092ce06"] * 2),
    "micro_fan_in": (
        {"fan_in": 8, "targets": 3, "groups": 2, "rate_hz": 500.0},
        20.0,
        *["96fd734d1386c0e5decfe21f4f0b1c99"] * 2,
    ),
    "micro_fan_out": ({"fan_out": 8, "groups": 5, "rate_hz": 500.0}, 20.0, *["3ae4478cafea3bab86f97753debf24e6"] * 2),
    "micro_saturating": ({"neurons": 50, "interval_steps": 3}, 10.0, *["992d78e5901ff94c328b90a0d3d996db"] * 2),
    "micro_winner_take_all": ({}, 20.0, *["f07ecbe35da1b95f2d170ddb642d40b1"] * 2),
    "spatial": (
        {"neurons": 500, "in_degree": 25.0, "j_mv": 1.2},
        50.0,
        *["71be2f5f9ed11dafe1d52f8cc3388bec"] * 2,
    ),
    "multi_area": (
        {"areas": 2, "neuron_scale": 0.004, "in_degree_scale": 0.01},
        20.0,
        *["c337bdac49f32a98280e7730ec374ea6"] * 2,
    ),
    "micro_dense_layer": ({"neurons": 200, "probability": 0.05}, 20.0, *["4e4fa058a198949b9d6b8529278852d0"] * 2),
}
BACKENDS = [("oracle", "auto", 1), ("cpu", "just_in_time", 1), ("cpu", "by_source", 3), ("cpu", "calendar", 2)]
PRECISIONS = ("float32", "float64")
OTHERWISE = {
    ("hpc_benchmark", "oracle"): "float64",
    ("hpc_benchmark", "just_in_time"): "float32",
    ("hpc_benchmark", "by_source"): "float64",
    ("hpc_benchmark", "calendar"): "float32",
    ("guide_10k", "calendar"): "float32",
}
"""Precisions with which other tests compile the kernels, which takes 10 to 30 s."""
CASES = [
    (name, *backend, OTHERWISE.get((name, backend[1].replace("auto", backend[0])), PRECISIONS[(model + place) % 2]))
    for model, name in enumerate(GOLDEN)
    for place, backend in enumerate(BACKENDS)
]
"""Every model on every backend; the precisions alternate, so that each model, and each backend, has both."""


@pytest.mark.parametrize(("name", "backend", "delivery", "threads", "precision"), CASES)
def test_every_backend_gives_the_golden_spikes(name, backend, delivery, threads, precision):
    parameters, time_ms, *digests = GOLDEN[name]
    options = {"backend": backend, "delivery": delivery, "threads": threads, "precision": precision}
    with Simulator(models.get(name.partition(",")[0])(**parameters), seed=42, **options) as simulator:
        result = simulator.run(time_ms)
        assert simulator.weight_digest == WEIGHTS.get(name)
    assert sum(result.spikes.values()) > 20
    assert result.spike_digest == digests[PRECISIONS.index(precision)]


def test_all_models_are_pinned():
    assert {*(name.partition(",")[0] for name in GOLDEN), "pd14", "brunel", "edges"} == set(models.names())
