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


def late(patience_ns, n_threads=2):
    """The last of some threads is late; seconds of a waiting one on its CPU, and until it went on once all were there."""
    shared = np.zeros(SHARED, dtype=np.int64)

    def work(thread):
        crew, clock = Crew(thread, n_threads, patience_ns, 0, shared), np.zeros(2, dtype=np.int64)
        if thread == 0:
            time.sleep(LATE_S)
        arrived = time.perf_counter()
        announce(crew, ARRIVED, n_threads)
        busy = time.thread_time()
        wait(crew, ARRIVED, n_threads, clock)
        return time.thread_time() - busy, arrived, time.perf_counter()

    team = Team(n_threads)
    try:
        for _ in range(2):
            shared[:] = 0
            told = team.run(work)
    finally:
        team.close()
    assert shared[ARRIVED] == n_threads and shared[ASLEEP] == 0
    (_, last_arrived, _), (busy, _, went_on) = told[0], told[1]
    assert went_on >= last_arrived
    return busy, went_on - last_arrived


@pytest.mark.parametrize("n_threads", [2, 5])
def test_a_thread_that_waits_long_sleeps_until_it_is_woken(n_threads):
    # Other programs may be in the way, now and then.
    tries = [late(1_000, n_threads) for _ in range(8)]
    assert min(busy for busy, _ in tries) < 0.1 * LATE_S
    # A thread that nobody wakes looks again by itself, but later.
    assert min(delay for _, delay in tries) < 0.4 * (LONGEST_SLEEP_NS * 1e-9 - LATE_S)


def test_a_patient_thread_polls():
    busy, _ = max(late(1_000_000_000) for _ in range(3))
    assert busy > 0.1 * LATE_S


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
