"""Selections of neurons: what they mean, and that every argument which takes them acts on these neurons alone."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore import (
    AllToAll,
    Dc,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    Network,
    Noise,
    Normal,
    OneToOne,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    Selection,
    Simulator,
    SpikeRecorder,
    SpikeTrain,
    StepCurrent,
    TraceRecorder,
    Uniform,
)
from simcore.backends.cpu.state import SEGMENT_NEURONS
from simcore.errors import InputError
from simcore.placement import Placement
from simcore.selection import selected

E, I = Population("E", 80), Population("I", 20)  # noqa: E741 - the field's names
MASK = np.isin(np.arange(80), [3, 5, 6, 40])


@given(st.data())
def test_a_selection_means_what_numpy_means(data):
    ids = np.arange(80)
    whole = slice(*data.draw(st.tuples(*[st.none() | st.integers(-90, 90)] * 2)), data.draw(st.integers(1, 9)))
    listed = sorted(data.draw(st.sets(st.integers(0, 79), min_size=1, max_size=9)))
    for key in (whole, listed, np.array(listed), np.isin(ids, listed), np.isin(ids, listed).tolist(), listed[0]):
        expected = np.atleast_1d(ids[key])
        if len(expected):
            np.testing.assert_array_equal(E[key].array, expected)
            assert len(E[key]) == len(expected) and list(E[key]) == expected.tolist()
            inner = E[key][:: max(1, len(expected) // 2)]
            np.testing.assert_array_equal(inner.array, expected[:: max(1, len(expected) // 2)])
    other = E[data.draw(st.integers(0, 79))]
    np.testing.assert_array_equal((E[listed] | other).array, np.union1d(listed, other.array))


def test_arithmetic_ids_are_ranges_and_need_no_memory():
    assert [E[10:20].ids, E[::3].ids, E[[1, 5, 9]].ids, E[7].ids, (E[:9] | E[9:12]).ids] == [
        range(10, 20), range(0, 79, 3), range(1, 10, 4), range(7, 8), range(12)
    ]  # fmt: skip
    assert isinstance(Population("A", 2**31 - 1)[:].ids, range)


def test_a_selection_is_the_name_of_its_population():
    chosen = E[10:20]
    assert isinstance(chosen, str) and chosen == "E" and {"E": 1}[chosen] == 1 and f"{chosen}" == "E"
    assert repr(chosen) == "E[10:20]" and repr(E[MASK]) == "E[4 of 80 neurons]" and repr(E[::40]) == "E[0:41:40]"
    again = pickle.loads(pickle.dumps(E[MASK]))  # noqa: S301
    assert isinstance(again, Selection) and list(again) == [3, 5, 6, 40] and again.size == 80
    assert selected("E") is None and selected(E[:]) is None and selected(chosen) is chosen
    with pytest.raises(AttributeError, match="cannot change"):
        chosen.size = 3


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (80, r"positions in \[0, 79\]"),
        (-81, r"positions in \[0, 79\]"),
        ([3, 3], "without duplicates"),
        ([5, 3], "use ascending ids"),
        (slice(None, None, -1), "use ascending ids"),
        (slice(5, 5), "select at least one neuron"),
        ([], "select at least one neuron"),
        (slice("a", None), "use integers"),
        (slice(0, 9, 0), "must not be 0"),
        (slice(0.5, 3), "use integers"),
        (np.ones(79, bool), "80 entries"),
        ([True, False], "80 entries"),
        ([1.5], "positions in"),
        ("a", "positions in"),
        (None, "positions in"),
        (np.ones((2, 2), int), "positions in"),
        (object(), "positions in"),
        (2**70, "positions in"),
    ],
)
def test_keys_that_mean_nothing_are_refused(key, words):
    with pytest.raises(InputError, match=words):
        E[key]


def test_selections_of_other_populations_do_not_join():
    with pytest.raises(InputError, match="use a selection of E"):
        E[:3] | I[:3]
    with pytest.raises(InputError, match="use a selection of E"):
        E[:3] | "E"


def test_a_network_gives_its_populations():
    network = Network([E, I])
    assert network["E"] is E and list(network["I"][5:7]) == [5, 6]
    with pytest.raises(InputError, match="use one of E, I"):
        network["X"]
    with pytest.raises(TypeError, match="not iterable"):
        list(E)


def everything():
    """Every rule between ranges, every k-th, masks and unions; drives of some neurons."""
    projections = [
        Projection(E[10:20], "I", FixedIndegree(5), 20.0, 1.5),
        Projection(E[::3], E[40:60], PairwiseBernoulli(0.3), Normal(mean=15.0, std=2.0), 1.0),
        Projection(I[MASK[:20]], E[::2], AllToAll(), np.linspace(-40.0, -20.0, 120), 2.0),
        Projection("I", E[5:9], FixedOutdegree(3), -20.0, Uniform(low=0.5, high=3.0)),
        Projection(E[0:10], E[0:10], FixedTotalNumber(40, allow_autapses=False), 30.0),
        Projection(E[::5], E[::5], AllToAll(allow_autapses=False), 30.0),
        Projection(E[1:4] | E[50:53], I[7:13], OneToOne(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        Projection(E[70:], I[::7], Explicit([0, 9, 9], [0, 1, 2]), [50.0, -60.0, 70.0], [1.0, 2.0, 3.0]),
    ]
    acting = [
        Poisson(E[:40], 8000.0, 60.0),
        Poisson(E[MASK], 5000.0, -30.0),
        SpikeTrain(I[::2], [5.0, 7.0], 1500.0),
        Dc(E[41:45], 600.0),
        Noise(E[::3], 300.0, 900.0, interval_ms=0.5, start_ms=2.0),
        StepCurrent(E[20:25] | E[60:62], [3.0, 30.0], [500.0, -50.0]),
        StepCurrent(I[2], [3.0], [700.0]),
    ]
    recorders = [SpikeRecorder(), TraceRecorder(E[:3]), TraceRecorder(I[::9], variables=("V_m", "I_syn_ex"))]
    return Network([E, I], projections, acting, recorders)


LAYOUTS = [
    ("oracle", "auto", 1),
    ("gpu", "auto", 1),
    *(("cpu", kind, n) for kind in ("just_in_time", "by_source", "calendar") for n in (1, 3)),
]


def digests(network, backend, delivery, threads):
    with Simulator(network, seed=3, backend=backend, delivery=delivery, threads=threads) as simulator:
        result = simulator.run(60.0)
        return simulator.network_digest, result.spike_digest, simulator.n_synapses, sum(result.spikes.values())


@pytest.fixture(scope="module")
def expected():
    found = digests(everything(), "oracle", "auto", 1)
    assert found[3] > 100
    return found


@pytest.mark.parametrize(("backend", "delivery", "threads"), LAYOUTS[1:])
def test_one_digest_on_all_layouts(expected, backend, delivery, threads):
    assert digests(everything(), backend, delivery, threads) == expected


def test_a_network_without_selections_keeps_its_digest():
    """The whole population as a selection is the population."""
    plain = Network([E, I], [Projection("E", "I", FixedIndegree(5), 20.0)], [Poisson("E", 9000.0, 60.0)])
    chosen = Network([E, I], [Projection(E[:], I[::1], FixedIndegree(5), 20.0)], [Poisson(E[:], 9000.0, 60.0)])
    assert digests(plain, "oracle", "auto", 1) == digests(chosen, "oracle", "auto", 1)


def test_drives_of_other_neurons_are_another_network():
    one, other = (Network([E], drives=[Poisson(chosen, 9000.0, 60.0)]) for chosen in (E[:40], E[1:41]))
    assert digests(one, "oracle", "auto", 1)[0] != digests(other, "oracle", "auto", 1)[0]


RULES = [
    FixedIndegree(3),
    FixedOutdegree(3),
    FixedTotalNumber(30),
    PairwiseBernoulli(0.4),
    AllToAll(),
    FixedIndegree(3, allow_multapses=False),
]
SIDES = [(E[10:20], I[5:]), (E[::4], I[5:]), (E[10:20], I[::3]), (E[MASK], I[[1, 5, 6]]), ("E", I[::3]), (E[::4], "I")]


def local(edges):
    return edges.sources, edges.targets - 80


@pytest.mark.parametrize("sides", SIDES, ids=repr)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_edges_lie_within_the_selections_and_follow_the_rule(rule, sides):
    source, target = (np.arange(n) if selected(s) is None else s.array for s, n in zip(sides, (80, 20), strict=True))
    with Simulator(Network([E, I], [Projection(*sides, rule, 5.0)]), backend="oracle") as simulator:
        sources, targets = local(simulator.edges())
        assert len(sources) == simulator.n_synapses > 0
    assert set(sources) <= set(source) and set(targets) <= set(target)
    counts = np.bincount(targets, minlength=20)[target], np.bincount(sources, minlength=80)[source]
    match rule:
        case FixedIndegree():
            assert set(counts[0]) == {3}
            pairs = set(zip(sources.tolist(), targets.tolist(), strict=True))
            assert rule.allow_multapses or len(pairs) == len(sources)
        case FixedOutdegree():
            assert set(counts[1]) == {3}
        case FixedTotalNumber():
            assert len(sources) == 30
        case AllToAll():
            assert len(sources) == len(source) * len(target)
        case PairwiseBernoulli():
            assert abs(len(sources) / (len(source) * len(target)) - 0.4) < 0.3


def test_every_source_is_drawn_equally_often():
    from scipy.stats import chisquare

    network = Network([E, I], [Projection(E[::4], I[::2], FixedIndegree(2000), 0.1)])
    with Simulator(network, backend="oracle", weight_bits=32) as simulator:
        sources, _ = local(simulator.edges())
    assert chisquare(np.bincount(sources, minlength=80)[::4]).pvalue > 1e-4


def test_autapses_are_left_out_between_equal_selections_and_refused_between_overlapping_ones():
    rule = AllToAll(allow_autapses=False)
    for chosen in (E[10:14], E[::20]):
        with Simulator(Network([E], [Projection(chosen, chosen, rule, 1.0)]), backend="oracle") as simulator:
            edges = simulator.edges()
        assert len(edges.sources) == 12 and not np.any(edges.sources == edges.targets)
    apart = Network([E], [Projection(E[:3], E[3:5], rule, 1.0)])
    assert apart.expected_synapses() == 6
    for source, target in ((E[:10], E[:20]), (E[:10], "E"), (E[::2], E[::4])):
        with pytest.raises(InputError, match="use equal selections, or selections without"):
            Network([E], [Projection(source, target, rule, 1.0)])


def test_weights_of_a_list_belong_to_its_edges():
    with Simulator(everything(), backend="oracle", weight_bits=32) as simulator:
        pairs = simulator.edges(E[1:4] | E[50:53], I[7:13])
        listed = simulator.edges(E[79], "I")
    one_to_one = [(1, 7), (2, 8), (3, 9), (50, 10), (51, 11), (52, 12)]
    found = dict(zip(zip(*(side.tolist() for side in local(pairs)), strict=True), pairs.weights, strict=True))
    for weight, pair in enumerate(one_to_one, 1):
        assert found[pair] == pytest.approx(weight, rel=1e-6)
    assert dict(zip(local(listed)[1].tolist(), listed.weights, strict=True)) == pytest.approx(
        {7: -60.0, 14: 70.0}, rel=1e-6
    )


def test_drives_reach_the_selected_neurons_alone():
    drives = [SpikeTrain(I[::2], [5.0], 5000.0), Dc(E[41:45], 600.0), Poisson(E[MASK], 20000.0, 200.0)]
    drives += [StepCurrent(E[50:52], [1.0], [600.0]), Noise(E[70], 600.0, 50.0)]
    for backend, threads in (("oracle", 1), ("cpu", 1), ("cpu", 3)):
        with Simulator(Network([E, I], [], drives, [SpikeRecorder()]), backend=backend, threads=threads) as simulator:
            simulator.run(100.0)
            spikes = simulator.spikes()
        assert set(spikes.of("I")[1]) == set(range(0, 20, 2))
        assert set(spikes.of("E")[1]) == {41, 42, 43, 44, 3, 5, 6, 40, 50, 51, 70}


def test_a_drive_of_some_neurons_brings_each_of_them_what_the_whole_drive_does():
    """The stream belongs to drive and neuron: who else is driven does not matter."""

    def times(target):
        with Simulator(Network([E], [], [Poisson(target, 9000.0, 80.0)], [SpikeRecorder()]), threads=2) as simulator:
            simulator.run(100.0)
            return simulator.spikes()

    whole, some = times("E"), times(E[MASK])
    kept = np.isin(whole.ids, E[MASK].array)
    np.testing.assert_array_equal(whole.ids[kept], some.ids)
    np.testing.assert_array_equal(whole.stamps[kept], some.stamps)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("params", [{}, {"I_e": Uniform(low=0.0, high=90.0)}])
@pytest.mark.parametrize("many", [False, True])
def test_currents_into_selected_neurons_are_those_of_the_whole_population(precision, params, many):
    """The potentials of selected neurons are those of a driven population, of others those of a population without."""
    population = Population("A", 3 * SEGMENT_NEURONS if many else 50, params=params)
    chosen = population[SEGMENT_NEURONS + 1 : SEGMENT_NEURONS + 40 : 3] if many else population[[3, 4, 17]]
    shown = [0, 3, 4, 17, 18, population.size - 1, int(chosen.array[0]), int(chosen.array[0]) + 1]

    def traces(target, backend, threads):
        drives = [] if target is None else [StepCurrent(target, [0.0, 2.0], [200.0, -80.0]), Noise(target, 5.0, 90.0)]
        network = Network([population], [], drives, [TraceRecorder("A", sorted(set(shown)))])
        with Simulator(network, seed=5, threads=threads, backend=backend, precision=precision) as simulator:
            simulator.run(5.0)
            return simulator.traces()

    driven, rest = traces("A", "oracle", 1), traces(None, "oracle", 1)
    for backend, threads in (("oracle", 1), ("cpu", 1), ("cpu", 3), ("gpu", 1)):
        for key, values in traces(chosen, backend, threads).items():
            within = key[1] in chosen.array
            assert np.any(driven[key] != rest[key])
            np.testing.assert_allclose(values, (driven if within else rest)[key], rtol=0, atol=0 if within else 1e-5)


def test_parameters_change_for_the_selected_neurons():
    network = Network([E], drives=[Dc("E", 300.0)], recorders=[SpikeRecorder()])
    with Simulator(network, backend="oracle") as by_name, Simulator(network, backend="oracle") as by_selection:
        by_name.set_parameters("E", {"I_e": [400.0, 500.0]}, [3, 5])
        by_selection.set_parameters(E[[3, 5]], {"I_e": [400.0, 500.0]})
        assert by_name.network_digest == by_selection.network_digest
        assert by_selection.run(100.0).spikes["E"] > 0
        assert set(by_selection.spikes().ids) == {3, 5}
        with pytest.raises(InputError, match="omit it for a selection"):
            by_name.set_parameters(E[:2], {"I_e": 1.0}, [0])


def test_traces_are_those_of_the_selected_neurons():
    with Simulator(everything(), backend="oracle", threads=1) as simulator:
        simulator.run(1.0)
        found = sorted({key[:2] for key in simulator.traces()})
    assert found == [("E", 0), ("E", 1), ("E", 2), ("I", 0), ("I", 9), ("I", 18)]
    with pytest.raises(InputError, match="give ids or use a selection"):
        TraceRecorder("E")
    with pytest.raises(InputError, match="omit it for a selection"):
        TraceRecorder(E[:3], [1])


def test_what_selections_cannot_do_is_refused():
    with pytest.raises(InputError, match=r"E\[10:20\] is not allowed: the selection is from 80 neurons, but E has 30"):
        Network([Population("E", 30)], [Projection(E[10:20], "E", AllToAll(), 1.0)])
    with pytest.raises(InputError, match="must equal the number of sources"):
        Network([E, I], [Projection(E[:3], I[:4], OneToOne(), 1.0)])
    with pytest.raises(InputError, match=r"ids must be in \[0, 2\]"):
        Network([E, I], [Projection(E[:3], "I", Explicit([3], [0]), 1.0)])
    with pytest.raises(InputError, match="fixed_indegree draws its edges"):
        Network([E, I], [Projection(E[::3], "I", FixedIndegree(1), [1.0])])


def test_a_selection_shows_in_the_network():
    shown = repr(everything())
    assert "E[10:20] -> I" in shown and "E[4 of 80 neurons]  Poisson" in shown and "Selected" not in shown


def test_a_checkpoint_of_a_network_with_selections_goes_on():
    with Simulator(everything(), threads=2) as whole:
        whole.run(60.0)
        expected = whole.spikes().stamps[whole.spikes().stamps > 300]
    with Simulator(everything(), threads=1) as before:
        before.run(30.0)
        snapshot = before.snapshot()
    with Simulator(everything(), threads=3) as after:
        after.restore(snapshot)
        after.run(30.0)
        np.testing.assert_array_equal(after.spikes().stamps, expected)


def test_partitions_share_out_a_range(tmp_path):
    """Ranks and threads own disjoint parts of a selection that begins within the population."""
    placement = Placement(100, ranks=2, threads=3)
    parts = [placement.global_ids(partition, 10, 10) for partition in range(placement.n_partitions)]
    assert sorted(np.concatenate(parts).tolist()) == list(range(10, 20))


def test_a_chip_is_given_the_same_edges():
    from simcore.neuromorphic.mapping.in_edges import draw_in_edges

    network = everything()
    with Simulator(network, seed=3, backend="oracle") as simulator:
        edges = simulator.edges()
    mapped = draw_in_edges(network, 3)
    for target, (low, high) in enumerate(zip(mapped.starts[:-1], mapped.starts[1:], strict=True)):
        assert sorted(mapped.sources[low:high]) == sorted(edges.sources[edges.targets == target])
