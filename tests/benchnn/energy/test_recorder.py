"""Energy of windows from counters that wrap, stand still, go back or fail, and from sensors of power."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchnn.energy.instrument import Counter, Domain, PowerSensor
from benchnn.energy.recorder import EnergyRecorder

PACKAGE = Domain("powercap", "package-0", "package")


class Bench:
    """A recorder whose time and whose instrument a test moves; its thread has nothing to do."""

    def __init__(self, start_j=0.0, wraps_at_j=None, sensor=False):
        self.now, self.value, self.error = 100.0, start_j, None
        instrument = PowerSensor(PACKAGE, self.read) if sensor else Counter(PACKAGE, self.read, wraps_at_j)
        self.recorder = EnergyRecorder([instrument], clock=lambda: self.now)

    def read(self):
        if self.error is not None:
            raise OSError(self.error)
        return self.value

    def passes(self, seconds, value):
        self.now += seconds
        self.value = value

    @property
    def measured(self):
        (one,) = self.recorder.measured()
        return one


def test_a_window_has_the_energy_between_its_ends_alone():
    bench = Bench(5.0)
    with bench.recorder.window("idle"):
        bench.passes(1.0, 7.0)
    bench.passes(1.0, 20.0)
    for end in (21.0, 24.5):
        with bench.recorder.window("propagation"):
            bench.passes(1.0, end)
    bench.passes(1.0, 100.0)
    assert bench.measured.windows_j == {"idle": 2.0, "propagation": 4.5}
    assert bench.measured.fault is None
    assert bench.recorder.spans["propagation"].measured_s == 2.0


def test_the_course_of_a_window_is_the_mean_power_of_each_interval():
    now, value = 100.0, 0.0
    recorder = EnergyRecorder([Counter(PACKAGE, lambda: value)], clock=lambda: now, sample_s=0.5)
    recorder._read()
    for seconds, power_w in ((0.25, 8.0), (0.25, 8.0), (0.5, 2.0), (0.25, 4.0)):
        with recorder.window("propagation"):
            now, value = now + seconds, value + seconds * power_w
    (one,) = recorder.measured()
    # What is left of the last interval is in none.
    assert one.windows_w == {"propagation": pytest.approx((8.0, 2.0))}
    assert EnergyRecorder([Counter(PACKAGE, lambda: value)]).measured()[0].windows_w == {}


@given(st.lists(st.integers(0, 60), min_size=1, max_size=30), st.integers(0, 99))
def test_joules_put_in_come_out_across_any_number_of_wraps(steps, start):
    bench = Bench(float(start), wraps_at_j=100.0)
    count = start
    with bench.recorder.window("propagation"):
        for step in steps:
            count += step
            bench.passes(0.03, float(count % 100))
            bench.recorder._read()
    assert bench.measured.windows_j["propagation"] == sum(steps)
    assert bench.measured.fault is None


@pytest.mark.parametrize("wraps_at_j", [None, 262_143.0])
def test_a_counter_that_goes_backwards_is_not_believed(wraps_at_j):
    bench = Bench(5000.0, wraps_at_j)
    with bench.recorder.window("propagation"):
        bench.passes(1.0, 10.0)
    assert bench.measured.fault == "its count decreased by 4990 J"


def test_a_counter_that_may_have_wrapped_unseen_is_not_believed():
    bench = Bench(10.0, wraps_at_j=60_000.0)
    with bench.recorder.window("propagation"):
        bench.passes(31.0, 20.0)
    assert "not read for 31 s" in bench.measured.fault


def test_a_counter_that_fails_is_not_believed():
    bench = Bench(10.0)
    with bench.recorder.window("propagation"):
        bench.error = "gone"
        bench.passes(1.0, 20.0)
    assert bench.measured.fault == "it could not be read: gone"


def test_power_is_integrated():
    bench = Bench(100.0, sensor=True)
    with bench.recorder.window("propagation"):
        bench.passes(2.0, 100.0)
        bench.recorder._read()
        bench.passes(1.0, 200.0)
    assert bench.measured.windows_j["propagation"] == 350.0
    with bench.recorder.window("propagation"):
        bench.passes(6.0, 100.0)
    assert bench.measured.fault == "it was not read for 6 s"


def test_the_thread_reads_while_a_window_lasts():
    readings = []

    def read():
        readings.append(threading.current_thread())
        return float(len(readings))

    with EnergyRecorder([PowerSensor(PACKAGE, read)]) as recorder, recorder.window("propagation"):
        deadline = time.monotonic() + 10.0
        while len(set(readings)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
    assert len(set(readings)) == 2
    assert not any(thread.is_alive() for thread in readings if thread is not threading.current_thread())


def test_a_recorder_without_instruments_starts_no_thread_but_knows_when():
    before = threading.active_count()
    with EnergyRecorder() as recorder:
        with recorder.window("propagation"):
            assert threading.active_count() == before
        assert recorder.measured() == []
    span = recorder.spans["propagation"]
    assert abs(span.start_unix_s - time.time()) < 60.0 and span.end_unix_s >= span.start_unix_s
