"""A network whose edges were written to a file and are read from it is the same network."""

from dataclasses import replace

import numpy as np
import pytest

from simcore.errors import InputError
from simcore.network import (
    AllToAll,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    Network,
    Normal,
    OneToOne,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    Uniform,
)
from simcore.simulator import Simulator
from simcore.synapses.edge_files import read_projections, write_edges

N = 40
CHANCE = np.random.default_rng(5)
RULES = {
    "fixed_total_number": FixedTotalNumber(300),
    "fixed_indegree": FixedIndegree(6, allow_autapses=False),
    "fixed_outdegree": FixedOutdegree(5, allow_multapses=False),
    "pairwise_bernoulli": PairwiseBernoulli(0.1),
    "all_to_all": AllToAll(allow_autapses=False),
    "one_to_one": OneToOne(),
    "explicit": Explicit(*CHANCE.integers(0, N, (2, 200))),
    "no edges": FixedIndegree(0),
}
FEW = RULES["fixed_indegree"]
SUFFIXES = (".npz", ".csv", ".csv.gz", ".h5", ".parquet")


def network(rule, weight, delay):
    populations = [Population("E", N), Population("I", N, "iaf_psc_alpha")]
    return Network(
        populations,
        [
            Projection("E", "I", rule, weight, delay),
            Projection("E", "E", rule, weight, delay),
            Projection("I", "E", FixedIndegree(4), -200.7, 0.7),
        ],
        [Poisson("E", 9000.0, 87.0, 1.0), Poisson("I", 9000.0, 40.0, 1.0)],
        [SpikeRecorder()],
    )


def digests(described, **options):
    """Of spikes, network and synapses."""
    with Simulator(described, **{"threads": 2, **options}) as simulator:
        spikes = simulator.run(60.0)
        assert sum(spikes.spikes.values()) > 50
        return spikes.spike_digest, simulator.network_digest, simulator.synapse_digest


@pytest.mark.parametrize("name", RULES)
def test_every_rule_comes_back_with_its_digests(tmp_path, name):
    described = network(RULES[name], 90.3, 1.5)
    expected = digests(described)
    for suffix in (".npz", ".h5") if name != "fixed_indegree" else SUFFIXES:
        path = tmp_path / f"edges{suffix}"
        write_edges(path, described)
        assert digests(replace(described, projections=read_projections(path))) == expected, suffix
    if name == "explicit":
        again = replace(described, projections=read_projections(path))
        assert digests(again, backend="oracle") == digests(again, backend="gpu") == expected


@pytest.mark.parametrize(("rule", "n"), [(AllToAll(), N * N), (OneToOne(), N), (RULES["explicit"], 200)])
def test_arrays_of_values_come_back_with_their_digests(tmp_path, rule, n):
    weights, delays = CHANCE.normal(50.0, 60.0, n), CHANCE.uniform(0.1, 4.0, n)
    described = network(rule, weights, delays)
    path = tmp_path / "edges.parquet"
    write_edges(path, described)
    assert digests(replace(described, projections=read_projections(path))) == digests(described)


@pytest.mark.parametrize("name", [name for name in RULES if name != "no edges"])
@pytest.mark.parametrize("bits", [16, 32])
def test_drawn_values_come_back_with_spikes_and_synapses(tmp_path, name, bits):
    """The grid of the weights is that of the distribution, not of the largest weight that was drawn."""
    # Up to 133 pA, which has a coarser grid than the weights below 128 that are drawn.
    described = network(RULES[name], Normal(mean=90.0, std=10.0), Uniform(low=0.5, high=3.0))
    expected = digests(described, weight_bits=bits)
    for suffix in (".csv", ".parquet"):
        path = tmp_path / f"edges{suffix}"
        write_edges(path, described, weight_bits=bits)
        spikes, _, synapses = digests(replace(described, projections=read_projections(path)), weight_bits=bits)
        assert (spikes, synapses) == (expected[0], expected[2])


def test_relaying_neurons_come_back(tmp_path):
    populations = [Population("R", 5, "parrot_neuron"), Population("E", 20)]
    projections = [Projection("R", "R", OneToOne(), 20.0, 0.3), Projection("R", "E", AllToAll(), 900.0, 0.5)]
    described = Network(populations, projections, [SpikeTrain("R", [1.0, 2.0, 2.0], 1.0, 1.0)], [SpikeRecorder()])
    write_edges(tmp_path / "edges.h5", described)
    again = replace(described, projections=read_projections(tmp_path / "edges.h5"))
    found = []
    for one in (described, again):
        with Simulator(one, threads=1) as simulator:
            found.append((simulator.run(20.0).spike_digest, simulator.network_digest))
    assert found[0] == found[1]


@pytest.mark.parametrize("suffix", [".csv", ".h5"])
def test_receptors_come_back(tmp_path, suffix):
    populations = [Population("M", 30, "iaf_psc_exp_multisynapse", {"tau_syn": [1.0, 9.0, 30.0], "I_e": 500.0})]
    weights = [50.0, Normal(mean=-20.0, std=5.0), np.linspace(-3.0, 5.0, 30)]
    rules = [FixedIndegree(3), FixedTotalNumber(90), OneToOne()]
    projections = [
        Projection("M", "M", rule, weight, 0.5, str(k + 1))
        for k, (rule, weight) in enumerate(zip(rules, weights, strict=True))
    ]
    described = Network(populations, projections, (), [SpikeRecorder()])
    path = tmp_path / f"edges{suffix}"
    write_edges(path, described)
    spikes, _, synapses = digests(replace(described, projections=read_projections(path)))
    expected = digests(described)
    assert (spikes, synapses) == (expected[0], expected[2])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_equal_edges_are_equal_bytes(tmp_path, suffix):
    described = network(FixedTotalNumber(50), Normal(mean=90.0, std=20.0), 1.5)
    contents = []
    for name in ("a", "b"):
        written = write_edges(tmp_path / f"{name}{suffix}", described)
        assert (written.edges, written.projections) == (260, 3)
        contents.append((tmp_path / f"{name}{suffix}").read_bytes())
    assert contents[0] == contents[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a{suffix}", f"b{suffix}"]


def test_columns_are_ids_within_populations_and_values_with_units(tmp_path):
    path = tmp_path / "edges.npz"
    write_edges(path, network(Explicit([3, 0], [1, 39]), [90.25, -80.5], [1.5, 0.25]))
    with np.load(path) as file:
        assert file["projection"][:5].tolist() == [0, 0, 1, 1, 2]
        assert file["source"][:4].tolist() == [3, 0, 3, 0] and file["target"][:4].tolist() == [1, 39, 1, 39]
        assert file["weight"][2:4] == pytest.approx([90.25, -80.5], abs=0.01)
        assert file["delay_ms"][:2].tolist() == [1.5, 0.3]


def test_wrong_arguments_leave_nothing(tmp_path):
    described = network(FixedIndegree(2), 90.0, 1.0)
    for path, options, message in (
        ("a.txt", {}, "must end in"),
        ("none/a.h5", {}, "No such file"),
        ("a.h5", {"seed": -1}, "seed = -1"),
        ("a.h5", {"weight_bits": 7}, "weight_bits = 7"),
    ):
        with pytest.raises(InputError, match=message):
            write_edges(tmp_path / path, described, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_the_synapse_digest_is_that_of_what_is_drawn():
    """Equal on all backends, layouts and threads; other weights, delays, receptors, units and ends change it."""
    model = "iaf_psc_exp_multisynapse"
    populations = [Population("M", 30, model, {"tau_syn": [1.0, 9.0, 30.0], "I_e": 300.0}), Population("E", 20)]

    def digest(receptor="2", weight=30.0, delay=0.5, rule=FEW, seed=1, step=0.1, rate=1.0, **options):
        both_signs = Projection("M", "E", rule, Normal(mean=20.0, std=30.0), 2.0 * delay)
        drawn = [Projection("M", "M", rule, weight, delay, receptor), both_signs]
        one = Network(populations, drawn, [Poisson("E", rate, 1.0)], resolution_ms=step)
        with Simulator(one, **{"threads": 1, "seed": seed, "weight_bits": 32, **options}) as simulator:
            return simulator.synapse_digest, simulator.network_digest

    synapses, network = digest()
    for options in ({"backend": "oracle"}, {"backend": "gpu"}, {"threads": 3}, {"delivery": "by_source"}):
        assert digest(**options) == (synapses, network)
    (same, other) = digest(rate=2.0)
    assert same == synapses and other != network
    listed = Explicit(np.arange(30), np.arange(30) % 20)
    changed = [{"receptor": "3"}, {"weight": 31.0}, {"weight": 60.0}, {"delay": 0.6}, {"seed": 2}, {"rule": listed}]
    found = [digest(**options)[0] for options in changed]
    # Twice the weight is the same integer in another unit, as are as many longer steps.
    found += [digest(step=0.25, delay=1.25)[0]]
    assert len({synapses, *found}) == 1 + len(found)
