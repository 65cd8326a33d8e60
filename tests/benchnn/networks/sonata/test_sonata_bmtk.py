"""The files that `write_sonata` writes, read by bmtk: nodes, types, edges, weights, delays, spikes, configuration."""

import numpy as np
import pytest

pytest.importorskip("bmtk", reason="bmtk is not installed")

from bmtk.utils.reports.spike_trains import SpikeTrains as BmtkSpikes
from bmtk.utils.sonata import File
from bmtk.utils.sonata.config import SonataConfig

from benchnn.networks.sonata.export import write_sonata
from simcore.network import (
    AllToAll,
    FixedIndegree,
    Network,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrains,
    Uniform,
)
from simcore.simulator import Simulator

pytestmark = pytest.mark.filterwarnings("ignore")
NETWORK = Network(
    [
        Population("A b", 10, "iaf_psc_exp", {"C_m": np.linspace(200.0, 300.0, 10), "tau_m": 12.0, "I_e": 400.0}),
        Population("P", 3, "iaf_psc_delta"),
        Population("input", 4, source=SpikeTrains([1.0, 2.5, 7.0, 0.1], [0, 3, 3, 2])),
    ],
    [
        Projection("A b", "A b", FixedIndegree(3), Uniform(low=10.0, high=20.0), Uniform(low=0.1, high=2.0)),
        Projection("A b", "P", AllToAll(), -2.0, 0.7),
        Projection("input", "A b", FixedIndegree(2), 30.0, 1.5),
        Projection("input", "A b", FixedIndegree(1), 15.0, 0.4),
    ],
    recorders=[SpikeRecorder()],
)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """The folder of the files; bmtk takes paths that begin with a dot from the working directory."""
    path = write_sonata(tmp_path / "net", NETWORK)
    monkeypatch.chdir(path.parent)
    return path.parent


@pytest.fixture
def read(written):
    """All files of the network, together."""
    files = [sorted(map(str, (written / "network").glob(f"*.{kind}"))) for kind in ("h5", "csv")]
    return File(data_files=files[0], data_type_files=files[1])


def test_nodes_have_their_types(read):
    assert set(read.nodes.population_names) == {"A b", "P", "input"}
    for population in NETWORK.populations:
        nodes = list(read.nodes[population.name])
        assert [int(node.node_id) for node in nodes] == list(range(population.size))
        kind = "virtual" if population.source is not None else "point_neuron"
        assert {node["model_type"] for node in nodes} == {kind}
        if kind == "point_neuron":
            assert {node["model_template"] for node in nodes} == {f"nest:{population.model}"}
    # Parameters of single nodes bmtk 1.2 does not read.
    assert {node["dynamics_params"] for node in read.nodes["A b"]} == {"neurons_0.json"}


def test_edges_have_their_ends_weights_and_delays(read):
    with Simulator(NETWORK, seed=1, threads=1, backend="oracle", precision="float64") as simulator:
        drawn = simulator.edges()
    ours = sorted(zip(drawn.sources, drawn.targets, drawn.weights, drawn.delay_steps, strict=True))
    theirs = []
    for name in read.edges.population_names:
        edges = read.edges[name]
        first = [NETWORK.first_ids[side] for side in (edges.source_population, edges.target_population)]
        for edge in edges:
            ends = first[0] + int(edge.source_node_id), first[1] + int(edge.target_node_id)
            assert edge["model_template"] == "static_synapse"
            theirs.append((*ends, float(edge["syn_weight"]), round(float(edge["delay"]) / 0.1)))
    assert len(theirs) == 10 * 3 + 10 * 3 + 10 * 2 + 10
    np.testing.assert_array_equal(np.array(sorted(theirs)), np.array(ours, dtype=np.float64))


def test_the_edges_of_a_node_are_found_by_the_index(read):
    edges = read.edges["A b_to_A b"]
    everything = [(int(edge.source_node_id), int(edge.target_node_id)) for edge in edges]
    for node in range(10):
        found = [(int(edge.source_node_id), int(edge.target_node_id)) for edge in edges.get_target(node)]
        assert len(found) == 3 and sorted(found) == sorted(pair for pair in everything if pair[1] == node)
        found = [(int(edge.source_node_id), int(edge.target_node_id)) for edge in edges.get_source(node)]
        assert sorted(found) == sorted(pair for pair in everything if pair[0] == node)


def test_spikes_of_virtual_nodes(written):
    spikes = BmtkSpikes.load(str(written / "inputs" / "spikes_2.h5"))
    assert spikes.populations == ["input"] and spikes.units(population="input") == "ms"
    for node, times in ((0, [1.0]), (1, []), (2, [0.1]), (3, [2.5, 7.0])):
        assert sorted(spikes.get_times(node_id=node, population="input")) == times


def test_the_configuration_names_all_files(written):
    read = SonataConfig.from_json(str(written / "simulation_config.json"))
    assert (read.tstop, read.dt) == (1000.0, 0.1)
    assert len(read.nodes) == 3 and len(read.edges) == 4 and len(read.inputs) == 1
    assert read.node_sets["nodes_0"] == {"population": "A b"}
