"""G1 with plasticity: the same spikes and weights from every backend, on any number of threads, at any time."""

import numpy as np
import pytest
from plastic_networks import GOLDEN, NETWORKS

from simcore.simulator import Simulator

LAYOUTS = [
    ("gpu", "just_in_time", 1),
    ("gpu", "calendar", 1),
    *(("cpu", "just_in_time", threads) for threads in (1, 2, 3, 16)),
    *(("cpu", "by_source", threads) for threads in (1, 4)),
    ("cpu", "calendar", 2),
]
# Threads, delivery algorithms and rules do not depend on the precision of the state.
IN_FLOAT32 = [("gpu", "just_in_time", 1), ("cpu", "just_in_time", 1), ("cpu", "just_in_time", 2)]
CASES = [
    *((name, *layout, "float64") for name in NETWORKS for layout in LAYOUTS),
    *((name, *layout, "float32") for name in NETWORKS if name != "mixed" for layout in IN_FLOAT32),
]


def seen(simulator, times_ms):
    """All that a simulator yields, with looks at the weights between stretches of time."""
    network = simulator.network
    changing = [k for k, p in enumerate(network.projections) if p.plasticity and p.plasticity.changes_weights]
    synapses = simulator.n_synapses, simulator.synapse_digest
    found = {"network": simulator.network_digest, "synapses": synapses, "spikes": [], "weights": []}
    for time_ms in times_ms:
        result = simulator.run(time_ms)
        found["spikes"].append((result.spike_digest, result.synaptic_events, result.spikes))
        found["weights"].append(simulator.weight_digest)
    found["counts"] = [simulator.plastic_counts(k) for k in changing]
    found["all"] = [simulator.weights(k).units for k in changing]
    return found


@pytest.fixture(scope="module")
def oracle():
    """Results of the oracle by (network, precision)."""
    cache = {}

    def run(name, precision):
        if (name, precision) not in cache:
            with Simulator(NETWORKS[name](), seed=42, backend="oracle", precision=precision) as simulator:
                cache[name, precision] = seen(simulator, (33.4, 66.6))
        return cache[name, precision]

    return run


@pytest.mark.parametrize("name", NETWORKS)
def test_the_oracle_gives_the_golden_bits(oracle, name):
    found = oracle(name, "float64")
    spikes = sum(int(digest, 16) for digest, _, _ in found["spikes"]) % 2**128
    assert (found["network"], f"{spikes:032x}", found["weights"][-1]) == GOLDEN[name]


@pytest.mark.parametrize(("name", "backend", "delivery", "threads", "precision"), CASES)
def test_every_layout_gives_the_bits_of_the_oracle(oracle, name, backend, delivery, threads, precision):
    options = {"backend": backend, "delivery": delivery, "threads": threads, "precision": precision}
    with Simulator(NETWORKS[name](), seed=42, **options) as simulator:
        found = seen(simulator, (33.4, 66.6))
    expected = oracle(name, precision)
    for part in ("network", "synapses", "spikes", "weights", "counts"):
        assert found[part] == expected[part], part
    for units, others in zip(found["all"], expected["all"], strict=True):
        assert np.array_equal(units, others)


@pytest.mark.parametrize("backend", ["cpu", "gpu"])
def test_looking_at_weights_at_random_times_changes_nothing(oracle, backend):
    random = np.random.default_rng(3)
    cuts = np.sort(random.choice(np.arange(1, 1000), 12, replace=False))
    for name in ("bursting", "axonal"):
        with Simulator(NETWORKS[name](), seed=42, backend=backend, threads=2, precision="float64") as simulator:
            found = seen(simulator, np.diff(np.concatenate(([0], cuts, [1000]))) / 10.0)
        expected = oracle(name, "float64")
        digests = [sum(int(one[0], 16) for one in part["spikes"]) % 2**128 for part in (found, expected)]
        assert digests[0] == digests[1]
        assert found["weights"][-1] == expected["weights"][-1]
        assert found["counts"] == expected["counts"]


@pytest.mark.parametrize("bits", [8, 16])
def test_weight_widths_agree_between_backends(bits):
    results = []
    for backend, delivery, threads in (("oracle", "auto", 1), *LAYOUTS[:3]):
        options = {"backend": backend, "delivery": delivery, "threads": threads, "weight_bits": bits}
        with Simulator(NETWORKS["uniform_delay"](), seed=7, accept_quantisation=True, **options) as simulator:
            results.append((simulator.run(40.0).spike_digest, simulator.weight_digest))
    assert len(set(results)) == 1
