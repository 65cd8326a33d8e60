"""Populations with a source: their spikes are those that are given, the same on every backend and layout."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.comm.dry_run import DryRunCommunicator
from simcore.errors import InputError
from simcore.network import (
    AllToAll,
    BernoulliTrains,
    FixedIndegree,
    InhomogeneousPoissonTrains,
    Network,
    OneToOne,
    Poisson,
    PoissonTrains,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrains,
    Uniform,
)
from simcore.simulator import Simulator

N = 37
LAYOUTS = [("oracle", 1), ("gpu", 1), *(("cpu", threads) for threads in (1, 2, 3, 4, 5))]


def drawn(seed=3):
    """A source of every kind for `N` neurons."""
    random = np.random.default_rng(seed)
    return {
        "T": SpikeTrains(random.integers(1, 400, 600) / 10.0, random.integers(0, N, 600)),
        "P": PoissonTrains(random.uniform(0.0, 20_000.0, N), start_ms=1.0, stop_ms=25.0),
        "B": BernoulliTrains(random.uniform(0.0, 2000.0, N)),
        "I": InhomogeneousPoissonTrains([0.0, 3.3, 27.0], random.uniform(0.0, 9000.0, (3, N))),
        "O": InhomogeneousPoissonTrains([2.0, 30.0], [100.0, 900.0]),
    }


def network(sources, drives=(), size=N):
    """Sources that all reach the neurons of E, one of them with inhibition too."""
    populations = [Population("E", 50), *(Population(name, size, source=source) for name, source in sources.items())]
    projections = [
        Projection(name, "E", FixedIndegree(5), 40.0, Uniform(low=0.1, high=2.0)) for name in sources if name != "E"
    ]
    projections += [Projection("B", "E", FixedIndegree(4), -60.0, 0.5)] if "B" in sources else []
    return Network(populations, projections, drives, [SpikeRecorder()])


def sent(described, ms, population="S", backend="cpu", threads=1, **options):
    """Stamp and local id of each spike of a population, in order."""
    with Simulator(described, backend=backend, threads=threads, **options) as simulator:
        simulator.run(ms)
        spikes = simulator.spikes()
    times, ids = spikes.of(population)
    return list(zip(np.rint(times * 10.0).astype(int).tolist(), ids.tolist(), strict=True))


def results(described, layout, changes=()):
    backend, threads = layout
    with Simulator(described, seed=9, backend=backend, threads=threads, precision="float64") as simulator:
        found = [(simulator.run(20.0), simulator.network_digest)]
        for population, values, ids in changes:
            simulator.set_parameters(population, values, ids)
            found.append((simulator.run(20.0), simulator.network_digest))
    return [(run.spike_digest, run.spikes, run.synaptic_events, digest) for run, digest in found]


# Without the first, no neuron sends several spikes in a step, and spikes have 32 bits.
@pytest.mark.parametrize("left_out", [(), ("P", "I", "O", "T")])
def test_one_digest_on_all_backends_and_threads_with_changes_between_calls(left_out):
    described = network({name: source for name, source in drawn().items() if name not in left_out})
    changes = [("B", {"rate_hz": np.linspace(500.0, 0.0, N)}, None), ("B", {"rate_hz": [4000.0, 0.0]}, [7, 3])]
    if not left_out:
        other = drawn(4)
        changes += [
            ("T", {"times_ms": other["T"].times_ms + 60.0, "ids": other["T"].ids}, None),
            ("I", {"times_ms": [0.0, 90.0], "rates_hz": [50.0, 9000.0]}, None),
            ("P", {"rate_hz": 900.0, "start_ms": 0.0, "stop_ms": math.inf}, None),
        ]
    assert described.relays == (not left_out)
    expected = results(described, LAYOUTS[0], changes)
    assert len({found[0] for found in expected}) == len({found[3] for found in expected}) == 1 + len(changes)
    assert all(expected[0][1][population.name] > 0 for population in described.populations[1:])
    for layout in LAYOUTS[1:]:
        assert results(described, layout, changes) == expected, layout


def test_golden_digests():
    """A change of them changes what a seed means."""
    found = results(network(drawn()), ("cpu", 2))[0]
    assert (found[0], found[3]) == (
        "07c3ebd077ca889365ffef10c476f1f6",
        "8ad0e157f653b1d9b51e67ef2830dd0a",
    )


@pytest.mark.parametrize(("backend", "threads"), LAYOUTS)
def test_listed_spikes_are_sent_with_their_stamps(backend, threads):
    random = np.random.default_rng(1)
    stamps, ids = random.integers(1, 100, 400), random.integers(0, N, 400)
    trains = SpikeTrains(stamps / 10.0, ids)
    assert trains.most_per_step > 1
    expected = sorted(zip(stamps.tolist(), ids.tolist(), strict=True))
    described = Network([Population("S", N, source=trains)], recorders=[SpikeRecorder()])
    assert sent(described, 10.0, backend=backend, threads=threads) == expected


trains_of_neurons = st.lists(st.lists(st.integers(1, 60), max_size=8), min_size=1, max_size=12)


@settings(max_examples=15, deadline=None)
@given(trains_of_neurons, st.integers(1, 59), st.integers(1, 3))
def test_any_trains_come_out_as_they_went_in_also_after_a_restart(trains, stop, threads):
    given_ms = [[stamp / 10.0 for stamp in train] for train in trains]
    described = Network(
        [Population("S", len(trains), source=SpikeTrains.by_neuron(given_ms)), Population("R", len(trains))],
        [Projection("S", "R", OneToOne(), 1.0, 0.7)],
        recorders=[SpikeRecorder()],
    )
    expected = sorted((stamp, neuron) for neuron, train in enumerate(trains) for stamp in train)
    assert sent(described, 6.0, backend="oracle") == expected
    with Simulator(described, threads=threads) as simulator:
        simulator.run(stop / 10.0)
        snapshot = simulator.snapshot()
    with Simulator(described, backend="oracle") as simulator:
        simulator.restore(snapshot)
        simulator.run(6.0 - stop / 10.0)
        times, ids = simulator.spikes().of("S")
    found = list(zip(np.rint(times * 10.0).astype(int).tolist(), ids.tolist(), strict=True))
    assert found == [spike for spike in expected if spike[0] > stop]


@pytest.mark.parametrize("resumed", LAYOUTS)
def test_a_restart_on_any_layout_goes_on_to_the_same_spikes(resumed):
    described = network(drawn())
    with Simulator(described, seed=9, threads=3) as simulator:
        simulator.run(13.7)
        snapshot = simulator.snapshot()
        expected = simulator.run(11.1)
    with Simulator(described, seed=9, backend=resumed[0], threads=resumed[1]) as simulator:
        simulator.restore(snapshot)
        found = simulator.run(11.1)
    assert (found.spike_digest, found.spikes) == (expected.spike_digest, expected.spikes)


def test_a_snapshot_of_other_trains_is_refused():
    described = network(drawn())
    with Simulator(described, seed=9) as simulator:
        snapshot = simulator.snapshot()
        simulator.set_parameters("B", {"rate_hz": 1.0}, [0])
        with pytest.raises(InputError, match="network_digest"):
            simulator.restore(snapshot)


def test_a_change_before_the_first_step_is_another_description():
    other = drawn(8)
    with Simulator(network(drawn()), seed=9) as simulator:
        simulator.set_parameters("T", {"times_ms": other["T"].times_ms, "ids": other["T"].ids})
        simulator.set_parameters("B", {"rate_hz": other["B"].rate_hz})
        found = simulator.run(20.0).spike_digest, simulator.network_digest
    with Simulator(network(drawn() | {"T": other["T"], "B": other["B"]}), seed=9) as simulator:
        assert found == (simulator.run(20.0).spike_digest, simulator.network_digest)


def test_rates_from_zero_on_can_be_set_later():
    described = network({"P": PoissonTrains(0.0)})
    with Simulator(described) as simulator:
        assert simulator.run(20.0).spikes["P"] == 0
        simulator.set_parameters("P", {"rate_hz": 5000.0})
        assert simulator.run(20.0).spikes["P"] > 1000


def test_a_source_draws_the_same_whatever_drives_there_are():
    sources = {"P": drawn()["P"]}
    plain = sent(network(sources), 20.0, "P")
    assert plain == sent(network(sources, [Poisson("E", 8000.0, 20.0), Poisson("E", 80.0, -20.0)]), 20.0, "P")


def test_spikes_of_windows_and_of_rates_that_change_have_the_stamps_of_drives():
    busy = 1e5
    windowed = network({"S": PoissonTrains(busy, start_ms=1.0, stop_ms=2.0)})
    changing = network({"S": InhomogeneousPoissonTrains([1.0, 2.0], [busy, 0.0])})
    for described in (windowed, changing):
        stamps = {stamp for stamp, _ in sent(described, 5.0)}
        assert stamps == set(range(11, 21))
    assert sent(windowed, 5.0) == sent(changing, 5.0)


def test_a_certain_bernoulli_train_fires_in_every_step():
    described = Network([Population("S", 3, source=BernoulliTrains([1e4, 0.0, 1e4]))], recorders=[SpikeRecorder()])
    assert sent(described, 1.0) == [(stamp, neuron) for stamp in range(1, 11) for neuron in (0, 2)]


@pytest.mark.parametrize("backend", ["cpu", "gpu"])
def test_a_rank_of_a_dry_run_has_its_share_of_the_spikes(backend):
    described = Network(
        [Population("T", N, source=drawn()["T"]), Population("P", N, source=drawn()["P"])], recorders=[SpikeRecorder()]
    )
    rank = DryRunCommunicator(1, 3, [1.0, 1.0])
    for population, first in described.first_ids.items():
        whole = sent(described, 10.0, population, "oracle")
        found = sent(described, 10.0, population, backend, comm=rank)
        assert found == [spike for spike in whole if (first + spike[1]) % 3 == 1]


def test_times_of_a_finer_grid_are_rounded_up():
    fine = SpikeTrains([0.01, 0.1, 0.3, 0.31, 7.0], [0, 0, 1, 1, 0])
    assert fine.on_grid(0.1).times_ms.tolist() == [0.1, 0.1, 7.0, 0.3, 0.4]
    assert SpikeTrains([0.3], [0]).on_grid(0.1).times_ms.tolist() == [0.3]


def with_source(source, size=3, **parts):
    return lambda: Network([Population("S", size, source=source)], **parts)


WRONG = [
    (with_source("trains"), r"population S.source = 'trains'.*simcore.sources"),
    (lambda: Population("S", 3, "izhikevich", source=PoissonTrains(1.0)), r"S.model = 'izhikevich'.*another neuron"),
    (with_source(PoissonTrains([1.0, 2.0])), r"len\(population S.source.rate_hz\) = 2 .* must be 3"),
    (with_source(PoissonTrains(-1.0)), r"S.source.rate_hz = -1.0 .*\[0, "),
    (with_source(PoissonTrains([1.0, math.nan, 2.0])), r"S.source.rate_hz .* finite"),
    (with_source(PoissonTrains(np.ones((3, 3)))), r"S.source.rate_hz .* one dimension"),
    (with_source(PoissonTrains(1.0, start_ms=0.05)), r"S.source.start_ms = 0.05 .* multiple"),
    (with_source(PoissonTrains(1.0, 5.0, 2.0)), r"S.source.stop_ms = 2.0 .* >= 5.0"),
    (with_source(PoissonTrains("fast")), r"S.source.rate_hz = 'fast' .*one finite number"),
    (with_source(BernoulliTrains(10_001.0)), r"S.source.rate_hz = 10001.0 .*\[0, 10000\] 1/s \(1 event per step\)"),
    (with_source(InhomogeneousPoissonTrains([0.0], [[1.0, 2.0]])), r"len\(.*rates_hz\) = 2 .* must be 3"),
    (with_source(InhomogeneousPoissonTrains([0.0, 1.0], [[1.0, 2.0, 3.0]])), r"len\(.*rates_hz\) = 1 .*times, 2"),
    (with_source(InhomogeneousPoissonTrains([1.0, 0.5], [1.0, 2.0])), r"times_ms = 0.5 .*later"),
    (with_source(SpikeTrains([1.0], [3])), r"S.source.ids = 3 .*\[0, 2\]"),
    (with_source(SpikeTrains([1.0], [-1])), r"S.source.ids = -1 .*\[0, 2\]"),
    (with_source(SpikeTrains([0.0], [1])), r"S.source.times_ms = 0.0 .*at least one step"),
    (with_source(SpikeTrains([1.05], [1])), r"S.source.times_ms = 1.05 .*multiple .*on_grid"),
    (lambda: SpikeTrains([1.0, 2.0], [1]), r"len\(ids\) = 1 .*number of times, 2"),
    (lambda: SpikeTrains([1.0], [1.0]), r"ids = 'float64' .*integers"),
    (lambda: SpikeTrains([math.nan], [1]), r"times_ms = nan .*number"),
    (lambda: SpikeTrains([1e12], [1]), r"times_ms = 1000000000000.0 .*at most"),
    (lambda: SpikeTrains([[1.0]], [[1]]), r"times_ms\.shape = \(1, 1\)"),
    (lambda: SpikeTrains([1.0, 1.0], [2, 2], most_per_step=1), r"most_per_step = 1 .*at least 2"),
    (lambda: SpikeTrains.by_neuron([[1.0], ["a"]]), r"trains\[1\]"),
    (
        lambda: network({"S": PoissonTrains(1.0)}, [Poisson("S", 1.0, 1.0)]),
        r"drive poisson->S.target = 'S' .*cannot receive spikes",
    ),
    (
        lambda: Network(
            [Population("E", 2), Population("S", 3, source=PoissonTrains(1.0))],
            [Projection("E", "S", AllToAll(), 1.0)],
        ),
        r"projection E->S.target = 'S' .*cannot receive spikes",
    ),
]


@pytest.mark.parametrize(("make", "message"), WRONG)
def test_what_is_wrong_is_refused_with_field_and_value(make, message):
    with pytest.raises(InputError, match=message):
        make()


CHANGES = [
    ({"rate": 1.0}, None, r"population P.source = 'rate' .*rate_hz, start_ms, stop_ms"),
    ({"rate_hz": [1.0, 2.0]}, None, r"len\(population P.source.rate_hz\) = 2"),
    ({"rate_hz": [1.0, 2.0]}, [1], r"len\(population P.source.rate_hz\) = 2 .* must be 1"),
    ({"start_ms": 5.0}, [1], r"P.source.start_ms .*all neurons"),
    ({"rate_hz": 1e6}, None, r"P.source is not allowed: a neuron of P can then send \d+ spikes in a step.*at most \d+"),
]


@pytest.mark.parametrize(("values", "ids", "message"), CHANGES)
def test_a_wrong_change_is_refused_and_changes_nothing(values, ids, message):
    with Simulator(network(drawn()), seed=9) as simulator:
        before = simulator.network_digest
        with pytest.raises(InputError, match=message):
            simulator.set_parameters("P", values, ids)
        assert simulator.network_digest == before


def test_trains_change_together_and_within_their_multiplicity():
    described = network({"T": SpikeTrains([1.0], [0])})
    with Simulator(described) as simulator:
        with pytest.raises(InputError, match=r"times_ms and ids .* together"):
            simulator.set_parameters("T", {"times_ms": [1.0]})
        with pytest.raises(InputError, match="most_per_step = 1"):
            simulator.set_parameters("T", {"times_ms": [1.0, 1.0], "ids": [0, 0]})


@pytest.mark.parametrize("backend", ["oracle", "cpu"])
def test_trains_may_change_to_as_many_equal_times_as_was_said(backend):
    described = network({"T": SpikeTrains([1.0], [0], most_per_step=300)})
    with Simulator(described, backend=backend, threads=1) as simulator:
        simulator.set_parameters("T", {"times_ms": [1.0] * 300, "ids": [0] * 300})
        result = simulator.run(5.0)
    assert result.spikes["T"] == 300 and result.synaptic_events % 300 == 0
