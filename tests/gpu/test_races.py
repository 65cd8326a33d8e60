"""A kernel that loses an addition, or in which threads race, makes a test fail."""

import pytest
from busy import busy
from emulation import COMPILER, FLAGS, emulated
from sanitizer import sanitized

from simcore.backends import backends
from simcore.backends.gpu import engine, held_spikes
from simcore.network import FixedIndegree, Network, Population, Projection
from simcore.simulator import Simulator

pytestmark = pytest.mark.skipif(COMPILER is None, reason="gpu: there is no g++ to emulate one")

APPEND = "a.spikes[append(a.filled, 1)] = origin | id;"
ORIGIN = "const int64 origin = arrival - a.max_delay"
DELIVERIES = ["just_in_time", "calendar"]
DUE_BY_ROW = "next < row.high && row.delays[next] == delay"
LOST = {
    "a spike": (APPEND, f"if (id % 50 == 7) continue; {APPEND}"),
    "the smallest delay": ("events = a.min_delay == 1 ? deliver", "events = a.min_delay == 2 ? deliver"),
    "the oldest spikes": (f"{ORIGIN};", f"{ORIGIN} + 3;"),
    "input that is not taken away": ("            inputs[receptor * a.n_neurons + k] = 0;\n", ""),
}
LOST_BY_GROUP = {"a lane": ("k = low + place.lane; k < high", "k = low + place.lane; k + 1 < high")}
LOST_BY_ROW = {
    "synapses that are due together": (DUE_BY_ROW, f"next == begin && {DUE_BY_ROW}"),
    "the next synapses of a row": ("a.cursors[cursor] = cursor_at(a, row, origin, next);\n", ""),
    "the spikes of new steps": ("    enter(a, place, before, now, step);\n", ""),
    "the spikes of earlier launches": ("enter(a, place_of_thread(), 0, *a.filled, before);", ""),
    "what earlier launches delivered": ("past < 0 ? 0 :", "true ? 0 :"),
}
ALL_LOST = [
    *((delivery, *change) for delivery in DELIVERIES for change in LOST.values()),
    *(("just_in_time", *change) for change in LOST_BY_GROUP.values()),
    *(("calendar", *change) for change in LOST_BY_ROW.values()),
]
RACES = {
    "an addition that is not atomic": ("__atomic_fetch_add(sum, value, __ATOMIC_RELAXED)", "*sum = *sum + value"),
    "a missing barrier": (
        "        grid_barrier(a.arrivals, goal);\n        lap(SYNCHRONISE);\n        waiting +=",
        "        waiting +=",
    ),
    "both input buffers in one": ("(arrival & 1) * RECEPTORS", "0 * RECEPTORS"),
}


def of_run(simulator):
    """What tests of all backends compare."""
    result = simulator.run(30.0)
    assert sum(result.spikes.values()) > 300
    return result.spike_digest, result.synaptic_events


def simulated(monkeypatch, backend, delivery):
    monkeypatch.setattr(backends, "get", lambda name: backend)
    with Simulator(busy(), seed=3, backend="gpu", delivery=delivery) as simulator:
        return of_run(simulator)


@pytest.fixture(scope="module")
def expected():
    with Simulator(busy(), seed=3, backend="cpu", threads=2) as simulator:
        return of_run(simulator)


@pytest.mark.parametrize("delivery", DELIVERIES)
@pytest.mark.parametrize(("blocks", "threads"), [(1, 4), (1, 8), (3, 4), (2, 16)])
def test_any_grid_gives_the_same_spikes(monkeypatch, expected, blocks, threads, delivery):
    assert simulated(monkeypatch, emulated(blocks=blocks, threads=threads), delivery) == expected


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_a_launch_for_each_half_step_gives_the_same_spikes(monkeypatch, expected, delivery):
    assert simulated(monkeypatch, emulated(resident=False), delivery) == expected


@pytest.mark.thorough
@pytest.mark.parametrize(("delivery", "old", "new"), ALL_LOST)
def test_what_gets_lost_is_seen(monkeypatch, expected, delivery, old, new):
    # Several launches, so that what one leaves to the next can get lost, too.
    monkeypatch.setattr(engine, "MAX_STEPS", 70)

    def change(source):
        if "propagate(" not in source:
            return source
        assert source.count(old) == 1
        return source.replace(old, new)

    assert simulated(monkeypatch, emulated(change=change), delivery) != expected


def full_lists():
    """Neurons that fire in every step, and delays longer than a launch."""
    neuron = {"I_e": 1e6, "t_ref": 0.0}
    projections = [Projection("A", "A", FixedIndegree(2), 1.0, 6.0)]
    return Network([Population("A", 50, params=neuron)], projections)


@pytest.mark.parametrize("delivery", DELIVERIES)
@pytest.mark.parametrize(("spare", "steps", "resident"), [(10, 2000, True), (300, 7, False), (4000, 3, True)])
def test_a_full_list_of_spikes_loses_none(monkeypatch, spare, steps, resident, delivery):
    monkeypatch.setattr(held_spikes, "SPARE_ENTRIES", spare)
    monkeypatch.setattr(engine, "MAX_STEPS", steps)
    monkeypatch.setattr(backends, "get", lambda name: emulated(resident=resident))
    with Simulator(full_lists(), backend="gpu", delivery=delivery) as simulator:
        result = simulator.run(20.0)
        held = simulator.snapshot()
        rest = simulator.run(5.0)
    assert result.spikes == {"A": 50 * 200} and result.synaptic_events == 50 * 2 * 140
    with Simulator(full_lists(), backend="gpu", delivery=delivery) as simulator:
        simulator.restore(held)
        assert simulator.run(5.0).spike_digest == rest.spike_digest


@pytest.mark.thorough
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_the_kernels_have_no_race(delivery):
    done = sanitized("busy", "busy", ("", ""), delivery=delivery)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("race", "delivery"), [*((race, "just_in_time") for race in RACES), ("a missing barrier", "calendar")]
)
def test_a_race_is_found(race, delivery):
    done = sanitized("busy", "busy", RACES[race], delivery=delivery)
    assert done.returncode == 66 and "data race" in done.stderr, done.stderr[-3000:]


def test_the_emulation_contracts_no_product_and_sum():
    assert "-ffp-contract=off" in FLAGS and "-ffast-math" not in FLAGS
