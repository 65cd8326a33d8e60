"""Delivery through the calendar: delays of several classes, lists that outgrow their pool, what is under way."""

import pytest

from simcore.network import (
    FixedIndegree,
    Network,
    Normal,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    Uniform,
)
from simcore.simulator import Simulator

LONGEST_MS = 61.0
"""Three classes of delays of 256 steps."""


def network(weight=None, longest_ms=LONGEST_MS):
    """Excitation, inhibition and delays from one step on; busy enough that arrivals meet."""
    weight = Normal(mean=30.0, std=9.0) if weight is None else weight
    delay = Uniform(low=0.1, high=longest_ms)
    return Network(
        [Population("E", 60), Population("I", 20)],
        [
            Projection("E", "I", FixedIndegree(20), weight, delay),
            Projection("E", "E", FixedIndegree(20), weight, delay),
            Projection("I", "E", FixedIndegree(10), -50.0, delay),
        ],
        [Poisson("E", 8000.0, 90.0), Poisson("I", 8000.0, 90.0)],
        [SpikeRecorder("E"), SpikeRecorder("I")],
    )


def outcome(described, **options):
    """Digest of the spikes and number of synaptic events of two stretches."""
    with Simulator(described, seed=3, precision="float64", **options) as simulator:
        runs = [simulator.run(duration) for duration in (80.3, 60.0)]
        return simulator.network_digest, [(run.spike_digest, run.synaptic_events) for run in runs]


@pytest.mark.parametrize("weight", [None, 40.0])
@pytest.mark.parametrize("weight_bits", [16, 32])
def test_long_delays_of_several_classes_arrive_as_on_the_oracle(weight, weight_bits):
    described = network(weight)
    expected = outcome(described, backend="oracle", weight_bits=weight_bits)
    assert min(events for _, events in expected[1]) > 5_000
    for threads in (1, 3):
        assert outcome(described, delivery="calendar", weight_bits=weight_bits, threads=threads) == expected


def test_several_partitions_of_a_thread_have_lists_of_their_own(monkeypatch):
    expected = outcome(network(), backend="oracle")
    monkeypatch.setattr("simcore.placement.MAX_PARTITION_NEURONS", 17)
    assert outcome(network(), delivery="calendar", threads=2) == expected


def test_a_pool_that_is_too_small_becomes_larger(monkeypatch):
    expected = outcome(network(), backend="oracle")
    monkeypatch.setattr("simcore.backends.cpu.calendar.LEAST_BLOCKS", 2)
    monkeypatch.setattr("simcore.backends.cpu.calendar.UNDER_WAY", 0.0)
    with Simulator(network(), seed=3, precision="float64", threads=1, delivery="calendar") as simulator:
        (before,) = simulator._engine._calendars
        runs = [simulator.run(duration) for duration in (80.3, 60.0)]
        (after,) = simulator._engine._calendars
    assert [(run.spike_digest, run.synaptic_events) for run in runs] == expected[1]
    assert len(before.links) == 2 and len(after.links) > 600


def test_every_block_is_in_a_list_or_free_and_none_in_two():
    with Simulator(network(), seed=3, precision="float64", threads=1, delivery="calendar") as simulator:
        simulator.run(70.0)
        (calendar,) = simulator._engine._calendars
        pending = simulator._engine._parts[0].pending
    held, entries = [], 0
    for end in calendar.ends[calendar.ends > 0].astype(int):
        block = (end - 1) >> 7
        entries += end - (block << 7)
        held.append(block)
        while calendar.links[block]:
            block = calendar.links[block]
            entries += 128
            held.append(block)
    free = calendar.free[: calendar.n_free[0]].tolist()
    assert sorted([0, *held, *free]) == list(range(len(calendar.links)))
    assert entries == pending.sum() > 1_000


def test_a_delay_beyond_ten_seconds_of_steps_needs_no_ring():
    """10,000 delays: a ring would take 6.4 MB for these 80 neurons, the calendar less than 2 MB."""
    described = network(longest_ms=1000.0)
    with Simulator(described, seed=3, precision="float64", threads=1, delivery="calendar") as simulator:
        assert simulator.memory_bytes["state"] < 2_000_000
        run = simulator.run(20.0)
    with Simulator(described, seed=3, precision="float64", backend="oracle") as oracle:
        assert oracle.run(20.0).spike_digest == run.spike_digest
