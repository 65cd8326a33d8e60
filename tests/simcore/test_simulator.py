"""The simulator's interface: runs add up, bad options are refused before anything is built, nothing hangs."""

import gc
import os
import signal
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

import simcore.memory
from simcore import Simulator
from simcore.backends.cpu.team import Team
from simcore.comm import LocalCommunicator
from simcore.errors import InputError, ResourceError
from simcore.network import (
    Dc,
    FixedIndegree,
    Network,
    Normal,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    TraceRecorder,
    Uniform,
)


def small(**options):
    return Network(
        [Population("E", 60), Population("I", 15)],
        [
            Projection("E", "I", FixedIndegree(6), 40.0, 1.5),
            Projection("I", "E", FixedIndegree(4), -120.0, 0.8),
            Projection("E", "E", FixedIndegree(8), 40.0, 0.1),
        ],
        [Poisson("E", 20_000.0, 40.0), Dc("I", 380.0)],
        [SpikeRecorder(), TraceRecorder("E", (3, 59), ("V_m", "I_syn_ex"))],
        **options,
    )


@pytest.fixture(params=["oracle", "cpu", "gpu"])
def backend(request):
    return request.param


def test_several_runs_equal_one(backend):
    with Simulator(small(), backend=backend, threads=2) as whole, Simulator(small(), backend=backend) as parts:
        expected = whole.run(60.0)
        pieces = [parts.run(duration) for duration in (0.1, 0.0, 7.3, 52.6)]
        assert sum(piece.steps for piece in pieces) == expected.steps == 600
        assert sum(piece.synaptic_events for piece in pieces) == expected.synaptic_events > 0
        assert sum(int(piece.spike_digest, 16) for piece in pieces) % 2**128 == int(expected.spike_digest, 16)
        assert np.array_equal(whole.spikes().stamps, parts.spikes().stamps)
        assert np.array_equal(whole.spikes().ids, parts.spikes().ids)
        for recorded, values in whole.traces().items():
            assert np.array_equal(values, parts.traces()[recorded])
            assert values.shape == (600,)


def test_spikes_are_ordered_and_belong_to_their_populations(backend):
    with Simulator(small(), backend=backend) as simulator:
        result = simulator.run(50.0)
        spikes = simulator.spikes()
    order = np.lexsort((spikes.ids, spikes.stamps))
    assert np.array_equal(order, np.arange(len(spikes)))
    for name, size in (("E", 60), ("I", 15)):
        times, ids = spikes.of(name)
        assert len(times) == result.spikes[name] > 0
        assert ids.min() >= 0
        assert ids.max() < size
        assert times.max() <= 50.0


def test_a_spike_is_stamped_at_the_end_of_its_step_and_arrives_after_its_delay(backend):
    """A spike train reaches a neuron, whose spike reaches the next: by hand from NEST's update order."""
    params = {"tau_syn_ex": 0.5, "V_th": -69.9}
    network = Network(
        [Population("A", 1, params=params), Population("B", 1, "parrot_neuron")],
        [Projection("A", "B", FixedIndegree(1), 1.0, 1.2)],
        [SpikeTrain("A", [1.0], 5000.0, 0.5)],
        [SpikeRecorder(), TraceRecorder("A", (0,), ("I_syn_ex",))],
    )
    with Simulator(network, backend=backend, precision="float64") as simulator:
        simulator.run(4.0)
        current = simulator.traces()["A", 0, "I_syn_ex"]
        # Stamped 10 with a delay of 5: added at the end of the step that ends at 15, moves V in the next.
        assert np.flatnonzero(current)[0] == 14
        assert simulator.spikes().stamps.tolist() == [16, 28]
        assert simulator.spikes().times_ms.tolist() == [1.6, 2.8]


def test_recording_does_not_change_the_spikes(backend):
    quiet = Network(small().populations, small().projections, small().drives)
    with Simulator(quiet, backend=backend) as one, Simulator(small(), backend=backend) as other:
        assert one.run(30.0).spike_digest == other.run(30.0).spike_digest
        assert len(one.spikes()) == 0
        assert one.traces() == {}


def test_a_full_register_of_spikes_loses_none(monkeypatch):
    """Every neuron fires in every step: the register fills many times within a run."""
    monkeypatch.setattr("simcore.backends.cpu.register.MIN_WORDS", 64)
    network = Network(
        [Population("A", 50, params={"I_e": 1e6, "t_ref": 0.0})], [Projection("A", "A", FixedIndegree(2), 1.0, 1.0)]
    )
    digests = set()
    for backend, threads in (("oracle", 1), ("gpu", 1), ("cpu", 1), ("cpu", 3)):
        with Simulator(network, backend=backend, threads=threads) as simulator:
            result = simulator.run(20.0)
            assert result.spikes == {"A": 50 * 200}
            assert result.synaptic_events == 50 * 2 * 190
            digests.add(result.spike_digest)
    assert len(digests) == 1


def test_progress_ends_at_the_number_of_steps(backend):
    seen = []
    with Simulator(small(), backend=backend) as simulator:
        simulator.run(20.0, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 200


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed = -1"),
        ({"seed": 2**32}, "seed = 4294967296"),
        ({"threads": 0}, "threads = 0"),
        ({"threads": 100_000}, r"threads = 100000 .*\[1, 1024\]"),
        ({"precision": "float16"}, "precision = 'float16' .*float32 or float64"),
        ({"weight_bits": 7}, "weight_bits = 7"),
        ({"backend": "fpga"}, "backend = 'fpga' is unknown; use cpu, gpu, oracle"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        Simulator(small(), **options)


@pytest.mark.parametrize("duration", [-1.0, 0.05, 1e12])
def test_times_off_the_grid_are_refused(duration):
    with Simulator(small(), backend="oracle") as simulator, pytest.raises(InputError, match="model_time_ms"):
        simulator.run(duration)


def test_too_little_memory_is_refused_before_anything_is_built(monkeypatch, backend):
    monkeypatch.setattr(simcore.memory, "tightest_limit", lambda: simcore.memory.MemoryLimit(10**9, "a test"))
    big = Network([Population("A", 200_000)], [Projection("A", "A", FixedIndegree(10_000), 1.0)])
    start = time.perf_counter()
    with pytest.raises(ResourceError, match=r"needs about .* GB .*synapses .* only 1\.00 GB"):
        Simulator(big, backend=backend)
    assert time.perf_counter() - start < 5.0


def test_an_interrupted_run_can_go_on(backend):
    """Ctrl-C during a run leaves whole steps; the run that continues gives the spikes of an uninterrupted one."""
    # Shells ignore the signal in what they start in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with Simulator(small(), backend=backend) as simulator, Simulator(small(), backend=backend) as other:
        timer = threading.Timer(0.3, signal.raise_signal, (signal.SIGINT,))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            simulator.run(1e6)
        reached = simulator.step
        assert reached > 0
        simulator.run(5.0)
        other.run((reached + 50) * 0.1)
        assert np.array_equal(simulator.spikes().stamps, other.spikes().stamps)
        assert np.array_equal(simulator.spikes().ids, other.spikes().ids)


def test_a_team_finishes_before_it_raises_a_members_error():
    finished = []

    def task(member):
        if member == 1:
            raise RuntimeError("member 1 failed")
        time.sleep(0.05)
        finished.append(member)

    team = Team(3)
    with pytest.raises(RuntimeError, match="member 1 failed"):
        team.run(task)
    assert sorted(finished) == [0, 2]
    assert team.run(lambda member: member * 10) == [0, 10, 20]
    team.close()


def test_a_closed_simulator_says_so():
    simulator = Simulator(small(), backend="cpu", threads=2)
    simulator.close()
    simulator.close()
    with pytest.raises(RuntimeError, match="closed"):
        simulator.run(1.0)


def test_the_oracle_refuses_several_ranks():
    class TwoRanks(LocalCommunicator):
        size = 2

    with pytest.raises(InputError, match="ranks = 2"):
        Simulator(small(), backend="oracle", comm=TwoRanks())


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("cpu", "auto", 2), ("oracle", "auto", 1)),
        (("oracle", "auto", 1), ("cpu", "just_in_time", 3)),
        (("cpu", "just_in_time", 1), ("cpu", "by_source", 2)),
        (("cpu", "by_source", 3), ("cpu", "just_in_time", 2)),
        (("cpu", "by_source", 3), ("cpu", "calendar", 2)),
        (("cpu", "calendar", 2), ("cpu", "by_source", 1)),
        (("gpu", "just_in_time", 1), ("cpu", "auto", 2)),
        (("oracle", "auto", 1), ("gpu", "just_in_time", 1)),
        (("gpu", "calendar", 1), ("cpu", "calendar", 2)),
        (("cpu", "by_source", 2), ("gpu", "calendar", 1)),
        (("gpu", "just_in_time", 1), ("gpu", "calendar", 1)),
    ],
)
@pytest.mark.parametrize("at_ms", [0.0, 0.3, 17.7])
def test_a_snapshot_goes_on_to_the_same_spikes_on_another_layout(before, after, at_ms, precision):
    def make(layout):
        backend, delivery, threads = layout
        return Simulator(small(), backend=backend, delivery=delivery, threads=threads, precision=precision)

    with make(before) as whole, make(before) as first, make(after) as second:
        whole.run(at_ms)
        expected = whole.run(30.0)
        first.run(at_ms)
        # What it simulated before must not matter.
        second.run(5.0)
        second.restore(first.snapshot())
        result = second.run(30.0)
        again = second.snapshot()
        assert (result.spike_digest, result.spikes) == (expected.spike_digest, expected.spikes)
        assert result.synaptic_events == expected.synaptic_events
        reference = whole.snapshot()
        assert np.array_equal(again.stamps, reference.stamps)
        assert np.array_equal(again.ids, reference.ids)
        assert all(np.array_equal(a, b) for a, b in zip(again.state, reference.state, strict=True))
        assert all(np.array_equal(a, b) for a, b in zip(again.counters, reference.counters, strict=True))


def test_neurons_start_at_their_own_resting_potential(backend):
    params = {"E_L": Normal(mean=-65.0, std=3.0, high=-60.0), "V_reset": -90.0}
    network = Network([Population("A", 5, params=params)], recorders=[TraceRecorder("A", range(5))])
    with Simulator(network, backend=backend, precision="float64") as simulator:
        simulator.run(10.0)
        potentials = np.array(list(simulator.traces().values()))
    assert np.all(potentials == potentials[:, :1])
    assert len(set(potentials[:, 0])) == 5


def test_stamps_beyond_two_to_the_31_are_right():
    with Simulator(small(), backend="cpu", threads=2) as simulator:
        start = 2**31 - 100
        simulator.restore(replace(simulator.snapshot(), step=start))
        simulator.run(50.0)
        stamps = simulator.spikes().stamps
    assert len(stamps) > 0
    assert stamps.min() > start
    assert stamps.max() <= start + 500


@pytest.mark.parametrize(("partition_size", "threads"), [(7, 1), (5, 3), (65536, 200)])
def test_partitions_change_nothing(monkeypatch, partition_size, threads):
    """Several partitions for each thread, and more threads than neurons; the smallest delay is two steps."""
    network = Network(
        [Population("A", 40, params={"I_e": 390.0}), Population("B", 9)],
        [
            Projection("A", "A", FixedIndegree(9), Normal(mean=0.0, std=80.0), Uniform(low=0.2, high=4.0)),
            Projection("A", "B", FixedIndegree(9), 150.0, 0.2),
            Projection("B", "A", FixedIndegree(3), -200.0, 30.0),
        ],
        [Poisson("A", 3000.0, 80.0)],
    )
    with Simulator(network, backend="oracle", accept_quantisation=True) as simulator:
        expected = (simulator.network_digest, simulator.run(80.0).spike_digest)
        assert len(simulator.plan.tables.adaptations) == 1
    monkeypatch.setattr("simcore.placement.owners.MAX_PARTITION_NEURONS", partition_size)
    with Simulator(network, threads=threads, accept_quantisation=True) as simulator:
        pieces = [simulator.run(duration) for duration in (0.1, 33.3, 46.6)]
        digest = sum(int(piece.spike_digest, 16) for piece in pieces) % 2**128
        assert (simulator.network_digest, f"{digest:032x}") == expected


def test_the_network_digest_tells_weights_drives_and_resolution_apart(backend):
    def digest(weight=1.0, rate=10.0, resolution_ms=0.1):
        network = Network(
            [Population("A", 4)],
            [Projection("A", "A", FixedIndegree(2), weight)],
            [Poisson("A", rate, 1.0)],
            resolution_ms=resolution_ms,
        )
        with Simulator(network, backend=backend, threads=1) as simulator:
            return simulator.network_digest

    assert len({digest(), digest(weight=2.0), digest(rate=11.0), digest(resolution_ms=0.2)}) == 4


@pytest.mark.parametrize("threads", [1, 2])
def test_a_forked_process_is_refused_and_may_make_its_own(threads):
    with Simulator(small(), threads=threads) as simulator:
        simulator.run(1.0)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                with pytest.raises(RuntimeError, match="forked"):
                    simulator.run(1.0)
                simulator.close()
                with Simulator(small(), threads=threads) as own:
                    code = 0 if own.run(1.0).steps == 10 else 1
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        assert simulator.run(1.0).steps == 10


def test_a_dropped_simulator_ends_its_threads_silently_whoever_drops_it(monkeypatch):
    complaints = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    before = threading.active_count()
    team = Team(2)
    held = [Simulator(small(), threads=2)]
    held[0].run(1.0)
    # The last reference goes within a worker, once another's and once its own.
    team.run(lambda member: held.clear() if member == 0 else None)
    engine, dropped = Simulator(small(), threads=2)._engine, threading.Event()
    engine._team._tasks[0].put(lambda member, engine=engine: dropped.wait(10.0))
    del engine
    dropped.set()
    gc.collect()
    team.close()
    end = time.monotonic() + 10.0
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() == before
    assert complaints == []


def test_the_network_digest_tells_sizes_without_synapses_apart(backend):
    def digest(*sizes):
        populations = [Population(f"P{number}", size) for number, size in enumerate(sizes)]
        with Simulator(Network(populations), backend=backend, threads=1) as simulator:
            return simulator.network_digest

    found = {digest(4), digest(5), digest(4, 1), digest(4, 2), digest(1, 4)}
    assert len(found) == 5 and digest(4) in found


UNCONNECTED = Network([Population("A", 4)], drives=[Poisson("A", 3000.0, 80.0)])


@pytest.mark.parametrize(
    ("other", "network", "word"),
    [
        ({"seed": 8}, UNCONNECTED, "snapshot.seed = 7 .*has 8"),
        ({"precision": "float64"}, UNCONNECTED, "snapshot.precision = float32 .*has float64"),
        ({"weight_bits": 32}, UNCONNECTED, "snapshot.weight_bits = 16 .*has 32"),
        ({}, replace(UNCONNECTED, populations=[Population("A", 5)]), "snapshot.network_digest"),
    ],
)
def test_a_snapshot_of_another_simulation_is_refused(backend, other, network, word):
    options = {"seed": 7, "backend": backend, "threads": 1}
    with Simulator(UNCONNECTED, **options) as first, Simulator(network, **(options | other)) as second:
        first.run(5.0)
        held, expected = first.snapshot(), first.run(20.0).spike_digest
        before = second.step
        with pytest.raises(InputError, match=word):
            second.restore(held)
        # As from a checkpoint, whose digest is compared elsewhere: the shapes decide.
        anonymous = replace(held, network_digest=None, seed=None, precision=None, weight_bits=None)
        if network is not UNCONNECTED:
            with pytest.raises(InputError, match="state and counters of shapes"):
                second.restore(anonymous)
        with pytest.raises(InputError, match="snapshot = 'held' is not allowed"):
            second.restore("held")
        assert second.step == before
        first.restore(held)
        assert first.run(20.0).spike_digest == expected


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"network": "pd14"}, "network = 'pd14'"),
        ({"network": None}, "network = None"),
        ({"backend": None}, "backend = None .*cpu"),
        ({"backend": ["cpu"]}, "backend = "),
        ({"precision": ["float32"]}, "precision = .*float32 or float64"),
        ({"precision": np.float32}, "precision = "),
        ({"delivery": {}}, "delivery = {}"),
        ({"exchange": 1}, "exchange = 1"),
        ({"weight_bits": 16.0}, "weight_bits = 16.0"),
        ({"weight_bits": "16"}, "weight_bits = '16'"),
        ({"weight_bits": None}, "weight_bits = None"),
        ({"accept_quantisation": "no"}, "accept_quantisation = 'no' .*True or False"),
        ({"accept_quantisation": 1}, "accept_quantisation = 1"),
        ({"seed": 1.0}, "seed = 1.0"),
        ({"seed": True}, "seed = True"),
        ({"threads": "2"}, "threads = '2'"),
        ({"comm": 5}, "comm = 5 .*communicator"),
    ],
)
def test_options_of_a_wrong_type_are_refused_in_a_sentence(options, word):
    given = {"network": UNCONNECTED, "backend": "oracle"} | options
    with pytest.raises(InputError, match=word):
        Simulator(given.pop("network"), **given)


def test_a_run_takes_a_number_and_functions():
    with Simulator(UNCONNECTED, backend="oracle") as simulator:
        for arguments in (("1",), (None,), (True,), (1.0, "progress"), (1.0, None, 5)):
            with pytest.raises(InputError, match="not allowed"):
                simulator.run(*arguments)
        with pytest.raises(InputError, match="snapshot = None"):
            simulator.restore(None)
        assert simulator.step == 0
