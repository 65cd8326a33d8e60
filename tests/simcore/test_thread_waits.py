"""Threads of a rank wait for each other: how, and how long."""

import time

import numpy as np
import pytest

from simcore.backends.cpu.arrays import Crew
from simcore.backends.cpu.team import Team
from simcore.backends.cpu.waiting import ARRIVED, ASLEEP, LONGEST_SLEEP_NS, SHARED, announce, wait
from simcore.network import Dc, FixedIndegree, Network, Population, Projection
from simcore.simulator import Simulator

LATE_S = 0.005


def network(delay_ms):
    return Network([Population("E", 40)], [Projection("E", "E", FixedIndegree(5), 20.0, delay_ms)], [Dc("E", 500.0)])


def late(patience_ns, n_threads, slept):
    """The last thread arrives when the others sleep, or late; how many slept, and how long after it one went on."""
    shared = np.zeros(SHARED, dtype=np.int64)
    asleep = []

    def work(thread):
        crew, clock = Crew(thread, n_threads, patience_ns, 0, shared), np.zeros(2, dtype=np.int64)
        if thread == 0:
            end = time.perf_counter() + (10.0 if slept else LATE_S)
            while time.perf_counter() < end and not (slept and shared[ASLEEP] == n_threads - 1):
                time.sleep(0.001)
            asleep.append(int(shared[ASLEEP]))
        arrived = time.perf_counter()
        announce(crew, ARRIVED, n_threads)
        wait(crew, ARRIVED, n_threads, clock)
        return arrived, time.perf_counter()

    team = Team(n_threads)
    try:
        times = team.run(work)
    finally:
        team.close()
    assert shared[ARRIVED] == n_threads and shared[ASLEEP] == 0
    delay = times[1][1] - times[0][0]
    assert delay >= 0.0
    return asleep[0], delay


@pytest.mark.parametrize("n_threads", [2, 5])
def test_threads_that_wait_long_sleep_until_they_are_woken(n_threads):
    late(1_000, n_threads, slept=False)
    tries = [late(1_000, n_threads, slept=True) for _ in range(8)]
    assert {asleep for asleep, _ in tries} == {n_threads - 1}
    # A thread that nobody wakes looks again by itself, but later; other programs may be in the way, now and then.
    assert min(delay for _, delay in tries) < 0.3 * LONGEST_SLEEP_NS * 1e-9


def test_a_patient_thread_does_not_sleep():
    assert late(60_000_000_000, 2, slept=False)[0] == 0


@pytest.mark.parametrize(("delay_ms", "intervals"), [(0.1, 300), (1.5, 20)])
def test_every_wait_of_each_thread_is_counted(delay_ms, intervals):
    with Simulator(network(delay_ms), threads=3) as simulator:
        simulator.run(30.0)
        propagation = simulator.run(30.0)
    assert sum(propagation.waits) == 3 * intervals
    longest_ns = 2.0 ** max(k for k, count in enumerate(propagation.waits) if count)
    assert longest_ns <= 1e9 * propagation.wall_s


def test_waits_take_the_time_of_communicate():
    with Simulator(network(0.1), threads=2) as simulator:
        propagation = simulator.run(100.0)
    least_s = sum(count * 2.0**k for k, count in enumerate(propagation.waits) if k) * 1e-9
    assert 0.0 < least_s <= sum(propagation.phase_s["communicate"])


def test_one_thread_and_other_backends_have_none():
    for choice in ({"threads": 1}, {"backend": "oracle"}):
        with Simulator(network(0.1), **choice) as simulator:
            assert simulator.run(1.0).waits == ()
