"""iaf_cond_exp and aeif_cond_exp: their errors against an exact solution, and spikes that are suppressed."""

from dataclasses import replace

import numpy as np
import pytest

from simcore.network import Network, Population, SpikeRecorder, SpikeTrain, TraceRecorder
from simcore.simulator import Simulator

solve_ivp = pytest.importorskip("scipy.integrate").solve_ivp

ARRIVALS_MS, WEIGHTS_NS = (1.5, 3.2, 3.9, 5.6, 7.0), (30.0, 20.0, -60.0, 25.0, -20.0)


def one(model, resolution_ms=0.1, arrivals=True, weights=WEIGHTS_NS, **params):
    """A neuron with five arrivals, or none; all is recorded."""
    pairs = zip(ARRIVALS_MS, weights, strict=True)
    trains = [SpikeTrain("A", [time - 0.5], weight, 0.5) for time, weight in pairs] if arrivals else []
    population = Population("A", 1, model, params)
    variables = [variable.name for variable in population.neuron_model.variables]
    recorders = [SpikeRecorder(), TraceRecorder("A", (0,), variables)]
    return Network([population], (), trains, recorders, resolution_ms)


def simulated(network, model_time_ms, **options):
    """End times of the spikes, and the traces by variable."""
    with Simulator(network, **{"backend": "oracle", "precision": "float64", **options}) as simulator:
        simulator.run(model_time_ms)
        traces = {variable: values for (_, _, variable), values in simulator.traces().items()}
        return simulator.spikes().stamps.tolist(), traces


class Exact:
    """The equations solved to 1e-11, with the spikes at their exact times (`aeif_cond_exp`) or at ends of steps."""

    def __init__(self, network):
        population = network.populations[0]
        self.adaptive = population.model == "aeif_cond_exp"
        self.p = {q.name: float(population.value(q.name)) for q in population.neuron_model.parameters}
        self.h = network.resolution_ms
        self.arrivals = {}
        for drive in network.drives:
            step = round((drive.times_ms[0] + drive.delay_ms) / self.h)
            self.arrivals.setdefault(step, []).append(drive.weight)
        delta = self.p.get("Delta_T", 0.0)
        self.peak = self.p["V_peak"] if delta > 0.0 else self.p["V_th"]
        self.clip = self.p.get("V_peak", self.p["V_th"])

    def slope(self, time, y, active):
        """dV/dt, dw/dt."""
        p = self.p
        v = min(y[0], self.clip) if active else p["V_reset"]
        g_ex, g_in = self.g_ex * np.exp(-time / p["tau_syn_ex"]), self.g_in * np.exp(-time / p["tau_syn_in"])
        current = p["g_L"] * (p["E_L"] - v) + g_ex * (p["E_ex"] - v) + g_in * (p["E_in"] - v) + p["I_e"]
        if not self.adaptive:
            return [current / p["C_m"] if active else 0.0, 0.0]
        if p["Delta_T"] > 0.0:
            current += p["g_L"] * p["Delta_T"] * np.exp((v - p["V_th"]) / p["Delta_T"])
        return [(current - y[1]) / p["C_m"] if active else 0.0, (p["a"] * (v - p["E_L"]) - y[1]) / p["tau_w"]]

    def step(self, v, w, active):
        """V and w after a step that begins with these, and the number of spikes in it."""
        time, spikes = 0.0, 0

        def reaches(time, y, active):
            return y[0] - self.peak

        reaches.terminal, reaches.direction = True, 1
        events = reaches if self.adaptive else None
        while time < self.h:
            watched = events if active else None
            solution = solve_ivp(self.slope, (time, self.h), [v, w], "DOP853", None, False, watched, False, (active,),
                                 rtol=1e-11, atol=1e-11)  # fmt: skip
            v, w, time = *solution.y[:, -1], solution.t[-1]
            if solution.status == 1:
                v, w, spikes = self.p["V_reset"], w + self.p["b"], spikes + 1
                active = self.p["t_ref"] == 0.0
        return v, w, spikes

    def run(self, model_time_ms):
        """End step of each spike, and the traces of V_m and w."""
        p = self.p
        v, w, self.g_ex, self.g_in, left = p["E_L"], 0.0, 0.0, 0.0, 0
        stamps, traces = [], []
        for stamp in range(1, round(model_time_ms / self.h) + 1):
            if left > 0:
                v = p["V_reset"]
            v, w, spikes = self.step(v, w, left == 0)
            self.g_ex *= np.exp(-self.h / p["tau_syn_ex"])
            self.g_in *= np.exp(-self.h / p["tau_syn_in"])
            self.g_ex += sum(weight for weight in self.arrivals.get(stamp, []) if weight > 0.0)
            self.g_in -= sum(weight for weight in self.arrivals.get(stamp, []) if weight < 0.0)
            if not self.adaptive and left == 0 and v >= p["V_th"]:
                v, spikes = p["V_reset"], 1
            left = round(p["t_ref"] / self.h) if spikes else max(0, left - 1)
            stamps += [stamp] * spikes
            traces.append((v, w))
        return stamps, *np.array(traces).T


# --- accuracy ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "largest"), [("iaf_cond_exp", {"V_m": 2e-5}), ("aeif_cond_exp", {"V_m": 2e-5, "w": 5e-6})]
)
def test_the_error_below_threshold_falls_with_the_fourth_power_of_the_step(model, largest):
    errors = {name: [] for name in largest}
    for h in (0.1, 0.05, 0.025):
        network = one(model, h, I_e=200.0)
        _, *exact = Exact(network).run(10.0)
        spikes, traces = simulated(network, 10.0)
        assert not spikes
        for name, values in zip(("V_m", "w"), exact, strict=True):
            if name in errors:
                errors[name].append(np.max(np.abs(traces[name] - values)))
    for name, (coarse, middle, fine) in errors.items():
        assert coarse < largest[name]
        assert 12.0 < coarse / middle < 24.0
        assert 12.0 < middle / fine < 24.0


@pytest.mark.parametrize(
    ("model", "weight", "tolerance"),
    [("iaf_cond_exp", 2000.0, 1e-3), ("iaf_cond_exp", 20_000.0, 1e-3), ("aeif_cond_exp", 2000.0, 2e-2)],
)
def test_conductances_for_which_substeps_are_too_long(model, weight, tolerance):
    network = one(model, weights=[weight, weight, -weight, weight, -weight], tau_syn_in=0.5)
    stamps, v_m, _ = Exact(network).run(10.0)
    spikes, traces = simulated(network, 10.0)
    assert spikes == sorted(set(stamps))
    assert len(spikes) > 1
    slow = v_m < -45.0
    np.testing.assert_allclose(traces["V_m"][slow], v_m[slow], rtol=0.0, atol=tolerance)


@pytest.mark.parametrize("t_ref", [0.0, 1.0])
@pytest.mark.parametrize(
    "params",
    [
        {"I_e": 1500.0},
        {"I_e": 3000.0, "b": 0.0},
        {"I_e": 1500.0, "Delta_T": 0.0},
        {"I_e": 1200.0, "Delta_T": 0.5, "V_peak": -47.0},
    ],
)
def test_spikes_are_treated_at_their_exact_times(params, t_ref):
    """With t_ref = 0 the potential after a spike tells its time to 1e-6 ms."""
    network = one("aeif_cond_exp", arrivals=False, t_ref=t_ref, **params)
    stamps, v_m, w = Exact(network).run(20.0)
    spikes, traces = simulated(network, 20.0)
    assert spikes == stamps
    assert len(stamps) > 1
    slow = v_m < -50.0
    np.testing.assert_allclose(traces["V_m"][slow], v_m[slow], rtol=0.0, atol=1e-4)
    np.testing.assert_allclose(traces["w"], w, rtol=0.0, atol=1e-4)


@pytest.mark.parametrize("model", ["iaf_cond_exp", "aeif_cond_exp"])
def test_float32_comes_near_float64(model):
    network = one(model, I_e=900.0, t_ref=1.0)
    runs = [simulated(network, 50.0, precision=precision) for precision in ("float32", "float64")]
    assert runs[0][0] == runs[1][0]
    assert len(runs[0][0]) > 1
    # On the way to a spike of aeif_cond_exp a small shift of time shows.
    differences = np.abs(runs[0][1]["V_m"] - runs[1][1]["V_m"])
    assert np.median(differences) < 1e-4


# --- suppressed spikes -------------------------------------------------------------------------------------------

DRIVEN = {"I_e": 100_000.0, "b": 10.0}


def test_the_resolution_decides_what_is_suppressed():
    sums = []
    for h in (0.1, 0.2):
        with Simulator(one("aeif_cond_exp", h, arrivals=False, **DRIVEN), backend="oracle") as simulator:
            sent = simulator.run(2.0).spikes["A"]
            assert sent <= round(2.0 / h)
            sums.append((sent, simulator.suppressed_spikes["A"]))
    (fine_sent, fine), (coarse_sent, coarse) = sums
    assert coarse > fine > 0
    assert fine_sent + fine == pytest.approx(coarse_sent + coarse, abs=1)


def test_without_a_model_that_can_spike_twice_there_is_nothing_to_tell():
    """Also with t_ref = 0: iaf_cond_exp looks at V once in a step, as in NEST."""
    with Simulator(one("iaf_cond_exp", arrivals=False, t_ref=0.0, I_e=1e6), backend="oracle") as simulator:
        assert simulator.run(2.0).spikes["A"] == 20
        assert simulator.suppressed_spikes == {}


def test_a_refractory_period_leaves_nothing_to_suppress():
    with Simulator(one("aeif_cond_exp", arrivals=False, t_ref=0.1, **DRIVEN), backend="oracle") as simulator:
        assert simulator.run(2.0).spikes["A"] == 10
        assert simulator.suppressed_spikes == {"A": 0}


@pytest.mark.parametrize("backend", ["oracle", "cpu", "gpu"])
def test_a_neuron_that_would_spike_without_end_is_held_at_v_reset(backend):
    network = one("aeif_cond_exp", arrivals=False, V_reset=-1e-3, b=0.0, I_e=1000.0)
    with Simulator(network, backend=backend, threads=1) as simulator:
        simulator.run(20.0)
        spikes = simulator.spikes().stamps
        assert spikes.tolist() == list(range(spikes[0], 201))
        assert simulator.suppressed_spikes["A"] == 19 * len(spikes)
        assert simulator.traces()["A", 0, "V_m"][-1] == pytest.approx(-1e-3, abs=1e-5)


@pytest.mark.parametrize("backend", ["oracle", "cpu", "gpu"])
def test_a_snapshot_holds_the_count(backend):
    network = one("aeif_cond_exp", arrivals=False, **DRIVEN)
    both = replace(network, populations=[*network.populations, Population("B", 3, "aeif_cond_exp"), Population("C", 2)])
    with Simulator(both, backend="oracle") as simulator:
        simulator.run(0.5)
        snapshot, half = simulator.snapshot(), simulator.suppressed_spikes
        simulator.run(0.5)
        whole = simulator.suppressed_spikes
    assert list(whole) == ["A", "B"]
    assert whole["A"] > half["A"] > 0 == whole["B"]
    with Simulator(both, backend=backend, threads=2) as simulator:
        simulator.restore(snapshot)
        assert simulator.suppressed_spikes == half
        simulator.run(0.5)
        assert simulator.suppressed_spikes == whole
