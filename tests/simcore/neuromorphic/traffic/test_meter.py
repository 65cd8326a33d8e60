"""Live counting on a chip against plain sums over spikes, step by step."""

from dataclasses import fields, replace

import numpy as np
import pytest
from drawn_axons import draw_axons

from simcore.comm import LocalCommunicator
from simcore.errors import InputError
from simcore.network import FixedIndegree, FixedTotalNumber, Network, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.noc.routes import Routes, make_routes
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.traffic import meter
from simcore.neuromorphic.traffic.counts import CoreTimes, StepSummary
from simcore.neuromorphic.traffic.meter import BUSY, PLASTICITY, SECONDS, UPDATES, WHOLE, MappedSources, TrafficMeter
from tests.simcore.neuromorphic.noc.invented import link_loads

FIRST, STEPS = 40, 57
TIMES = CoreTimes(synop_s=3.5e-9, message_in_s=1.6e-8, update_s=8.4e-9, spike_out_s=3e-8, message_out_s=5.1e-9)
NETWORK = Network(
    [Population("A", 90), Population("silent", 10), Population("B", 60)],
    [
        Projection("A", "B", FixedIndegree(11), 1.0),
        Projection("B", "A", FixedTotalNumber(700), 1.0),
        Projection("A", "A", FixedIndegree(3), 1.0),
    ],
)


def mapped(chip="loihi1", neurons_per_core=7):
    dealt = np.random.default_rng(3).permutation(NETWORK.n_neurons) // neurons_per_core
    mapping = CoreMapping("dealt", dealt.max() + 1, dealt)
    axons, system = draw_axons(NETWORK, 5, mapping), make_system(load_chip(chip), mapping.cores)
    return MappedSources(axons, make_routes(system, axons, mapping.core_of), mapping.core_of, system)


@pytest.fixture(scope="module")
def spikes():
    """Bursts, and steps without a spike."""
    chance = np.random.default_rng(8)
    stamps = np.sort(chance.integers(FIRST + 1, FIRST + STEPS + 1, 400) // 3 * 3 + 1)
    stamps = stamps[(stamps > FIRST) & (stamps <= FIRST + STEPS)]
    return stamps, chance.integers(0, NETWORK.n_neurons, len(stamps))


def plain(on_chip, stamps, ids):
    """What `TrafficMeter` tells, one spike after the other: rows of `StepSummary` and loads of links."""
    axons, routes, system = on_chip.axons, on_chip.routes, on_chip.system
    cores, links = len(system.router_of_core), len(system.link_origin)
    neurons = np.bincount(on_chip.core_of, minlength=cores)
    rows, loads = [], []
    for step in range(FIRST + 1, FIRST + STEPS + 1):
        synops, entered, left, fired = (np.zeros(cores, dtype=np.int64) for _ in range(4))
        load = np.zeros(links, dtype=np.int64)
        for neuron in ids[stamps == step]:
            own = slice(axons.starts[neuron], axons.starts[neuron + 1])
            for core, synapses in zip(axons.cores[own], axons.synapses[own], strict=True):
                synops[core] += synapses
                entered[core] += 1
            left[on_chip.core_of[neuron]] += routes.injected[neuron]
            fired[on_chip.core_of[neuron]] += 1
            load += link_loads(routes, neuron, links)
        memory_s = synops * TIMES.synop_s + entered * TIMES.message_in_s
        compute_s = neurons * TIMES.update_s + (fired * TIMES.spike_out_s + left * TIMES.message_out_s)
        busiest = load.argmax() if load.any() else -1
        sums = [synops.sum(), entered.sum(), fired.sum(), load.sum()]
        largest = [synops.max(), synops.argmax(), entered.max(), left.max(), fired.max(), load.max(), busiest]
        rows.append([*sums, *largest, memory_s.max(), compute_s.max()])
        loads.append(load)
    columns = zip(WHOLE + SECONDS, zip(*rows, strict=True), strict=True)
    return {name: np.array(column) for name, column in columns}, np.array(loads)


def observed(on_chip, stamps, ids, blocks=(STEPS,), **options):
    counting = TrafficMeter(on_chip, LocalCommunicator(), TIMES, **options)
    first = FIRST
    for steps in blocks:
        chosen = (stamps > first) & (stamps <= first + steps)
        counting.observe(first, steps, stamps[chosen], ids[chosen])
        first += steps
    return counting


def assert_tells(counting, expected):
    summary = counting.summary()
    for name, values in expected.items():
        np.testing.assert_array_equal(getattr(summary, name), values, err_msg=name)


@pytest.mark.parametrize("chip", ["loihi1", "truenorth", "spinnaker1"])
def test_every_step_is_that_of_a_plain_sum(spikes, chip):
    on_chip = mapped(chip)
    expected, loads = plain(on_chip, *spikes)
    assert expected["spikes"].min() == 0 and expected["spikes"].max() > 10
    counting = observed(on_chip, *spikes, keeps_loads=True)
    assert_tells(counting, expected)
    np.testing.assert_array_equal(counting.link_messages(), loads)


@pytest.mark.parametrize(("threads", "blocks"), [(1, (1, 5, 51)), (3, (STEPS,)), (4, (7, 2, 48))])
def test_neither_threads_nor_blocks_change_anything(spikes, threads, blocks):
    on_chip = mapped()
    expected, loads = plain(on_chip, *spikes)
    counting = observed(on_chip, *spikes, blocks, threads=threads, keeps_loads=True)
    assert_tells(counting, expected)
    np.testing.assert_array_equal(counting.link_messages(), loads)
    np.testing.assert_array_equal(counting.totals().link_messages_max, loads.max(axis=0))


def test_totals_are_the_sums_of_the_steps(spikes):
    on_chip = mapped()
    expected, loads = plain(on_chip, *spikes)
    counts = observed(on_chip, *spikes).totals()
    assert counts.steps == STEPS
    assert counts.synops.sum() == expected["synops"].sum() > 0
    assert counts.spikes.sum() == len(spikes[0])
    # What is sent arrives, and each message passes its hops.
    assert counts.messages_in.sum() == counts.messages_out.sum() == expected["messages"].sum()
    assert counts.link_messages.sum() == expected["hops"].sum()
    np.testing.assert_array_equal(counts.link_messages, loads.sum(axis=0))
    np.testing.assert_array_equal(counts.neurons, np.bincount(on_chip.core_of))


def test_a_multicast_message_leaves_once_and_enters_every_core(spikes):
    counts = observed(mapped("spinnaker1"), *spikes).totals()
    sent = np.count_nonzero(np.diff(mapped("spinnaker1").axons.starts)[spikes[1]])
    assert counts.messages_out.sum() == sent < counts.messages_in.sum()


@pytest.mark.parametrize(("threads", "blocks"), [(1, (STEPS,)), (3, (STEPS,)), (1, (1, 5, 51))])
@pytest.mark.parametrize("chip", ["loihi1", "spinnaker1"])
def test_reads_and_messages_of_core_links_are_those_of_a_plain_sum(spikes, chip, threads, blocks, monkeypatch):
    monkeypatch.setattr(meter, "EXCHANGE_BYTES", 16 * 23 * 10)
    on_chip = mapped(chip)
    axons, cores = on_chip.axons, len(on_chip.system.router_of_core)
    words = np.random.default_rng(1).integers(0, 9, len(axons.cores)).astype(np.int32)
    expected = []
    for step in range(FIRST + 1, FIRST + STEPS + 1):
        reads, exchanged = (np.zeros(cores, dtype=np.int64) for _ in range(2))
        for neuron in spikes[1][spikes[0] == step]:
            own = slice(axons.starts[neuron], axons.starts[neuron + 1])
            for core, number in zip(axons.cores[own], words[own], strict=True):
                reads[core] += number
                exchanged[core] += 1
            exchanged[on_chip.core_of[neuron]] += on_chip.routes.injected[neuron]
        expected.append((reads.max(), exchanged.max()))
    both = observed(replace(on_chip, words=words), *spikes, blocks, threads=threads, counts_core_links=True)
    summary = both.summary()
    assert list(zip(summary.reads_max, summary.core_link_messages_max, strict=True)) == expected
    one = observed(on_chip, *spikes, blocks, threads=threads, counts_core_links=True).summary()
    assert one.reads_max is None and one.core_link_messages_max.tolist() == summary.core_link_messages_max.tolist()
    assert_tells(both, plain(on_chip, *spikes)[0])


def test_nothing_happens_without_spikes():
    nothing = np.zeros(0, dtype=np.int64)
    on_chip = mapped()
    counting = observed(on_chip, nothing, nothing)
    summary, neurons = counting.summary(), np.bincount(on_chip.core_of).max()
    assert summary.busiest_link.tolist() == [-1] * STEPS and not summary.hops.any()
    np.testing.assert_array_equal(summary.compute_s, neurons * TIMES.update_s)
    assert observed(on_chip, nothing, nothing, blocks=()).summary().synops.shape == (0,)


def test_what_has_no_time_takes_none(spikes):
    counting = TrafficMeter(mapped(), LocalCommunicator(), CoreTimes(None, None, None, None, 2.0))
    counting.observe(FIRST, STEPS, *spikes)
    summary = counting.summary()
    assert not summary.memory_s.any()
    np.testing.assert_array_equal(summary.compute_s, 2.0 * summary.messages_out_max)
    assert [field.name for field in fields(StepSummary)] == [*WHOLE, *SECONDS, *BUSY, *UPDATES, PLASTICITY]
    assert all(getattr(summary, name) is None for name in (*BUSY, *UPDATES, PLASTICITY))


def wired(sources, fan_out, synapses=1, load=0):
    """Sources of one core that all reach the first cores of a chip, and put messages onto the first link."""
    cores = np.tile(np.arange(fan_out, dtype=np.int32), sources)
    starts, ids = np.arange(sources + 1, dtype=np.int64), np.arange(sources, dtype=np.int64)
    axons = Axons(ids, fan_out * starts, cores, np.full_like(cores, synapses), np.zeros(len(cores), dtype=np.bool_))
    changes = np.tile(np.array([load, -load], dtype=np.int32), sources)
    injected, within = np.full(sources, fan_out, dtype=np.int32), np.zeros(sources, dtype=np.int32)
    routes = Routes(2 * starts, np.tile(np.int32([0, 1]), sources), changes, ids * 0 + load, injected, within)
    return MappedSources(axons, routes, ids * 0, make_system(load_chip("loihi1"), max(fan_out, 2)))


def test_sums_over_a_chip_have_room_for_a_burst_of_all_neurons():
    sources, fan_out, synapses = 4000, 3000, 1_000_000
    all_at_once = np.full(sources, FIRST + 1), np.arange(sources)
    summary = observed(wired(sources, fan_out, synapses), *all_at_once).summary()
    messages = sources * fan_out
    assert messages > 2**23 and messages * synapses > 2**43
    assert (summary.messages[0], summary.synops[0]) == (messages, messages * synapses)
    assert (summary.messages_in_max[0], summary.synops_max[0]) == (sources, sources * synapses)
    assert (summary.messages_out_max[0], summary.spikes_max[0]) == (messages, sources)


@pytest.mark.parametrize(
    ("fits", "wires", "refused"),
    [
        # Up to here words have 32 bits, from there 64.
        (True, (2**15 - 1, 1), ""),
        (True, (2**15, 1), ""),
        (True, (1, 2, 2**16 - 1), ""),
        (True, (1, 2, 2**16), ""),
        (True, (2, 2, 2**31 - 1), ""),
        (False, (3, 2, 2**31 - 1), "synaptic events of a core"),
        (True, (1, 2, 1, 2**31 - 1), ""),
        (False, (2, 2, 1, 2**30), "messages on a link"),
    ],
)
def test_what_could_not_be_counted_is_refused(fits, wires, refused):
    if fits:
        most = np.full(wires[0], FIRST + 1), np.arange(wires[0])
        on_chip = wired(*wires)
        counting = observed(on_chip, *most)
        summary, counts = counting.summary(), counting.totals()
        assert summary.messages_in_max[0] == counts.messages_in.max()
        assert summary.synops_max[0] == counts.synops.max()
        assert summary.link_messages_max[0] == counts.link_messages.max()
    else:
        with pytest.raises(InputError, match=f"{refused} if all neurons spike in a step = .*: must be at most"):
            observed(wired(*wires), *np.zeros((2, 0), dtype=np.int64))
