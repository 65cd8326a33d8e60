"""NeuroBench's metrics from counts, against dense arrays and its documentation."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.neuromorphic.costs.neurobench import neurobench_metrics

RUN = {
    "steps": 10,
    "neurons": 8,
    "spikes": 20,
    "synapses": 24,
    "synaptic_events": 60,
    "cores": 2,
    "synops_max": 9,
    "zero_weights": 0,
    "footprint_bytes": 4096,
}


def test_a_small_layer():
    # NeuroBench's documentation: a layer of 3 x 3 weights, inputs 1, 1, 0, does 4 effective operations of 9 dense ones.
    weights = np.array([[1, 2, 0], [0, 3, 1], [0, 1, 1]])
    spikes = np.array([1, 1, 0])
    size = {"steps": 1, "neurons": 3, "spikes": 2, "cores": 1, "synops_max": 6}
    stored = {"synapses": np.count_nonzero(weights), "synaptic_events": int((spikes @ (weights != 0)).sum())}
    sparse = neurobench_metrics(**RUN | size | stored)
    full = neurobench_metrics(**RUN | size | {"synapses": 9, "synaptic_events": 6})
    assert (sparse.effective_acs, sparse.effective_macs) == (4, 0)
    # A network is no matrix: what is not connected is no synapse, dense or not.
    assert (sparse.dense_synops, full.dense_synops, full.effective_acs) == (6, 9, 6)
    assert sparse.activation_sparsity == pytest.approx(1 / 3)


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_counts_give_what_dense_layers_give(steps, neurons, seed):
    # As NeuroBench computes them: a layer is called on inputs and weights that are 1 where they are not 0.
    chance = np.random.default_rng(seed)
    weights = chance.integers(1, 5, (neurons, neurons))
    spikes = chance.random((steps, neurons)) < 0.4
    calls = spikes.astype(int) @ (weights != 0)
    metrics = neurobench_metrics(
        steps=steps,
        neurons=neurons,
        spikes=int(spikes.sum()),
        synapses=weights.size,
        synaptic_events=int((spikes.sum(axis=1) * neurons).sum()),
        cores=1,
        synops_max=int(calls.sum(axis=1).max()),
        zero_weights=0,
    )
    assert metrics.effective_acs == calls.sum()
    assert metrics.dense_synops == (np.ones_like(spikes, dtype=int) @ np.ones_like(weights)).sum()
    assert metrics.activation_sparsity == pytest.approx((spikes.size - np.count_nonzero(spikes)) / spikes.size)
    assert metrics.connection_sparsity == 0.0
    assert metrics.synops_mean <= metrics.synops_max


def test_the_largest_core_stands_beside_the_sum():
    metrics = neurobench_metrics(**RUN)
    assert (metrics.effective_acs, metrics.synops_mean, metrics.synops_max) == (60, 3.0, 9)
    assert metrics.footprint_bytes == 4096 and metrics.reasons == {}


def test_weights_of_zero():
    metrics = neurobench_metrics(**RUN | {"zero_weights": 6})
    assert metrics.connection_sparsity == 0.25
    assert metrics.effective_acs is None
    assert metrics.reasons == {"effective_acs": "synaptic events with a weight of 0 were not counted separately"}
    assert neurobench_metrics(**RUN | {"zero_weights": 6, "synaptic_events": 0}).effective_acs == 0


@pytest.mark.parametrize(
    ("change", "absent"),
    [
        ({"zero_weights": None}, {"effective_acs", "connection_sparsity"}),
        ({"zero_weights": None, "spikes": 0, "synaptic_events": 0}, {"connection_sparsity"}),
        ({"footprint_bytes": None}, {"footprint_bytes"}),
        ({"steps": 0, "spikes": 0, "synaptic_events": 0}, {"activation_sparsity", "synops_mean"}),
        ({"synapses": 0, "synaptic_events": 0}, {"connection_sparsity"}),
    ],
)
def test_what_is_not_known_is_none_with_a_reason(change, absent):
    metrics = neurobench_metrics(**RUN | change)
    assert {name for name, value in asdict(metrics).items() if value is None} == absent == set(metrics.reasons)
