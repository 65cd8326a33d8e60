"""Parameters that change between calls of run, and edges that are asked for."""

import numpy as np
import pytest

from simcore.backends.oracle import OracleEngine
from simcore.errors import InputError
from simcore.network import (
    Dc,
    FixedIndegree,
    FixedTotalNumber,
    Network,
    Noise,
    Normal,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    TraceRecorder,
    Uniform,
)
from simcore.parameter_change import with_parameters
from simcore.simulator import Simulator

LAYOUTS = [("oracle", 1), ("gpu", 1), ("cpu", 1), ("cpu", 3)]


def network(*drives, params=None, dc=20.0):
    exc = Population("E", 60, params=params or {}, initial={"V_m": Normal(mean=-65.0, std=4.0)})
    return Network(
        [exc, Population("I", 13)],
        [
            Projection("E", "I", FixedIndegree(6), 150.0, Uniform(low=0.1, high=2.0)),
            Projection("I", "E", PairwiseBernoulli(0.3), Normal(mean=-90.0, std=9.0), 0.8),
            Projection("E", "E", FixedTotalNumber(200), 30.0, 1.5),
        ],
        [Poisson("E", 12000.0, 70.0), Dc("E", dc), *drives],
        [SpikeRecorder(), TraceRecorder("E", [3, 5])],
    )


def changed(described, changes, backend="oracle", threads=1, precision="float32", ms=30.0):
    """Simulate `ms`, then make each change and simulate as long again."""
    with Simulator(described, seed=2, threads=threads, backend=backend, precision=precision) as simulator:
        digests = [simulator.run(ms).spike_digest]
        for change in changes:
            simulator.set_parameters(*change)
            digests.append(simulator.run(ms).spike_digest)
        return digests, simulator.traces(), simulator.network_digest, simulator.network


CHANGES = [
    ("E", {"V_th": -57.0, "I_e": 100.0}),
    ("E", {"tau_m": [5.0, 20.0], "I_e": [400.0, 0.0]}, [3, 59]),
    ("I", {"t_ref": Uniform(low=0.5, high=4.0)}),
    ("E", {"E_L": -72.0, "V_reset": -73.0}, np.array([5])),
]


@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.thorough)])
@pytest.mark.parametrize("drives", [(), (Noise("E", 30.0, 100.0),)])
def test_one_digest_on_all_backends_and_threads(drives, precision):
    expected = changed(network(*drives), CHANGES, precision=precision)
    assert len(set(expected[0])) == len(CHANGES) + 1
    for backend, threads in LAYOUTS[1:]:
        found = changed(network(*drives), CHANGES, backend, threads, precision)
        assert found[0] == expected[0] and found[2] == expected[2]
        for key, values in expected[1].items():
            np.testing.assert_array_equal(found[1][key], values)


@pytest.mark.parametrize(("backend", "threads"), LAYOUTS)
def test_a_change_before_the_first_step_is_another_description(backend, threads):
    described = network(params={"I_e": 40.0, "V_th": -56.0})
    with Simulator(described, seed=2, threads=threads, backend=backend) as simulator:
        expected = simulator.run(40.0).spike_digest, simulator.network_digest
    with Simulator(network(), seed=2, threads=threads, backend=backend) as simulator:
        simulator.set_parameters("E", {"I_e": 40.0})
        simulator.set_parameters("E", {"V_th": -56.0})
        assert (simulator.run(40.0).spike_digest, simulator.network_digest) == expected


@pytest.mark.parametrize(("backend", "threads"), LAYOUTS)
def test_setting_what_holds_changes_nothing(backend, threads):
    plain = changed(network(), [("E", {}), ("E", {})], backend, threads)
    same = changed(network(), [("E", {"tau_m": 10.0, "I_e": 0.0}), ("I", {"C_m": 250.0})], backend, threads)
    assert same[0] == plain[0] and same[2] == plain[2]


@pytest.mark.parametrize(("backend", "threads"), LAYOUTS)
def test_a_potential_stays_when_the_resting_potential_moves(backend, threads):
    described = Network([Population("E", 4, initial={"V_m": -60.0})], recorders=[TraceRecorder("E", [0, 1])])
    with Simulator(described, threads=threads, backend=backend, precision="float64") as simulator:
        simulator.run(1.0)
        simulator.set_parameters("E", {"E_L": -80.0, "V_reset": -80.0}, [1])
        simulator.run(1.0)
        kept, moved = simulator.traces()["E", 0, "V_m"], simulator.traces()["E", 1, "V_m"]
    decay = np.exp(-0.1 / 10.0)
    np.testing.assert_allclose(kept, -70.0 + 10.0 * decay ** np.arange(1, 21), rtol=1e-12)
    np.testing.assert_array_equal(moved[:10], kept[:10])
    np.testing.assert_allclose(moved[10:], -80.0 + (kept[9] + 80.0) * decay ** np.arange(1, 11), rtol=1e-12)


def test_drawn_parameters_of_other_neurons_stay():
    drawn = network(params={"V_th": Normal(mean=-55.0, std=1.0)})
    other = with_parameters(drawn, "E", {"V_th": -50.0}, [4], seed=2).population("E").params["V_th"]
    assert other[4] == -50.0 and len(np.unique(other)) == 60
    again = with_parameters(drawn, "E", {"V_th": -50.0}, [5], seed=2).population("E").params["V_th"]
    np.testing.assert_array_equal(np.delete(other, [4, 5]), np.delete(again, [4, 5]))


def test_direct_currents_are_not_added_twice():
    other = with_parameters(network(dc=33.0), "E", {"I_e": 7.0}, [0], seed=2).population("E").params["I_e"]
    assert other[0] == 7.0 and np.all(other[1:] == 0.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("X", {"I_e": 1.0}), ["population = 'X'", "E, I"]),
        (("E", {"tau": 1.0}), ["'tau'", "tau_m"]),
        (("E", {"tau": 1.0}, [1]), ["'tau'", "tau_m"]),
        (("E", {"tau_m": -1.0}), ["E.tau_m = -1.0", "> 0"]),
        (("E", {"V_reset": -50.0}), ["V_reset = -50.0", "below V_th"]),
        (("E", {"I_e": [1.0, 2.0]}), ["I_e", "60"]),
        (("E", {"I_e": [1.0, 2.0]}, [1]), ["I_e", "must be 1"]),
        (("E", {"I_e": Uniform(low=0.0, high=1.0)}, [1]), ["I_e", "not allowed with ids"]),
        (("E", {"I_e": 1.0}, [60]), ["ids of E", "60"]),
        (("E", {"I_e": 1.0}, [1, 1]), ["ids of E", "once"]),
        (("E", {"I_e": 1.0}, 3), ["ids of E", "list"]),
        (("E", {"I_e": 1.0}, np.array(3)), ["ids of E", "list"]),
        (("E", {"I_e": 1.0}, b"1"), ["ids of E", "list"]),
        (("E", {"I_e": 1.0}, np.array([True, False])), ["ids of E", "integer"]),
        (("E", {"I_e": float("nan")}), ["E.I_e", "finite"]),
        ((["E"], {"I_e": 1.0}), ["population = ['E']", "E, I"]),
        (("E", [1.0]), ["values", "dictionary"]),
    ],
)
@pytest.mark.parametrize("backend", ["oracle", "cpu", "gpu"])
def test_a_refused_change_changes_nothing(change, words, backend):
    with Simulator(network(), seed=2, threads=1, backend=backend) as simulator:
        before = simulator.network_digest
        with pytest.raises(InputError) as refusal:
            simulator.set_parameters(*change)
        assert all(word in str(refusal.value) for word in words)
        assert simulator.network_digest == before
        assert simulator.run(30.0).spike_digest == changed(network(), [], backend)[0][0]


@pytest.mark.parametrize(("backend", "threads"), LAYOUTS)
def test_a_snapshot_goes_on_after_the_same_changes_alone(backend, threads):
    def make():
        return Simulator(network(), seed=2, threads=threads, backend=backend)

    with make() as first, make() as second:
        first.run(10.0)
        for change in CHANGES:
            first.set_parameters(*change)
        first.run(10.0)
        held, onward = first.snapshot(), first.run(20.0).spike_digest
        for change in CHANGES:
            with pytest.raises(InputError, match=r"snapshot.network_digest.*same calls of set_parameters"):
                second.restore(held)
            second.set_parameters(*change)
        second.restore(held)
        assert second.run(20.0).spike_digest == onward


def test_a_closed_simulator_neither_changes_nor_yields_an_empty_snapshot():
    with Simulator(network(), seed=2, threads=1, backend="cpu") as simulator:
        simulator.run(1.0)
    before = simulator.network_digest
    for call in (simulator.snapshot, lambda: simulator.set_parameters("E", {"I_e": 1.0}), lambda: simulator.run(1.0)):
        with pytest.raises(RuntimeError, match="the simulator is closed"):
            call()
    assert simulator.network_digest == before


@pytest.mark.parametrize("backend", ["oracle", "cpu", "gpu"])
def test_edges_are_those_over_which_spikes_are_delivered(backend):
    described = network()
    with Simulator(described, seed=2, threads=2 if backend == "cpu" else 1, backend=backend) as simulator:
        edges = simulator.edges()
        assert len(edges.sources) == simulator.n_synapses
        plan = simulator.plan
    oracle = OracleEngine(plan)
    order = np.argsort(edges.sources, kind="stable")
    np.testing.assert_array_equal(edges.targets[order], oracle._targets)
    np.testing.assert_array_equal(edges.codes[order], oracle._weights)
    np.testing.assert_array_equal(edges.delay_steps[order], oracle._delays)
    np.testing.assert_allclose(edges.delays_ms, 0.1 * edges.delay_steps)
    first_inhibitory = 60
    assert np.all((edges.weights < 0.0) == (edges.sources >= first_inhibitory))


def test_edges_between_populations():
    with Simulator(network(), seed=2, backend="oracle") as simulator:
        whole = simulator.edges()
        for source, target in (("E", "E"), ("E", "I"), ("I", "E"), ("I", "I"), (None, "I"), ("E", None)):
            edges = simulator.edges(source, target)
            sides = [("E", range(60)), ("I", range(60, 73))]
            inside = np.ones(len(whole.sources), dtype=bool)
            for name, ids in ((source, whole.sources), (target, whole.targets)):
                if name is not None:
                    inside &= np.isin(ids, dict(sides)[name])
            assert sorted(zip(edges.sources, edges.targets, edges.weights, strict=True)) == sorted(
                zip(whole.sources[inside], whole.targets[inside], whole.weights[inside], strict=True)
            )
        for wrong in ("X", 0, ["E"]):
            with pytest.raises(InputError, match=r"source = .* use E, I"):
                simulator.edges(wrong)


def test_the_time_constant_of_a_trace_cannot_change():
    for ids in (None, [0, 3]):
        with pytest.raises(InputError, match=r"E\.tau_minus = 33.0 is not allowed"):
            with_parameters(network(), "E", {"tau_minus": 33.0}, ids, 1)
