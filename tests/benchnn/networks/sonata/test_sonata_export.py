"""Networks written as SONATA files: read again they are the same, also for libsonata."""

import json

import numpy as np
import pytest

from benchnn.networks.sonata.export import write_sonata
from benchnn.networks.sonata.network import import_sonata
from simcore.errors import InputError
from simcore.network import (
    AllToAll,
    Explicit,
    FixedIndegree,
    Network,
    Normal,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrains,
    Stdp,
    TraceRecorder,
)
from simcore.simulator import Simulator

MODELS = ("iaf_psc_exp", "iaf_psc_alpha", "iaf_psc_delta", "iaf_cond_exp", "izhikevich", "aeif_cond_exp")


def digests(network):
    with Simulator(network, seed=1, threads=1, backend="oracle", precision="float64") as simulator:
        result = simulator.run(30.0)
        return simulator.network_digest, simulator.synapse_digest, result.spike_digest


def listed(model="iaf_psc_exp", params=None, initial=None):
    """Edges of arrays and constants, a source, and a recorder."""
    populations = [
        Population("input", 3, source=SpikeTrains([1.0, 1.3, 2.0, 2.0], [0, 1, 2, 1])),
        Population("A b", 4, model, params or {}, initial or {}),
        Population("B", 2, model),
    ]
    sources, targets = np.array([0, 1, 2, 0, 1]), np.array([0, 1, 2, 3, 3])
    projections = [
        Projection("input", "A b", Explicit(sources, targets), np.array([30.0, 31.5, 30.0, 28.25, 33.0]), 1.5),
        Projection("A b", "B", Explicit([0, 1, 3], [1, 0, 1]), 25.0, np.array([1.0, 2.5, 0.4])),
        Projection("A b", "B", Explicit([2, 2], [1, 1]), np.array([-12.5, -12.5]), np.array([2.0, 2.0])),
    ]
    recorders = [SpikeRecorder(), TraceRecorder("A b", [1, 3], ("V_m",))]
    return Network(populations, projections, recorders=recorders, resolution_ms=0.1)


@pytest.mark.parametrize("model", MODELS)
def test_a_network_of_lists_is_the_same_when_it_is_read(tmp_path, model):
    network = listed(model)
    assert digests(import_sonata(write_sonata(tmp_path / "net", network))) == digests(network)


def test_arrays_of_parameters_and_initial_values_are_kept(tmp_path):
    params = {"C_m": np.array([200.0, 250.0, 250.0, 300.0]), "t_ref": 3.0, "I_e": np.full(4, 400.0)}
    network = listed(params=params, initial={"V_m": np.array([-60.0, -61.5, -70.0, -58.0])})
    again = import_sonata(write_sonata(tmp_path / "net", network))
    assert digests(again) == digests(network)
    assert [population.name for population in again.populations] == ["input", "A b", "B"] and again.notes == ()
    assert [one.ids for one in again.recorders if isinstance(one, TraceRecorder)] == [(1, 3)]


def test_edges_of_a_rule_are_written_as_they_are_drawn(tmp_path):
    populations = [Population("A", 20, params={"I_e": 500.0}), Population("B", 5)]
    projections = [Projection("A", "B", FixedIndegree(6), 40.0, 1.5), Projection("B", "A", AllToAll(), -30.0, 2.0)]
    network = Network(populations, projections, recorders=[SpikeRecorder()])
    again = import_sonata(write_sonata(tmp_path / "net", network))
    assert digests(again) == digests(network)
    other = import_sonata(write_sonata(tmp_path / "other", network, seed=2))
    assert digests(other)[1] != digests(network)[1]


def test_drawn_weights_and_delays_stay_the_same_from_then_on(tmp_path):
    network = Network(
        [Population("A", 20, params={"I_e": 500.0})],
        [Projection("A", "A", FixedIndegree(6), Normal(mean=40.0, std=4.0), Normal(mean=1.5, std=0.3, low=0.1))],
        recorders=[SpikeRecorder()],
    )
    once = import_sonata(write_sonata(tmp_path / "once", network))
    assert digests(import_sonata(write_sonata(tmp_path / "twice", once))) == digests(once)
    with Simulator(network, seed=1, threads=1, backend="oracle", precision="float64") as simulator:
        edges = simulator.edges()
    order = np.lexsort((edges.delays_ms, edges.sources, edges.targets))
    rule = once.projections[0].rule
    again = np.lexsort((once.projections[0].delay_ms, rule.sources, rule.targets))
    assert np.array_equal(once.projections[0].weight[again], edges.weights[order])


def test_libsonata_reads_what_was_written(tmp_path):
    libsonata = pytest.importorskip("libsonata", reason="libsonata is not installed")
    params = {"C_m": np.array([200.0, 250.0, 250.0, 300.0])}
    path = write_sonata(tmp_path / "net", listed(params=params))
    network = path.parent / "network"
    nodes = libsonata.NodeStorage(str(network / "nodes_1.h5")).open_population("A b")
    assert (
        nodes.size == 4 and nodes.get_dynamics_attribute("C_m", nodes.select_all()).tolist() == params["C_m"].tolist()
    )
    edges = libsonata.EdgeStorage(str(network / "edges_0.h5")).open_population("input_to_A b")
    assert (edges.source, edges.target) == ("input", "A b")
    everything = edges.select_all()
    assert edges.source_nodes(everything).tolist() == [0, 1, 2, 0, 1]
    assert edges.target_nodes(everything).tolist() == [0, 1, 2, 3, 3]
    assert edges.get_attribute("syn_weight", everything).tolist() == [30.0, 31.5, 30.0, 28.25, 33.0]
    assert [edges.afferent_edges([node]).flatten().tolist() for node in range(4)] == [[0], [1], [2], [3, 4]]
    assert [edges.efferent_edges([node]).flatten().tolist() for node in range(3)] == [[0, 3], [1, 4], [2]]
    spikes = libsonata.SpikeReader(str(path.parent / "inputs" / "spikes_0.h5"))["input"]
    assert sorted(spikes.get()) == [(0, 1.0), (1, 1.3), (1, 2.0), (2, 2.0)]


def test_the_example_is_read_as_libsonata_reads_it(example):
    libsonata = pytest.importorskip("libsonata", reason="libsonata is not installed")
    within = import_sonata(example / "config.json").projections[0]
    edges = libsonata.EdgeStorage(str(example / "network" / "internal_internal_edges.h5")).open_population(
        "internal_to_internal"
    )
    everything = edges.select_all()
    assert np.array_equal(within.rule.sources, edges.source_nodes(everything))
    assert np.array_equal(within.rule.targets, edges.target_nodes(everything))
    assert np.array_equal(within.weight, edges.get_attribute("syn_weight", everything))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"drives": [Poisson("B", 100.0, 1.0, 1.5)]}, "SONATA files cannot have drives"),
        ({"populations": [Population("B", 2, "parrot_neuron")], "projections": []}, "population B.model = 'parrot"),
        (
            {"populations": [Population("B", 2, params={"C_m": Normal(mean=250.0, std=5.0)})], "projections": []},
            "population B.C_m",
        ),
        ({"projections": [Projection("B", "B", AllToAll(), 3.0, 1.5, plasticity=Stdp(Wmax=10.0))]}, "->B.plasticity"),
    ],
)
def test_what_sonata_cannot_hold_is_refused_and_nothing_is_left(tmp_path, change, message):
    parts = {"populations": [Population("B", 2)], "projections": [], **change}
    with pytest.raises(InputError) as refused:
        write_sonata(tmp_path / "net", Network(**parts))
    assert message in str(refused.value) and list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_not_replaced(tmp_path):
    with pytest.raises(InputError, match="already exists"):
        write_sonata(tmp_path, listed())


def test_the_model_time_is_that_of_the_run(tmp_path):
    path = write_sonata(tmp_path / "net", listed(), model_time_ms=25.0)
    assert json.loads(path.read_text())["run"]["tstop"] == 25.0
