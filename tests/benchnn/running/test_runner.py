"""What a run measures: the window after the warm-up, in slices, on every rank."""

from dataclasses import replace

import h5py
import numpy as np
import pytest

from benchnn.running import slices
from benchnn.running.options import RunOptions
from benchnn.running.plan import plan_run
from benchnn.running.slices import propagate
from benchnn.running.stop import Stop
from simcore.errors import InputError
from simcore.network import FixedIndegree, Network, Poisson, Population, Projection, SpikeRecorder
from simcore.recording.sonata import read_spikes
from simcore.simulator import Simulator


def network():
    return Network(
        [Population("E", 30)],
        [Projection("E", "E", FixedIndegree(4), 200.0, 1.5)],
        [Poisson("E", 8000.0, 200.0, 1.5)],
        [SpikeRecorder()],
    )


def test_the_window_begins_after_the_warm_up(run_small, home, backend):
    whole = run_small("--warmup", 0, "--time", 30, "--json", "--record", "spikes", out="whole", backend=backend)
    head = run_small("--warmup", 0, "--time", 10, "--json", out="head", backend=backend).record
    tail = run_small("--warmup", 10, "--time", 20, "--json", "--record", "spikes", out="tail", backend=backend).record
    whole = whole.record
    assert 0 < head["spikes"] < whole["spikes"]
    for key in ("spikes", "synaptic_events"):
        assert head[key] + tail[key] == whole[key]
    digests = [int(record["spike_digest"], 16) for record in (head, tail, whole)]
    assert (digests[0] + digests[1]) % 2**128 == digests[2]
    assert head["network_digest"] == whole["network_digest"] == tail["network_digest"]
    expected = {"model_time_ms": 20.0, "warmup_ms": 10.0, "resumed_at_ms": None, "timed_ms": 20.0}
    assert expected.items() <= tail["time"].items()
    spikes, late = (read_spikes(home / name / "spikes.h5") for name in ("whole", "tail"))
    assert (late.t_start_ms, late.t_stop_ms) == (10.0, 30.0)
    assert len(late) == tail["spikes"]
    for population in ("E", "I"):
        times, ids = spikes.of(population)
        for all_values, values in zip((times, ids), late.of(population), strict=True):
            np.testing.assert_array_equal(values, all_values[times > 10.0])


def test_rates_follow_from_the_spikes_of_the_window(run_small, home):
    record = run_small("--json", "--record", "spikes").record
    spikes = read_spikes(home / "out" / "spikes.h5")
    for population, neurons in (("E", 20), ("I", 5)):
        expected_hz = len(spikes.of(population)[0]) / neurons / 0.020
        assert record["mean_rate_hz"][population] == pytest.approx(expected_hz)


def test_traces_begin_after_the_warm_up(run_small, home, backend):
    requests = ("--record", "V_m:E:0,3-5", "--record", "V_m:E:4", "--record", "I_syn_ex:I:1")
    assert run_small("--warmup", 0, "--time", 30, *requests, out="whole", backend=backend).code == 0
    assert run_small("--warmup", 10, "--time", 20, *requests, out="tail", backend=backend).code == 0
    for name, group, ids in (("traces.V_m.h5", "E", [0, 3, 4, 5]), ("traces.I_syn_ex.h5", "I", [1])):
        with h5py.File(home / "whole" / name) as whole, h5py.File(home / "tail" / name) as tail:
            assert tail[f"report/{group}/mapping/node_ids"][:].tolist() == ids
            np.testing.assert_allclose(tail[f"report/{group}/mapping/time"][:], [10.1, 30.1, 0.1])
            late = tail[f"benchnn/{group}"][:]
            assert late.shape == (200, len(ids))
            np.testing.assert_array_equal(late, whole[f"benchnn/{group}"][100:])


def test_a_model_keeps_its_own_recorders(home, run_small):
    model = "from simcore.network import *\ndef own():\n    return Network([Population('A', 3)], recorders=[%s])\n"
    recorders = "SpikeRecorder(), SpikeRecorder(), TraceRecorder('A', (0, 2), ('V_m',))"
    (home / "own.py").write_text(model % recorders)
    assert run_small("--record", "V_m:A:1-2", model="own.py:own").code == 0
    assert (home / "out" / "spikes.h5").exists()
    with h5py.File(home / "out" / "traces.V_m.h5") as file:
        assert file["report/A/mapping/node_ids"][:].tolist() == [0, 1, 2]


def test_no_model_time(run_small):
    record = run_small("--time", 0, "--json").record
    assert record["interrupted"] is False
    assert record["model"]["synapses"] == 200
    assert record["real_time_factor"] is None


def test_warm_up_and_time_have_a_limit_together(run_small, home):
    refused = run_small("--time", "6e8", "--warmup", "500000000").refusal
    assert "warmup_ms + time_ms = 1100000000.0 is not allowed: the sum must be at most" in refused
    assert not (home / "out").exists()


@pytest.mark.parametrize(("resolution_ms", "longest_ms"), [(0.1, 1e9), (0.001, 999_999_999.999)])
def test_the_longest_time_is_allowed(home, benchnn, resolution_ms, longest_ms):
    network = f"Network([Population('A', 1)], resolution_ms={resolution_ms})"
    (home / "long.py").write_text(f"from simcore.network import *\n\ndef long():\n    return {network}\n")
    options = RunOptions(model="long.py:long", time_ms=longest_ms, warmup_ms=0.0, meters="none")
    assert plan_run(options, []).steps == round(longest_ms / resolution_ms)
    with pytest.raises(InputError, match="the sum must be at most"):
        plan_run(replace(options, warmup_ms=resolution_ms), [])


def test_slices_add_up_to_one_run(backend, monkeypatch):
    with Simulator(network(), backend=backend, threads=2) as simulator:
        whole = simulator.run(100.0)
        spikes = simulator.spikes()
    monkeypatch.setattr(slices, "SLICE_S", 1e-3)
    seen = []
    with Simulator(network(), backend=backend, threads=2) as simulator:
        sliced = propagate(simulator, 1000, Stop(), lambda done, wall_s: seen.append((done, wall_s)))
        np.testing.assert_array_equal(simulator.spikes().stamps, spikes.stamps)
    assert len(seen) > 2 and seen[-1] == (1000, sliced.wall_s) and seen == sorted(seen)
    for key in ("steps", "spikes", "synaptic_events", "spike_digest"):
        assert getattr(sliced, key) == getattr(whole, key)
    assert whole.synaptic_events > 0
    assert 0.0 < sum(sliced.phase_s["update"]) / len(sliced.phase_s["update"]) <= sliced.wall_s


def test_a_request_to_stop_ends_after_the_slice():
    stop = Stop()

    def ask(done, wall_s):
        stop.requested = "SIGTERM"

    with Simulator(network(), backend="oracle") as simulator:
        part = propagate(simulator, 1000, stop, ask)
        assert 0 < part.steps < 1000
        assert simulator.step == part.steps
        assert propagate(simulator, 1000, stop, ask).steps == 0


def test_wall_times_are_those_of_the_simulator(run_small):
    record = run_small("--json").record
    wall_s = {part: values["max"] for part, values in record["wall_s"].items()}
    assert record["real_time_factor"] == pytest.approx(wall_s["propagation"] / 0.020)
    assert record["synaptic_events_per_s"] == pytest.approx(record["synaptic_events"] / wall_s["propagation"])
    timed_s = sum(values["mean"] for values in record["phases_s"].values())
    assert 0.0 < timed_s <= wall_s["propagation"] + 1e-9
    # Four times the steps of the warm-up; a generous margin, for a busy machine.
    assert 0.0 < wall_s["warmup"] < wall_s["propagation"] * 4


def test_layout_counts_threads_that_worked(run_small):
    assert run_small("--json", "--threads", 3, out="a").record["layout"]["threads_per_rank"] == 1
    layout = run_small("--json", "--threads", 3, out="b", backend="cpu").record["layout"]
    assert layout["threads_per_rank"] == 3 and layout["ranks"] == 1 and len(layout["hosts"]) == 1


def test_parameters_reach_the_model_and_the_record(run_small):
    record = run_small("--json", "--param", "input=dc", "--param", "inhibition=off").record
    assert record["model"]["parameters"]["input"] == "dc"
    assert record["model"]["parameters"]["inhibition"] is False
    assert record["model"]["parameters"]["limit"] is None
    assert record["model"]["synapses"] == 100
    assert (record["model"]["min_delay_ms"], record["model"]["max_delay_ms"]) == (1.5, 1.5)
