"""Drives with arrays of rates, weights and currents: one entry for each neuron."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.network import (
    Dc,
    InhomogeneousPoisson,
    Network,
    Noise,
    Poisson,
    Population,
    SpikeRecorder,
    SpikeTrain,
    TraceRecorder,
)
from simcore.simulator import Simulator

N = 50
LAYOUTS = [("gpu", 1), ("cpu", 1), ("cpu", 3), ("cpu", 5)]


def driven(*drives, model="iaf_psc_exp", size=N):
    variables = ("I_syn_ex", "I_syn_in") if model == "iaf_psc_exp" else ()
    traces = [TraceRecorder("E", range(size), variables)] if variables else []
    return Network([Population("E", size, model)], drives=drives, recorders=[SpikeRecorder(), *traces])


def simulated(network, backend="cpu", threads=1, ms=20.0):
    with Simulator(network, seed=4, backend=backend, threads=threads, precision="float64") as simulator:
        result = simulator.run(ms)
        traces = simulator.traces()
        digests = result.spike_digest, simulator.network_digest
    return digests, {key: values.tolist() for key, values in traces.items()}, result.spikes["E"]


def every_drive():
    random = np.random.default_rng(6)
    return (
        Poisson("E", random.uniform(0.0, 9000.0, N), random.normal(20.0, 50.0, N), start_ms=1.0, stop_ms=15.0),
        Poisson("E", 5000.0, np.linspace(-50.0, 70.0, N)),
        Poisson("E", np.linspace(0.0, 20_000.0, N), 40.0, 0.1),
        InhomogeneousPoisson("E", [0.0, 7.3], random.uniform(0.0, 9000.0, (2, N)), 30.0),
        InhomogeneousPoisson("E", [2.0], [800.0], np.linspace(90.0, -90.0, N), 0.4),
        SpikeTrain("E", [1.0, 2.0, 2.0, 5.0], np.linspace(-900.0, 900.0, N), 0.3),
        Dc("E", np.linspace(0.0, 400.0, N)),
        Noise("E", 0.0, 100.0),
    )


def test_one_digest_on_all_backends_and_threads():
    expected = simulated(driven(*every_drive()), "oracle")
    assert expected[2] > 50
    for backend, threads in LAYOUTS:
        assert simulated(driven(*every_drive()), backend, threads) == expected, (backend, threads)


@pytest.mark.parametrize(("backend", "threads"), [("oracle", 1), *LAYOUTS])
def test_parrots_count_events_whatever_their_weights(backend, threads):
    signs = np.linspace(-1.0, 1.0, N)
    drives = (Poisson("E", np.full(N, 900.0), signs), SpikeTrain("E", [1.0, 1.0], signs, 0.5))
    plain = (Poisson("E", 900.0, 1.0), SpikeTrain("E", [1.0, 1.0], 1.0, 0.5))
    found = simulated(driven(*drives, model="parrot_neuron"), backend, threads)
    assert found[0][0] == simulated(driven(*plain, model="parrot_neuron"))[0][0] and found[2] > 2 * N


numbers = st.floats(-300.0, 300.0).map(lambda weight: round(weight) / 4.0)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 50_000.0), numbers), min_size=2, max_size=12), st.integers(1, 3))
def test_each_neuron_gets_what_a_drive_of_its_rate_and_weight_gives_it(pairs, threads):
    """The counts are those of a drive of one rate for all; the weights keep one grid by those of all neurons."""
    rates, weights = (np.array(values) for values in zip(*pairs, strict=True))
    n = len(pairs)
    grid = SpikeTrain("E", [50.0], 75.0), SpikeTrain("E", [50.0], -75.0)
    together = simulated(driven(Poisson("E", rates, weights), *grid, size=n), threads=threads, ms=5.0)[1]
    for neuron, (rate, weight) in enumerate(pairs):
        alone = simulated(driven(Poisson("E", rate, weight), *grid, size=n), ms=5.0)[1]
        for variable in ("I_syn_ex", "I_syn_in"):
            assert together["E", neuron, variable] == alone["E", neuron, variable]


def test_direct_currents_of_each_neuron_are_its_i_e():
    currents = np.linspace(0.0, 900.0, N)
    network = Network([Population("E", N, params={"I_e": currents + 20.0})], recorders=[SpikeRecorder()])
    with Simulator(network) as simulator:
        expected = simulator.run(50.0).spike_digest
    with Simulator(driven(Dc("E", currents), Dc("E", 20.0))) as simulator:
        assert simulator.run(50.0).spike_digest == expected


WRONG = [
    (Poisson("E", [1.0, 2.0], 1.0), r"len\(drive poisson->E.rate_hz\) = 2 .* each of the 50 neurons"),
    (Poisson("E", 1.0, np.ones(49)), r"len\(drive poisson->E.weight\) = 49 .* each of the 50 neurons"),
    (Poisson("E", np.full(N, -1.0), 1.0), r"drive poisson->E.rate_hz = -1.0"),
    (Poisson("E", np.full(N, math.nan), 1.0), r"drive poisson->E.rate_hz .* finite"),
    (Poisson("E", np.ones((2, N)), 1.0), r"drive poisson->E.rate_hz .* one dimension"),
    (Poisson("E", 1.0, np.full(N, math.inf)), r"drive poisson->E.weight .* finite"),
    (Poisson("E", 1.0, np.ones((2, N))), r"drive poisson->E.weight .* one dimension"),
    (InhomogeneousPoisson("E", [0.0], np.ones((1, 3)), 1.0), r"len\(.*rates_hz\) = 3 .* each of the 50 neurons"),
    (InhomogeneousPoisson("E", [0.0], np.ones((1, N, 1)), 1.0), r"rates_hz .* list"),
    (InhomogeneousPoisson("E", [0.0], [1.0], [1.0]), r"len\(.*weight\) = 1 .* each of the 50 neurons"),
    (SpikeTrain("E", [1.0], [1.0]), r"len\(.*weight\) = 1 .* each of the 50 neurons"),
    (SpikeTrain("E", [1.0] * 65_536, np.ones(N)), r"times_ms = '65536 equal times' .*65535"),
    (Dc("E", [1.0]), r"len\(drive dc->E.amplitude_pa\) = 1 .* each of the 50 neurons"),
    (Dc("E", np.full(N, math.nan)), r"drive dc->E.amplitude_pa = nan"),
    (Dc("E", np.full(N, 1e31)), r"drive dc->E.amplitude_pa = 1e\+31"),
    (Dc("E", np.ones((2, N))), r"drive dc->E.amplitude_pa .* one dimension"),
]


@pytest.mark.parametrize(("drive", "message"), WRONG)
def test_what_is_wrong_is_refused_with_field_and_value(drive, message):
    with pytest.raises(InputError, match=message):
        driven(drive)


@pytest.mark.parametrize("make", [lambda: Poisson("E", ["a"], 1.0), lambda: Dc("E", [True])])
def test_other_things_than_numbers_are_refused(make):
    with pytest.raises(InputError, match="use a list of numbers"):
        make()
