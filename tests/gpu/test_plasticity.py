"""Plasticity on the device: any grid, any length of histories, launches that end early, kernels that lose something."""

from types import SimpleNamespace

import numpy as np
import pytest
from emulation import COMPILER, emulated
from plastic_networks import axonal, bursting, mixed
from sanitizer import sanitized

from simcore.backends import backends
from simcore.backends.gpu import engine, held_spikes, plasticity
from simcore.backends.gpu.plastic_tables import plastic_shape
from simcore.errors import ResourceError
from simcore.network import AllToAll, Network, Population, Projection, Stdp, Tsodyks2
from simcore.placement import Placement
from simcore.simulator import Simulator
from simcore.tables import make_tables

pytestmark = pytest.mark.skipif(COMPILER is None, reason="gpu: there is no g++ to emulate one")


def of_run(simulator, time_ms=20.0):
    """Spikes, events, weights and counts of a run in which nobody looks at the weights before its end."""
    result = simulator.run(time_ms)
    changing = [k for k, p in enumerate(simulator.network.projections) if p.plasticity and p.plasticity.changes_weights]
    counts = [simulator.plastic_counts(k) for k in changing]
    assert sum(count.facilitations for count in counts) > 1000
    return result.spike_digest, result.synaptic_events, simulator.weight_digest, counts


def simulated(monkeypatch, network, backend, delivery="auto"):
    monkeypatch.setattr(backends, "get", lambda name: backend)
    with Simulator(network, seed=3, backend="gpu", delivery=delivery) as simulator:
        return of_run(simulator)


@pytest.fixture(scope="module")
def expected():
    """Results of the oracle by the name of the network."""
    found = {}
    for make in (mixed, bursting, axonal):
        with Simulator(make(), seed=3, backend="oracle") as simulator:
            found[make.__name__] = of_run(simulator)
    return found


@pytest.mark.parametrize(("blocks", "threads", "resident"), [(1, 4, True), (3, 4, True), (2, 16, True), (2, 4, False)])
def test_any_grid_gives_the_same_weights(monkeypatch, expected, blocks, threads, resident):
    backend = emulated(blocks=blocks, threads=threads, resident=resident)
    assert simulated(monkeypatch, mixed(), backend) == expected["mixed"]


def spied_on(monkeypatch, name):
    """Step and arguments of all calls of a method of `GpuPlasticity`, which still does what it does."""
    calls, method = [], getattr(plasticity.GpuPlasticity, name)

    def called(self, *arguments):
        calls.append((self._step, *arguments))
        return method(self, *arguments)

    monkeypatch.setattr(plasticity.GpuPlasticity, name, called)
    return calls


@pytest.mark.parametrize("make", [bursting, axonal])
@pytest.mark.parametrize(("length", "resident"), [(4, True), (4, False), (16, True), (64, True)])
def test_any_length_of_histories_gives_the_same_weights(monkeypatch, expected, make, length, resident):
    monkeypatch.setattr(plasticity, "RING_LENGTH", length)
    settled, lengths = spied_on(monkeypatch, "settle"), spied_on(monkeypatch, "_lengthen")
    assert simulated(monkeypatch, make(), emulated(resident=resident)) == expected[make.__name__]
    steps = [step for (step,) in settled if step < 200]
    if make is bursting:
        # Short histories are settled often, and made longer where delays ask for it.
        assert (len(steps) >= 10, len(lengths)) == (length == 4, length == 4)
        assert (len(steps) > 0) == (length < 64)


@pytest.mark.parametrize(("spare", "steps", "resident"), [(10, 2000, True), (100, 7, False)])
@pytest.mark.parametrize("delivery", ["just_in_time", "calendar"])
def test_short_launches_give_the_same_weights(monkeypatch, expected, spare, steps, resident, delivery):
    monkeypatch.setattr(held_spikes, "SPARE_ENTRIES", spare)
    monkeypatch.setattr(engine, "MAX_STEPS", steps)
    assert simulated(monkeypatch, axonal(), emulated(resident=resident), delivery) == expected["axonal"]


LANE = "k < own.high; k += own.stride) {\n        int64"
LOST = {
    "a lane": (axonal, LANE, LANE.replace("k <", "k + 1 <")),
    "a postsynaptic spike": (axonal, "times <= 0 || own.n == 0", "times <= 0 || own.n == 0 || neuron.i == 3"),
    "facilitation by a spike that arrives together": (axonal, "if (stamp > to) break;", "if (stamp >= to) break;"),
    "the order of spikes that arrive together": (axonal, "first + k - 1) >= stamp) --k", "first + k - 1) > stamp) --k"),
    "several spikes in a step": (mixed, "time < times_of(held)", "time < 1"),
    "pending input that is not taken away": (axonal, "over[k] = 0", "over[k] += 0"),
    "what was settled": (bursting, "source.last > settled ? source.last : settled", "source.last"),
}


@pytest.mark.parametrize("lost", LOST)
def test_what_gets_lost_is_seen(monkeypatch, expected, lost):
    make, old, new = LOST[lost]

    def change(source):
        if "propagate(" not in source:
            return source
        assert source.count(old) == 1
        return source.replace(old, new)

    monkeypatch.setattr(plasticity, "RING_LENGTH", 4)
    assert simulated(monkeypatch, make(), emulated(change=change)) != expected[make.__name__]


DUE = "        process_due(a, place, step);\n"


@pytest.mark.thorough
def test_the_kernels_have_no_race():
    done = sanitized("plastic_networks", "bursting", ("", ""), 6.0)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.thorough
def test_a_race_is_found():
    # The state of a source is written while other lanes read it.
    done = sanitized("plastic_networks", "bursting", (DUE, f"{DUE}        store_due(a, place, step);\n"), 6.0)
    assert done.returncode == 66 and "data race" in done.stderr, done.stderr[-3000:]


def test_parameters_can_change_between_spikes(monkeypatch):
    found = []
    for backend in ("oracle", "gpu"):
        with monkeypatch.context() as patched:
            if backend == "gpu":
                patched.setattr(backends, "get", lambda name: emulated())
            with Simulator(axonal(), seed=3, backend=backend) as simulator:
                simulator.run(7.3)
                simulator.set_parameters("E", {"I_e": 600.0})
                found.append((simulator.network_digest, *of_run(simulator)))
    assert found[0] == found[1]


def test_resources_need_no_histories(monkeypatch):
    neurons = Population("A", 20, params={"I_e": 600.0})
    network = Network([neurons], [Projection("A", "A", AllToAll(), 20.0, 0.4, None, Tsodyks2(tau_fac=30.0))])
    found = []
    for backend in ("oracle", "gpu"):
        with monkeypatch.context() as patched:
            if backend == "gpu":
                patched.setattr(backends, "get", lambda name: emulated())
            with Simulator(network, seed=3, backend=backend) as simulator:
                first = simulator.run(30.0)
                kept = simulator.snapshot()
                simulator.restore(kept)
                rest = simulator.run(20.0)
                found.append((first.spike_digest, rest.spike_digest, rest.synaptic_events, simulator.weight_digest))
    assert found[0] == found[1] and found[0][2] > 0


def planned(network, ranks=1):
    tables = make_tables(network, 16)
    return SimpleNamespace(network=network, tables=tables, placement=Placement(network.n_neurons, ranks), rank=0)


def test_targets_and_delays_that_need_too_many_bits_are_refused():
    both = np.repeat(np.linspace(0.1, 1000.0, 10), 10)
    projections = [
        Projection("B", "A", AllToAll(), 1.0, 1.0, None, Stdp()),
        Projection("B", "B", AllToAll(), 1.0, both, None, Stdp()),
    ]
    network = Network([Population("A", 1 << 19), Population("B", 10)], projections)
    with pytest.raises(ResourceError, match=r"524298 neurons per rank and 10000 delays .* need 34 bits .* has 32"):
        plastic_shape(planned(network))
    assert plastic_shape(planned(network, 4)).target_bits == 18


def test_memory_is_estimated_before_anything_is_built(monkeypatch):
    network = mixed()
    monkeypatch.setattr(backends, "get", lambda name: emulated())
    with Simulator(network, seed=3, backend="gpu") as simulator:
        held, plan = simulator.engine._plasticity, simulator.plan
        estimate = plasticity.plastic_estimate(plan)
        assert estimate["synapses"] == pytest.approx(held.synapses.words.nbytes, rel=0.1)
        assert estimate["index"] == pytest.approx(held.synapses.index.nbytes, rel=0.01)
        # The numbers of rules are not estimated.
        arrays = sum(array.nbytes for array in held._held.values())
        assert arrays < estimate["state"] < 2 * arrays
        assert simulator.memory_bytes["state"] > arrays
        assert simulator.memory_bytes["synapses"] > held.synapses.words.nbytes
