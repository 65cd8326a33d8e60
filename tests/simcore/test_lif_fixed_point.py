"""lif_fixed_point against an independent simulation in Python's integers."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.distributions import Normal
from simcore.errors import InputError
from simcore.network import (
    Explicit,
    Network,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    TraceRecorder,
)
from simcore.simulator import Simulator
from simcore.tables import make_tables

N_STEPS = 120
DEFAULTS = {"decay_u": 410, "decay_v": 41, "vth": 1000, "bias": 0, "refract_delay": 1, "weight_exponent": 0}


@dataclass
class Core:
    """One neuron as a core computes it; `step` takes the sum of the weights that arrive and tells of a spike."""

    params: dict[str, int]
    v: int = 0
    u: int = 0
    held: int = 0
    spikes: list[int] = field(default_factory=list)

    def step(self, weights: int) -> bool:
        p = self.params
        self.u = saturated(decayed(self.u, p["decay_u"]) + weights * 2 ** (6 + p["weight_exponent"]))
        self.v = saturated(decayed(self.v, p["decay_v"]) + self.u + p["bias"])
        if self.held > 0:
            self.held -= 1
            self.v = 0
        elif self.v > p["vth"] * 64:
            self.v = 0
            self.held = p["refract_delay"] - 1
            return True
        return False


def decayed(x: int, decay: int) -> int:
    magnitude = (abs(x) * (4096 - decay)) >> 12
    return magnitude if x >= 0 else -magnitude


def saturated(x: int) -> int:
    return max(-(2**23 - 1), min(2**23 - 1, x))


def simulated(cores, edges, trains, n_steps=N_STEPS):
    """Spikes (stamp, neuron) and the traces of v and u; `edges` (source, target, weight, delay in steps)."""
    arriving = {}

    def add(step, neuron, weight):
        arriving[step, neuron] = arriving.get((step, neuron), 0) + weight

    for stamps, weight, delay in trains:
        for stamp in stamps:
            for neuron in range(len(cores)):
                add(stamp + delay, neuron, weight)
    spikes, traces = [], [[] for _ in cores]
    for stamp in range(1, n_steps + 1):
        fired = [k for k, core in enumerate(cores) if core.step(arriving.get((stamp, k), 0))]
        spikes += [(stamp, k) for k in fired]
        for source, target, weight, delay in edges:
            if source in fired:
                add(stamp + delay, target, weight)
        for trace, core in zip(traces, cores, strict=True):
            trace.append((core.v, core.u))
    return spikes, np.array(traces)


def network_of(params, edges, trains, initial=None):
    n = len(next(iter(params.values())))
    projections = []
    if edges:
        sources, targets, weights, delays = (list(column) for column in zip(*edges, strict=True))
        delays_ms = [delay / 10 for delay in delays]
        projections = [Projection("A", "A", Explicit(sources, targets), weights, delays_ms)]
    drives = [SpikeTrain("A", [stamp / 10 for stamp in s], weight, delay / 10) for s, weight, delay in trains if s]
    recorders = [SpikeRecorder(), TraceRecorder("A", range(n), ("v", "u"))]
    return Network([Population("A", n, "lif_fixed_point", params, initial or {})], projections, drives, recorders)


def run(network, backend, precision, weight_bits=16, n_steps=N_STEPS):
    options = {"backend": backend, "precision": precision, "weight_bits": weight_bits}
    with Simulator(network, **options) as simulator:
        simulator.run(n_steps / 10)
        spikes, traces = simulator.spikes(), simulator.traces()
        n = network.n_neurons
        found = np.array([np.stack([traces["A", k, "v"], traces["A", k, "u"]], axis=-1) for k in range(n)])
        return list(zip(spikes.stamps.tolist(), spikes.ids.tolist(), strict=True)), found


def assert_equals_integers(params, edges=(), trains=(), initial=None, weight_bits=16):
    """Both backends in both precisions; returns the spikes and the traces."""
    n = max(len(np.atleast_1d(value)) for value in params.values())
    columns = {name: np.broadcast_to(params.get(name, default), n).tolist() for name, default in DEFAULTS.items()}
    starts = {name: np.broadcast_to((initial or {}).get(name, 0), n).tolist() for name in ("v", "u")}
    cores = [
        Core({name: values[k] for name, values in columns.items()}, starts["v"][k], starts["u"][k]) for k in range(n)
    ]
    spikes, traces = simulated(cores, edges, trains)
    network = network_of(columns, edges, trains, starts)
    for backend in ("oracle", "cpu"):
        for precision in ("float32", "float64"):
            found_spikes, found_traces = run(network, backend, precision, weight_bits)
            assert found_spikes == spikes
            assert np.array_equal(found_traces, traces)
    return spikes, traces


def test_decay_rounds_towards_zero_for_both_signs():
    _, traces = assert_equals_integers({"decay_u": [1] * 2, "decay_v": 4096}, initial={"u": [1000, -1000]})
    assert traces[:, :3, 1].tolist() == [[999, 998, 997], [-999, -998, -997]]
    assert traces[:, :3, 0].tolist() == traces[:, :3, 1].tolist()


def test_an_arrival_acts_on_u_and_v_in_its_own_step_scaled_by_the_exponent():
    exponents = [-6, -1, 0, 3, 7]
    params = {"weight_exponent": exponents, "decay_u": 4096, "decay_v": 0, "vth": 2**17 - 1}
    _, traces = assert_equals_integers(params, trains=[([3], 5, 2), ([4], -3, 1)])
    scales = [2 ** (6 + exponent) for exponent in exponents]
    assert traces[:, 3, 1].tolist() == [0] * 5
    assert traces[:, 4, 1].tolist() == [2 * scale for scale in scales]
    assert traces[:, 5, 0].tolist() == [2 * scale for scale in scales]


def test_a_spike_needs_more_than_the_threshold():
    params = {"bias": [6400, 6401], "decay_v": 4096, "vth": 100}
    spikes, _ = assert_equals_integers(params)
    assert {neuron for _, neuron in spikes} == {1}


@pytest.mark.parametrize("refract_delay", [1, 2, 5, 64])
def test_the_potential_integrates_again_after_the_refractory_delay(refract_delay):
    """A bias above the threshold makes a spike in every step in which the neuron may spike."""
    spikes, _ = assert_equals_integers({"bias": [70_000], "refract_delay": refract_delay})
    assert [stamp for stamp, _ in spikes] == list(range(1, N_STEPS + 1, refract_delay))


def test_current_and_potential_saturate_at_24_bits():
    params = {"decay_u": [0, 0], "decay_v": 0, "vth": 2**17 - 1, "bias": [-5_000_000, 0], "weight_exponent": 7}
    _, traces = assert_equals_integers(params, trains=[([5, 6, 7], -32_767, 1), ([20, 21, 30], 32_767, 1)])
    largest = 2**23 - 1
    assert traces[0, :, 0].min() == -largest
    assert (traces[1, :, 1].min(), traces[1, :, 1].max()) == (-largest, largest)


@pytest.mark.parametrize("weight_bits", [8, 16, 32])
def test_sums_beyond_every_range_saturate(weight_bits):
    """Weights up to 2^28 times 2^13, in both directions: u takes the sign of the exact sum."""
    strong = 2**28
    params = {"weight_exponent": [7, 0, -6], "vth": 2**17 - 1}
    trains = [([5, 5, 5, 6, 9], strong, 1), ([6, 6, 7], -strong, 1), ([8], strong, 1), ([8], -strong, 1)]
    _, traces = assert_equals_integers(params, trains=trains, weight_bits=weight_bits)
    assert np.abs(traces[:, :, 1]).max() == 2**23 - 1


whole = st.integers


@st.composite
def cases(draw):
    n = draw(whole(1, 4))
    ranges = {
        "decay_u": whole(0, 4096),
        "decay_v": whole(0, 4096),
        "vth": st.one_of(whole(0, 3000), whole(0, 2**17 - 1)),
        "bias": st.one_of(whole(-2000, 9000), whole(-(2**23) + 1, 2**23 - 1)),
        "refract_delay": whole(1, 64),
        "weight_exponent": whole(-6, 7),
    }
    params = {name: draw(st.lists(values, min_size=n, max_size=n)) for name, values in ranges.items()}
    states = st.lists(whole(-(2**23) + 1, 2**23 - 1), min_size=n, max_size=n)
    initial = draw(st.one_of(st.none(), st.fixed_dictionaries({"v": states, "u": states})))
    weights = st.one_of(whole(-255, 255), whole(-32_767, 32_767))
    edge = st.tuples(whole(0, n - 1), whole(0, n - 1), weights, whole(1, 30))
    train = st.tuples(st.lists(whole(1, 90), max_size=15).map(sorted), weights, whole(1, 20))
    return params, draw(st.lists(edge, max_size=10)), draw(st.lists(train, max_size=3)), initial


@pytest.mark.thorough
@settings(derandomize=True, database=None, max_examples=40, deadline=None)
@given(cases())
def test_any_small_network_equals_integers(case):
    assert_equals_integers(*case)


def grid_of(weight, weight_bits=16, accept_quantisation=False):
    populations = [Population("S", 1, "parrot_neuron"), Population("A", 1, "lif_fixed_point")]
    network = Network(populations, [Projection("S", "A", Explicit([0], [0]), weight)])
    return make_tables(network, weight_bits, accept_quantisation)


@pytest.mark.parametrize(("weight", "bits", "lsb"), [(3.0, 16, 1.0), (127, 8, 1.0), (254, 8, 2.0), (70_000, 16, 4.0)])
def test_the_lsb_is_never_below_one(weight, bits, lsb):
    tables = grid_of(weight, bits, accept_quantisation=True)
    assert tables.grid.lsb[1][0] == lsb
    assert float(tables.weights[0].entries[0]) * lsb == pytest.approx(weight, abs=lsb / 2)


def test_drawn_weights_are_rounded_to_whole_ones():
    tables = grid_of(Normal(mean=100.0, std=10.0))
    assert tables.grid.lsb[1][0] == 1.0
    assert abs(tables.weights[0].entries.mean() - 100.0) < 0.1


def test_weights_that_rounding_moves_far_are_refused():
    with pytest.raises(InputError, match=r"S->A.weight = 3.5 .*weights of lif_fixed_point are multiples of 1"):
        grid_of(3.5)
    with pytest.raises(InputError, match=r"S->A.weight = 0.25 .*would become 0"):
        grid_of(0.25)


def test_initial_values_are_rounded_towards_zero_and_saturate():
    network = network_of({"decay_u": [0] * 3, "decay_v": [0] * 3}, [], [], {"v": [-1.7, 1.7, -1e9], "u": [0.9, 0, 0]})
    _, traces = run(network, "cpu", "float32", n_steps=1)
    assert traces[:, 0, :].tolist() == [[-1, 0], [1, 0], [-(2**23) + 1, 0]]


WRONG = [
    ({"decay_u": 4097}, r"decay_u = 4097.0 .*\[0.0, 4096\]"),
    ({"decay_v": 0.5}, "decay_v = 0.5 .*integer"),
    ({"vth": 2**17}, "vth = 131072.0"),
    ({"bias": [0.0, 0.25]}, "bias = 0.25 .*integer"),
    ({"refract_delay": 0}, "refract_delay = 0.0"),
    ({"weight_exponent": -7}, "weight_exponent = -7.0"),
    ({"bias": Normal(mean=100.0, std=10.0)}, "bias = Normal.*integer or an array"),
]


@pytest.mark.parametrize(("params", "message"), WRONG)
def test_wrong_parameters_are_named(params, message):
    with pytest.raises(InputError, match=message):
        Population("A", 2, "lif_fixed_point", params)
