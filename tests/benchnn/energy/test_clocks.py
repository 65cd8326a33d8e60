"""Clocks that are set while a network is simulated: the energy of a power log is of the right window, or null."""

import json
import time
from itertools import count
from types import SimpleNamespace

import pytest

from benchnn.energy import recorder as recorder_module
from benchnn.energy.power_log import logged_energy_j, power_log_domain
from benchnn.energy.recorder import EnergyRecorder, clock_fault

T0 = 1_700_000_000.0


class Clocks:
    """A wall clock and a monotonic one that a test moves."""

    def __init__(self, monkeypatch):
        self.wall, self.monotonic = T0, 100.0
        monkeypatch.setattr(recorder_module, "time", SimpleNamespace(time=lambda: self.wall, monotonic=None))
        self.recorder = EnergyRecorder(clock=lambda: self.monotonic)

    def pass_s(self, seconds, set_by_s=0.0):
        self.wall += seconds + set_by_s
        self.monotonic += seconds

    @property
    def span(self):
        return self.recorder.spans["propagation"]


def log_of(folder, start_s, end_s, power_w=20.0, every_s=1):
    log = folder / "outlet.csv"
    log.write_text("".join(f"{T0 + t},{power_w}\n" for t in range(start_s, end_s, every_s)))
    return log


def test_clocks_that_run_alike_are_no_step(monkeypatch, tmp_path):
    clocks = Clocks(monkeypatch)
    for _ in range(3):
        with clocks.recorder.window("propagation"):
            clocks.pass_s(10.0, 0.004)
        clocks.pass_s(1.0)
    assert clocks.span.clock_step_s == pytest.approx(0.012, abs=1e-5)
    domain = power_log_domain(log_of(tmp_path, -5, 60), clocks.span, patience_s=0.0)
    assert domain.fault is None and domain.propagation_j == pytest.approx(20.0 * 32.0, rel=1e-3)


@pytest.mark.parametrize("step_s", [3600.0, 1.0, -1.0, -30.0, -86400.0])
@pytest.mark.parametrize("between", [False, True])
def test_a_clock_that_is_set_within_the_window_leaves_no_energy(monkeypatch, tmp_path, step_s, between):
    clocks = Clocks(monkeypatch)
    with clocks.recorder.window("propagation"):
        clocks.pass_s(5.0, 0.0 if between else step_s)
    clocks.pass_s(1.0, step_s if between else 0.0)
    with clocks.recorder.window("propagation"):
        clocks.pass_s(5.0)
    domain = power_log_domain(log_of(tmp_path, -90_000, 5000, every_s=10), clocks.span, patience_s=0.0)
    assert domain.propagation_j is None
    assert f"was set by {abs(step_s):.3g} s during the state propagation" in domain.fault


def test_a_clock_that_is_set_and_set_back_is_seen(monkeypatch):
    clocks = Clocks(monkeypatch)
    for step_s in (0.0, 7.0, -7.0, 0.0):
        with clocks.recorder.window("propagation"):
            clocks.pass_s(0.5, step_s)
    assert clocks.span.clock_step_s == pytest.approx(7.0, abs=1e-5)
    assert clock_fault(clocks.span.start_unix_s, clocks.span.end_unix_s, clocks.span.clock_step_s) is not None


def test_a_clock_that_was_set_before_the_window_does_no_harm(monkeypatch, tmp_path):
    clocks = Clocks(monkeypatch)
    with clocks.recorder.window("construction"):
        clocks.pass_s(5.0, -3600.0)
    clocks.pass_s(1.0, 3600.0)
    with clocks.recorder.window("propagation"):
        clocks.pass_s(4.0)
    domain = power_log_domain(log_of(tmp_path, 0, 60), clocks.span, patience_s=0.0)
    assert domain.fault is None and domain.propagation_j == pytest.approx(80.0)


@pytest.mark.parametrize(
    ("length_s", "step_s", "is_set"),
    [(10.0, 0.05, False), (10.0, 0.06, True), (1000.0, 0.9, False), (1000.0, 1.1, True), (-50.0, 60.0, True)],
)
def test_how_far_clocks_may_run_apart(length_s, step_s, is_set):
    assert (clock_fault(T0, T0 + length_s, step_s) is not None) == is_set


def test_a_process_that_is_interrupted_between_two_clocks_reads_them_again(monkeypatch):
    clocks = Clocks(monkeypatch)
    pauses = iter([0.0, 2.0, 0.0])

    def wall():
        clocks.pass_s(next(pauses, 0.0))
        return clocks.wall

    monkeypatch.setattr(recorder_module.time, "time", wall)
    for _ in range(2):
        with clocks.recorder.window("propagation"):
            pass
    assert clocks.span.clock_step_s == 0.0


def test_a_log_whose_clock_was_set_forward_within_the_window_has_a_gap():
    samples = [(T0 + t + (3600.0 if t >= 10 else 0.0), 5.0) for t in range(20)]
    assert "a gap of 3601.0 s in the window" in logged_energy_j(samples, T0 + 5.0, T0 + 3615.0)[1]
    assert logged_energy_j(samples, T0 + 2.0, T0 + 8.0) == (30.0, None)


def test_an_empty_window_and_one_sample_are_no_energy_of_another_window():
    assert "covers" in logged_energy_j([(T0, 5.0)], T0, T0 + 1.0)[1]
    assert logged_energy_j([(T0, 5.0)], T0, T0) == (0.0, None)


class Shifted:
    """The module `time`, whose wall clock is set by `step_s` once the network runs."""

    def __init__(self, step_s, monkeypatch):
        from simcore.simulator import Simulator

        simulate, self.shift_s = Simulator.run, 0.0

        def run(simulator, model_time_ms, **options):
            part = simulate(simulator, model_time_ms, **options)
            self.shift_s = step_s
            return part

        monkeypatch.setattr(Simulator, "run", run)

    monotonic = staticmethod(time.monotonic)

    def time(self):
        return time.time() + self.shift_s


def test_a_run_says_that_its_clock_was_set_and_takes_no_log(here, run_small, benchnn, home, monkeypatch):
    times = range(int(time.time()) - 60, int(time.time()) + 7200)
    (home / "outlet.csv").write_text("".join(f"{t},7\n" for t in times))
    monkeypatch.setattr(recorder_module, "time", Shifted(3600.0, monkeypatch))
    record = run_small("--json", "--warmup", 0, "--power-log", "outlet.csv").record
    assert record["time"]["propagation_clock_step_s"] == pytest.approx(3600.0, abs=0.05)
    energy, why = record["energy"], record["reasons"]["energy.propagation_j"]
    assert energy["propagation_j"] is None and "was set by 3.6e+03 s during the state propagation" in why
    assert energy["clock"] == "wall" and energy["domains"][0]["fault"] is not None
    assert record["energy_per_synaptic_event_uj"] is None
    before = (home / "out" / "result.json").read_bytes()
    assert "was set by 3.6e+03 s" in benchnn("energy", "out", "--power-log", "outlet.csv").refusal
    assert (home / "out" / "result.json").read_bytes() == before


def test_records_of_earlier_versions_take_a_log(here, run_small, benchnn, home):
    run_small("--meters", "none")
    path = home / "out" / "result.json"
    record = json.loads(path.read_text())
    assert record["time"].pop("propagation_clock_step_s") < 0.05
    path.write_text(json.dumps(record))
    start = int(record["time"]["propagation_start_unix_s"])
    (home / "outlet.csv").write_text("".join(f"{t},7\n" for t in range(start - 5, start + 60)))
    assert benchnn("energy", "out", "--power-log", "outlet.csv").code == 0
    energy = json.loads(path.read_text())["energy"]
    assert energy["mean_power_w"] == pytest.approx(7.0) and energy["clock"] == "wall"


def test_meters_of_the_node_do_not_mind(ticking_counter, run_small, monkeypatch):
    monkeypatch.setattr(recorder_module, "time", Shifted(-3600.0, monkeypatch))
    record = run_small("--json", "--meters", "powercap", "--warmup", 0, "--idle", 0).record
    assert record["energy"]["clock"] == "monotonic" and record["energy"]["propagation_j"] is not None
    assert record["time"]["propagation_clock_step_s"] == pytest.approx(3600.0, abs=0.05)


@pytest.fixture
def ticking_counter(here, monkeypatch):
    """A node whose counter has moved whenever it is read."""
    from benchnn.energy import powercap

    here.zone("intel-rapl:0", "package-0", 1.0)
    moved = count()
    monkeypatch.setattr(powercap, "read_number", lambda path: next(moved) if path.name == "energy_uj" else 1e12)
