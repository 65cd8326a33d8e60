"""Requests for recordings become recorders."""

import pytest

from benchnn.running.requests import steps_of, with_recorders
from simcore.errors import InputError, ResourceError
from simcore.network import Network, Population, SpikeRecorder, TraceRecorder
from simcore.network.recorders import recorded_neurons


def network(*recorders):
    return Network([Population("A", 10), Population("B", 10)], recorders=recorders)


def test_nothing_is_asked_for():
    assert with_recorders(network(), [], 100).recorders == ()


def test_spikes_once():
    assert with_recorders(network(SpikeRecorder()), ["spikes", "spikes"], 100).recorders == (SpikeRecorder(),)


def test_spikes_of_some_neurons_are_recorded():
    own = Population("A", 10)[3:5]
    recorders = with_recorders(network(SpikeRecorder(own)), ["spikes:B:0,7-9"], 100).recorders
    chosen = recorded_neurons(recorders, {"A": 10, "B": 10})
    assert {name: ids.tolist() for name, ids in chosen.items()} == {"A": [3, 4], "B": [0, 7, 8, 9]}
    everything = with_recorders(network(SpikeRecorder(own)), ["spikes:B:0", "spikes"], 100).recorders
    assert everything == (SpikeRecorder(),) and recorded_neurons(everything, {"A": 10, "B": 10}) is None
    for request, message in (
        ("spikes:B", "must be spikes, or"),
        ("spikes:C:0", "populations are A, B"),
        ("spikes:A:9-10", "ids"),
    ):
        with pytest.raises(InputError, match=message):
            with_recorders(network(), [request], 100)


def test_each_neuron_once_and_in_order():
    requests = ["V_m:A:7,1-3", "V_m:A:2-4", "I_syn_ex:A:0", "V_m:B:0"]
    recorders = with_recorders(network(TraceRecorder("A", (9, 1), ("V_m",))), requests, 100).recorders
    assert recorders == (
        TraceRecorder("A", (1, 2, 3, 4, 7, 9), ("V_m",)),
        TraceRecorder("A", (0,), ("I_syn_ex",)),
        TraceRecorder("B", (0,), ("V_m",)),
    )


def test_traces_that_would_not_fit_into_memory():
    with pytest.raises(ResourceError, match="recording needs about"):
        with_recorders(network(), ["V_m:A:0-9"], 10**13)


@pytest.mark.parametrize(
    ("time_ms", "h", "steps"), [(0.3, 0.1, 3), (0.7, 0.1, 7), (1e6, 0.1, 10**7), (0.0, 0.1, 0), (5.0, 0.25, 20)]
)
def test_steps(time_ms, h, steps):
    assert steps_of(time_ms, h, "time_ms") == steps


@pytest.mark.parametrize(("time_ms", "h"), [(0.05, 0.1), (0.1001, 0.1), (0.3, 0.25), (1.0, 3.0)])
def test_times_off_the_grid(time_ms, h):
    with pytest.raises(InputError, match=f"time_ms = {time_ms} .* resolution {h} ms"):
        steps_of(time_ms, h, "time_ms")
