"""Silenced neurons fire as before, and their spikes reach nobody, whatever list the edges come from."""

import numpy as np
import pytest

from benchnn.record.result import edge_files_part
from simcore.connectivity import explicit
from simcore.errors import InputError
from simcore.network import (
    Column,
    Dc,
    EdgeFiles,
    Explicit,
    FixedIndegree,
    Network,
    Population,
    Projection,
    Silenced,
    SpikeRecorder,
    SurrogateConnectome,
)
from simcore.neuromorphic.mapping.network_digest import network_sha256
from simcore.simulator import Simulator
from simcore.synapses.edges import edges_in_memory

N = 300
COUNTS = (N, 4000, 2700, 14_000, 10_500, 200, 90)
SILENT = [7, 3, 250]


def network(rule, weight, n=N):
    drives = [Dc("N", np.linspace(500.0, 600.0, n))]
    return Network([Population("N", n)], [Projection("N", "N", rule, weight, 1.5)], drives, [SpikeRecorder()])


def spikes(described, **options):
    with Simulator(described, seed=1, **options) as simulator:
        simulator.run(60.0)
        found = simulator.spikes()
        return found.stamps.tolist(), found.ids.tolist(), simulator.n_synapses


@pytest.fixture(params=["surrogate", "files"])
def listing(request, tmp_path):
    """A list of edges, its column, and what stands in it."""
    rule, weight = SurrogateConnectome(*COUNTS), Column("contacts", 3.0)
    (block,) = rule.blocks((weight,))
    edges = block.sources, block.targets, block.values[weight]
    if request.param == "files":
        path = tmp_path / "edges.npz"
        np.savez(path, source=edges[0], target=edges[1], contacts=edges[2] / 3.0)
        rule = EdgeFiles(path)
    return rule, weight, edges


@pytest.mark.parametrize("options", [{"backend": "oracle"}, {"threads": 2}, {"threads": 3, "delivery": "by_source"}])
def test_it_is_the_network_with_weights_of_zero(listing, options):
    rule, weight, (sources, targets, weights) = listing
    zero = np.where(np.isin(sources, SILENT), 0.0, weights)
    stamps, ids, synapses = spikes(network(Silenced(rule, SILENT), weight), **options)
    assert (stamps, ids) == spikes(network(Explicit(sources, targets), zero), backend="oracle")[:2]
    assert (stamps, ids) != spikes(network(rule, weight), backend="oracle")[:2]
    assert synapses == np.count_nonzero(~np.isin(sources, SILENT))
    assert set(SILENT) <= set(ids)


def test_nobody_silenced_is_the_network_itself(listing):
    rule, weight, _ = listing
    assert spikes(network(Silenced(rule, []), weight)) == spikes(network(rule, weight))


def test_edges_in_memory_are_the_same(listing):
    rule, weight, _ = listing
    for described in (network(rule, weight), network(Silenced(rule, SILENT), weight)):
        whole = edges_in_memory(described)
        assert isinstance(whole.projections[0].rule, Explicit)
        assert spikes(whole) == spikes(described)


def test_the_digest_of_a_network_knows_who_is_silenced(listing):
    rule, weight, _ = listing
    rules = (rule, Silenced(rule, [3]), Silenced(rule, [4]), Silenced(rule, [3, 4]))
    assert len({network_sha256(network(other, weight)) for other in rules}) == 4
    assert network_sha256(network(Silenced(rule, [4, 3]), weight)) == network_sha256(network(rules[3], weight))


def test_the_record_names_the_files(tmp_path):
    np.savez(tmp_path / "edges.npz", source=[0, 1], target=[1, 0], weight=[30.0, 50.0])
    rule = Silenced(EdgeFiles(tmp_path / "edges.npz"), [0])
    assert [part["file"] for part in edge_files_part(network(rule, Column("weight"), 2))] == ["edges.npz"]


@pytest.mark.parametrize(
    ("rule", "sources", "message"),
    [
        (Explicit([0], [1]), [300], r"rule.sources = 300 .*\[0, 299\]"),
        (Explicit([0], [1]), [-1], r"rule.sources = -1"),
        (Explicit([0], [1]), [1, 1], "silenced.sources = .*without duplicates"),
        (Explicit([0], [1]), [0.5], "silenced.sources = .*integer neuron ids without duplicates"),
        (FixedIndegree(3), [1], "silenced.rule = .*list"),
    ],
)
def test_wrong_neurons_and_rules_are_refused(rule, sources, message):
    with pytest.raises(InputError, match=message):
        network(Silenced(rule, sources), 1.0)


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="the only column of surrogate_connectome is 'contacts'"):
        network(Silenced(SurrogateConnectome(*COUNTS), [1]), Column("weight"))


def test_weights_of_the_edges_that_are_left_follow_them_from_block_to_block(monkeypatch):
    monkeypatch.setattr(explicit, "BLOCK", 100)
    chance = np.random.default_rng(1)
    sources, targets = chance.integers(0, N, (2, 2500))
    left = ~np.isin(sources, SILENT)
    weights = chance.integers(-200, 200, np.count_nonzero(left)).astype(float)
    silenced = network(Silenced(Explicit(sources, targets), SILENT), weights)
    assert spikes(silenced, threads=1) == spikes(network(Explicit(sources[left], targets[left]), weights), threads=1)
