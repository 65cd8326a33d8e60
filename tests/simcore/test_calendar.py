"""Delivery through the calendar: classes of delays, pools that become larger, what is under way, memory, GPUs."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simcore.backends.cpu.calendar import calendar_bytes
from simcore.errors import ResourceError
from simcore.network import (
    AllToAll,
    BernoulliTrains,
    Explicit,
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
FAST = {"tau_m": 1.0, "tau_syn_ex": 0.5, "tau_syn_in": 0.5}
"""Neurons that are back at rest soon."""
PRECISIONS = {16: "float32", 32: "float64"}
"""By bits of weights, those for which the step loop is compiled in other tests, too."""


def network(weight=None, longest_ms=LONGEST_MS, in_degree=20):
    """Excitation, inhibition and delays from one step on; busy enough that arrivals meet."""
    weight = Normal(mean=30.0, std=9.0) if weight is None else weight
    delay = Uniform(low=0.1, high=longest_ms)
    return Network(
        [Population("E", 60), Population("I", 20)],
        [
            Projection("E", "I", FixedIndegree(in_degree), weight, delay),
            Projection("E", "E", FixedIndegree(in_degree), weight, delay),
            Projection("I", "E", FixedIndegree(in_degree // 2), -50.0, delay),
        ],
        [Poisson("E", 8000.0, 90.0), Poisson("I", 8000.0, 90.0)],
        [SpikeRecorder("E"), SpikeRecorder("I")],
    )


def outcome(described, weight_bits=16, **options):
    """Digest of the spikes and number of synaptic events of two stretches."""
    options = {"weight_bits": weight_bits, "precision": PRECISIONS[weight_bits], **options}
    with Simulator(described, seed=3, **options) as simulator:
        runs = [simulator.run(duration) for duration in (80.3, 60.0)]
        return simulator.network_digest, [(run.spike_digest, run.synaptic_events) for run in runs]


@pytest.mark.parametrize("weight", [None, 40.0])
@pytest.mark.parametrize("weight_bits", [16, pytest.param(32, marks=pytest.mark.thorough)])
def test_long_delays_of_several_classes_arrive_as_on_the_oracle(weight, weight_bits):
    described = network(weight)
    expected = outcome(described, backend="oracle", weight_bits=weight_bits)
    assert min(events for _, events in expected[1]) > 5_000
    for threads in (1, 3):
        assert outcome(described, delivery="calendar", weight_bits=weight_bits, threads=threads) == expected


@pytest.mark.parametrize(
    ("backend", "in_degree", "weight_bits"),
    [("gpu", 20, 16), ("gpu", 4, 16), pytest.param("gpu", 20, 32, marks=pytest.mark.thorough)],
)
def test_long_delays_arrive_on_a_gpu_as_on_the_oracle(monkeypatch, backend, in_degree, weight_bits):
    described = network(in_degree=in_degree)
    expected = outcome(described, backend="oracle", weight_bits=weight_bits)
    for partition_size in (65_536, 17):
        monkeypatch.setattr("simcore.backends.gpu.layout.MAX_PARTITION_NEURONS", partition_size)
        assert outcome(described, backend=backend, delivery="calendar", weight_bits=weight_bits) == expected


@pytest.mark.parametrize("backend", ["gpu"])
def test_the_memory_of_a_gpu_follows_its_synapses_not_the_range_of_delays(monkeypatch, backend):
    monkeypatch.setattr("simcore.backends.gpu.held_spikes.SPARE_ENTRIES", 1000)
    held = {}
    for longest_ms in (61.0, 610.0):
        described = network(longest_ms=longest_ms)
        with Simulator(described, delivery="calendar", backend=backend) as simulator:
            held[longest_ms] = simulator.memory_bytes
        # Words of 4 bytes and delays of 2; 140 rows, since weights of E may have both signs.
        assert held[longest_ms]["synapses"] == (80 * 20 + 60 * 10) * 6
        assert held[longest_ms]["index"] == 141 * 4 + 16
    # An entry for each step of the longest delay.
    assert held[610.0]["state"] - held[61.0]["state"] == 8 * (6100 - 610)


@pytest.mark.parametrize(
    ("backend", "in_degree", "longest_ms", "delivery"),
    [("gpu", 20, 3.0, "calendar"), ("gpu", 40, 0.5, "just_in_time")],
)
def test_a_gpu_takes_the_calendar_where_groups_are_short(backend, in_degree, longest_ms, delivery):
    with Simulator(network(in_degree=in_degree, longest_ms=longest_ms), backend=backend) as simulator:
        assert simulator.delivery == delivery
        assert "synapses for each source, delay and partition" in simulator.delivery_reason


@pytest.mark.parametrize("delivery", ["by_source", "calendar"])
def test_rows_with_fewer_than_one_synapse_arrive_as_on_the_oracle(delivery):
    described = network(in_degree=4)
    expected = outcome(described, backend="oracle")
    with Simulator(described, seed=3, delivery=delivery, threads=5) as simulator:
        assert simulator._engine._layout.sparse
        runs = [simulator.run(duration) for duration in (80.3, 60.0)]
    assert [(run.spike_digest, run.synaptic_events) for run in runs] == expected[1]


def test_several_partitions_of_a_thread_have_lists_of_their_own(monkeypatch):
    expected = outcome(network(), backend="oracle")
    monkeypatch.setattr("simcore.placement.owners.MAX_PARTITION_NEURONS", 17)
    assert outcome(network(), delivery="calendar", threads=2) == expected


def test_a_pool_that_is_too_small_becomes_larger(monkeypatch):
    expected = outcome(network(), backend="oracle")
    monkeypatch.setattr("simcore.backends.cpu.calendar.LEAST_BLOCKS", 2)
    monkeypatch.setattr("simcore.backends.cpu.calendar.UNDER_WAY", 0.0)
    with Simulator(network(), seed=3, threads=1, delivery="calendar") as simulator:
        (before,) = simulator._engine._calendars
        runs = [simulator.run(duration) for duration in (80.3, 60.0)]
        (after,) = simulator._engine._calendars
    assert [(run.spike_digest, run.synaptic_events) for run in runs] == expected[1]
    assert len(before.links) == 2 and len(after.links) > 600


def test_every_block_is_in_a_list_or_free_and_none_in_two():
    with Simulator(network(), seed=3, threads=1, delivery="calendar") as simulator:
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
    assert entries > 1_000 and not pending.any()


def test_a_delay_beyond_ten_seconds_of_steps_needs_no_ring():
    """10,000 delays: a ring would take 6.4 MB for these 80 neurons, the calendar less than 2 MB."""
    described = network(longest_ms=1000.0)
    with Simulator(described, seed=3, threads=1, delivery="calendar") as simulator:
        assert simulator.memory_bytes["state"] < 2_000_000
        run = simulator.run(20.0)
    with Simulator(described, seed=3, backend="oracle") as oracle:
        assert oracle.run(20.0).spike_digest == run.spike_digest


@pytest.mark.parametrize("weight_bits", [16, pytest.param(32, marks=pytest.mark.thorough)])
def test_the_calendar_is_counted_as_memory(weight_bits):
    described = Network(
        [Population("E", 1000)],
        [Projection("E", "E", FixedIndegree(600), Normal(mean=30.0, std=9.0), Uniform(low=0.1, high=LONGEST_MS))],
    )
    options = {"weight_bits": weight_bits, "precision": PRECISIONS[weight_bits]}
    with Simulator(described, threads=2, delivery="calendar", **options) as simulator:
        allocated = simulator.memory_bytes
        estimated = simulator.backend.memory_estimate(simulator.plan)
        calendars = simulator._engine._calendars
        reserved = sum(array.nbytes for calendar in calendars for array in calendar)
        in_use = sum(map(calendar_bytes, calendars))
    assert 0.25 * 600_000 * weight_bits / 8 < reserved
    assert in_use < allocated["state"]
    assert estimated["synapses"] == allocated["synapses"] == 600_000 * (2 * weight_bits // 8 + 1)
    # Entries under way at 10 spikes per second for 30 ms, and blocks that are half full; links and lists in any case.
    under_way = 600_000 * 0.3 * weight_bits / 8
    assert under_way < estimated["inputs"] < reserved


def test_more_classes_of_delays_than_have_numbers_are_refused(monkeypatch):
    # 160 rows, since 80 neurons have weights of both signs, in classes of 256 delays.
    monkeypatch.setattr("simcore.synapses.layout.MAX_GROUPS", 400)
    with pytest.raises(ResourceError, match="3 classes of delays"):
        Simulator(network(), threads=1, delivery="calendar")
    monkeypatch.setattr("simcore.synapses.layout.MAX_RING_BYTES", 0)
    with Simulator(network(), threads=1) as simulator:
        assert simulator.delivery == "by_source"
        assert "more classes of delays than the index can hold" in simulator.delivery_reason


steps = st.one_of(
    st.tuples(st.just("run"), st.integers(1, 400)),
    st.tuples(st.sampled_from(["take a snapshot", "restore", "go on elsewhere"]), st.just(0)),
    st.tuples(st.just("change"), st.integers(0, 400)),
    st.tuples(st.just("restart"), st.integers(0, 3)),
)


@st.composite
def wired(draw):
    """Listed edges, so that a restart is possible, with delays around multiples of 256 steps, and relays."""
    n, longest = draw(st.integers(3, 60)), draw(st.sampled_from([1, 40, 255, 256, 257, 512, 513]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sources, targets = random.integers(0, n, (2, 6 * n))
    delays = 0.1 * random.integers(1, longest + 1, 6 * n)
    # Weights of both signs or of one; all vary, because the step loop is compiled separately for constant ones.
    weights = random.uniform(draw(st.sampled_from([-500.0, 200.0])), 1500.0, 6 * n)
    populations = [
        Population("E", n, params=FAST),
        Population("S", 4, source=BernoulliTrains(60.0)),
        Population("P", 2, "parrot_neuron"),
    ]
    projections = [
        Projection("S", "E", AllToAll(), 1500.0, 0.1 * longest),
        Projection("E", "E", Explicit(sources, targets), weights, delays),
        Projection("S", "P", AllToAll(), 1.0, 0.1 * longest),
        Projection("P", "E", AllToAll(), -300.0, 0.1),
    ]
    return Network(populations, projections, recorders=[SpikeRecorder()])


def played(described, script, elsewhere, **options):
    """What the stretches of a script yield, and the state at its end; `elsewhere` are the options to go on with."""
    found, held = [], None
    simulator = Simulator(described, seed=2, **options)
    try:
        for what, number in script:
            if what == "run":
                run = simulator.run(0.1 * number)
                found.append((run.spike_digest, run.synaptic_events))
            elif what == "take a snapshot":
                held = simulator.snapshot()
            elif what == "restore" and held is not None:
                simulator.restore(held)
            elif what == "go on elsewhere":
                there, now, seed = simulator.network, simulator.snapshot(), simulator.plan.seed
                simulator.close()
                simulator = Simulator(there, seed=seed, **elsewhere)
                simulator.run(1.7)
                simulator.restore(now)
            elif what == "change":
                simulator.set_parameters("E", {"I_e": float(number)})
                # A snapshot belongs to the parameters with which it was taken.
                held = None
            elif what == "restart":
                simulator.restart(number)
                held = None
        last = simulator.snapshot()
        return found, [array.tobytes() for array in (*last.state, *last.counters)]
    finally:
        simulator.close()


@pytest.mark.thorough
@pytest.mark.parametrize("backend", ["gpu"])
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    described=wired(), script=st.lists(steps, min_size=2, max_size=8),
    delivery=st.sampled_from(["just_in_time", "calendar"]), max_steps=st.sampled_from([7, 2000]),
)  # fmt: skip
def test_snapshots_changes_and_restarts_leave_a_gpu_as_the_oracle_is(
    monkeypatch, backend, described, script, delivery, max_steps
):
    script = [("run", 150), *script, ("run", 300)]
    expected = played(described, script, {"backend": "oracle"}, backend="oracle")
    with monkeypatch.context() as smaller:
        smaller.setattr("simcore.backends.gpu.layout.MAX_PARTITION_NEURONS", 19)
        smaller.setattr("simcore.backends.gpu.engine.MAX_STEPS", max_steps)
        elsewhere = {"backend": backend, "delivery": delivery}
        assert played(described, script, elsewhere, backend=backend, delivery="calendar") == expected


@pytest.mark.thorough
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    described=wired(), script=st.lists(steps, min_size=2, max_size=8),
    delivery=st.sampled_from(["by_source", "calendar"]), threads=st.integers(1, 3),
)  # fmt: skip
def test_snapshots_changes_and_restarts_leave_a_calendar_as_the_oracle_has_it(
    monkeypatch, described, script, delivery, threads
):
    script = [("run", 150), *script, ("run", 300)]
    with monkeypatch.context() as smaller:
        smaller.setattr("simcore.backends.cpu.resting_choice.LEAST_NEURONS", 1)
        smaller.setattr("simcore.backends.cpu.state.RESTING_SEGMENT_NEURONS", 17)
        smaller.setattr("simcore.backends.cpu.calendar.LEAST_BLOCKS", 2)
        smaller.setattr("simcore.backends.cpu.calendar.UNDER_WAY", 0.0)
        expected = played(described, script, {"backend": "oracle"}, backend="oracle")
        smaller.setattr("simcore.placement.owners.MAX_PARTITION_NEURONS", 19)
        elsewhere = {"delivery": delivery, "threads": threads}
        assert played(described, script, elsewhere, delivery="calendar", threads=threads) == expected
