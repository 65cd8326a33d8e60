"""Expected loads, latencies, step times and energies: those of a run in which neurons fire as often as expected."""

import numpy as np
import pytest
from drawn_axons import draw_axons

from simcore.comm import LocalCommunicator
from simcore.network import FixedIndegree, Network, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.costs.energy import energy_parts
from simcore.neuromorphic.costs.expected_step import expected_energy, expected_step_times
from simcore.neuromorphic.costs.latency import latency
from simcore.neuromorphic.costs.step_time import core_times, step_times
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.traffic.expected_loads import expected_loads
from simcore.neuromorphic.traffic.meter import MappedSources, TrafficMeter

NETWORK = Network(
    [Population("A", 60), Population("B", 40)],
    [Projection("A", "B", FixedIndegree(9), 1.0), Projection("B", "A", FixedIndegree(4), 1.0)],
)
STEPS = 20


def mapped(chip):
    core_of = np.random.default_rng(2).permutation(NETWORK.n_neurons) // 4
    mapping = CoreMapping("dealt", int(core_of.max()) + 1, core_of)
    axons, system = draw_axons(NETWORK, 3, mapping), make_system(chip, mapping.cores)
    return MappedSources(axons, make_routes(system, axons, core_of), core_of, system)


@pytest.fixture(params=["loihi1", "loihi1_sanafe", "truenorth"])
def chip(request):
    return load_chip(request.param)


def counted(on_chip, chip, every_step):
    """A meter that has counted `STEPS` steps, in each of which the same neurons fire."""
    meter = TrafficMeter(on_chip, LocalCommunicator(), core_times(chip), 1, False, np.ones(NETWORK.n_neurons, np.int64))
    stamps = np.repeat(np.arange(1, STEPS + 1), len(every_step))
    meter.observe(0, STEPS, stamps, np.tile(every_step, STEPS))
    return meter


def test_expected_loads_are_those_of_a_run_at_these_rates(chip):
    on_chip = mapped(chip)
    firing = np.flatnonzero(np.arange(NETWORK.n_neurons) % 3 == 0)
    meter = counted(on_chip, chip, firing)
    totals, summary = meter.totals(), meter.summary()
    # STEPS steps of 1 / STEPS s are a second.
    resolution_ms = 1e3 / STEPS
    rates = np.where(np.isin(np.arange(NETWORK.n_neurons), firing), float(STEPS), 0.0)
    loads = expected_loads(on_chip.axons, on_chip.routes, on_chip.core_of, on_chip.system, rates, resolution_ms)
    for name in ("neurons", "synops", "spikes", "messages_in", "messages_out", "within_tile", "link_messages"):
        np.testing.assert_allclose(getattr(loads, name), getattr(totals, name), rtol=1e-12, err_msg=name)
    # Every step is the mean step.
    expected = expected_step_times(chip, on_chip.system, loads, resolution_ms)
    measured = step_times(chip, on_chip.system, summary, resolution_ms)
    assert expected.reasons == measured.reasons and expected.lower_bounds == measured.lower_bounds
    for name in ("memory_s", "compute_s", "traffic_s", "barrier_s", "total_s"):
        of_run = getattr(measured, name)
        found = getattr(expected, name)
        assert (found is None) == (of_run is None)
        if of_run is not None:
            np.testing.assert_allclose(found, of_run.mean(), rtol=1e-12, err_msg=name)
    duration_s = None if measured.total_s is None else float(measured.total_s.sum())
    whole = energy_parts(chip, totals, on_chip.system, duration_s, measured.lower_bounds.get("total"))
    assert expected_energy(chip, on_chip.system, loads, expected).total_j == pytest.approx(whole.total_j, rel=1e-12)


def test_latency_is_hops_times_their_time(chip):
    on_chip = mapped(chip)
    system, axons, core_of = on_chip.system, on_chip.axons, on_chip.core_of
    rates = np.linspace(0.0, 5.0, NETWORK.n_neurons)
    found = latency(chip, system, axons, core_of, rates)
    times, hops, weights = [], [], []
    for row, source in enumerate(axons.sources):
        for core in axons.cores[axons.starts[row] : axons.starts[row + 1]]:
            if core == core_of[source]:
                continue
            first, end = system.runs(system.router_of_core[[core_of[source]]], system.router_of_core[[core]])
            links = np.concatenate([np.arange(*run) for run in zip(first[:, 0], end[:, 0], strict=True)]).astype(int)
            each_s = [chip.value("hop_ew_s") or 0.0, chip.value("hop_ns_s") or 0.0]
            times.append(sum(each_s[kind] for kind in system.link_kind[links]))
            hops.append(len(links))
            weights.append(rates[source])
    assert found.mean_hops == pytest.approx(np.average(hops, weights=weights))
    if chip.value("hop_ew_s") is None:
        assert found.mean_s is None and "hop_ew_s" in found.reason
    else:
        assert found.mean_s == pytest.approx(np.average(times, weights=weights))
        assert found.largest_s == pytest.approx(max(time for time, rate in zip(times, weights, strict=True) if rate))


def test_silent_neurons_send_nothing(chip):
    on_chip = mapped(chip)
    silent = np.zeros(NETWORK.n_neurons)
    loads = expected_loads(on_chip.axons, on_chip.routes, on_chip.core_of, on_chip.system, silent, 0.1)
    assert not loads.synops.any() and not loads.link_messages.any() and loads.neurons.sum() == NETWORK.n_neurons
    step_latency = latency(chip, on_chip.system, on_chip.axons, on_chip.core_of, silent)
    assert step_latency.mean_s is None and step_latency.reason == "no messages are expected"
