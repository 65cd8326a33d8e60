"""The communicators without MPI: one process alone, and one that plays a rank of many."""

import numpy as np
import pytest

from simcore.comm import LocalCommunicator
from simcore.comm.communicator import BETWEEN_GROUPS, EVERYONE, WITHIN_GROUP, ExchangeRequest, Routing
from simcore.comm.dry_run import DryRunCommunicator, spikes_per_step
from simcore.comm.dry_run_exchange import DryRunExchange
from simcore.comm.launch import LAUNCHED, SIZES, launched_by_mpi
from simcore.errors import InputError
from simcore.jit.compilation import kernel
from simcore.jit.intrinsics import call_kernel
from simcore.placement import Placement, RankGroup

BOUNDS = np.array([0, 600, 900, 1000], dtype=np.int64)
"""Populations of 600, 300 and 100 neurons."""
RATES = (12.0, 3.0, 0.5)
STEPS = 6000


@kernel
def once(start, test, state, words, ends):
    call_kernel(start, state, words.ctypes.data, ends.ctypes.data, 0, 0, 0, 0, 0, 0)
    return call_kernel(test, state, 0, 0, 0, 0, 0, 0, 0, 0)


def routing(wanted):
    none = np.zeros(0, dtype=np.int64)
    return Routing(none, none, none, none.astype(np.int32), np.asarray(wanted, dtype=np.int64))


def ranges(rank=0, size=1, groups=()):
    return Placement(1000, size, groups=groups).ranges_of_rank(rank)


def received(interval, wanted=None, rank=1, size=4, rates=RATES, groups=(), partners=EVERYONE):
    """Steps of all words of STEPS steps, the words, and the counts."""
    own = ranges(rank, size, groups)
    group = Placement(1000, size, groups=groups).ranks_with(rank)
    routed = None if wanted is None else routing(wanted)
    request = ExchangeRequest(interval, 100, routed, BOUNDS, own, 1, partners, group)
    exchange = DryRunCommunicator(rank, size, rates, seed=5).exchange(request)
    assert isinstance(exchange, DryRunExchange)
    sent, ends = np.arange(7, dtype=np.uint32), np.full(interval, 7, dtype=np.int64)
    steps, words = [], []
    for begin in range(0, STEPS, interval):
        assert once(exchange.start, exchange.test, exchange.state.ctypes.data, sent, ends) == 1
        exchange.adapt()
        assert np.all(np.diff(exchange.received_ends) >= 0)
        assert exchange.received_ends[-1] <= len(exchange.received)
        numbers = np.diff(exchange.received_ends, prepend=0)
        steps.append(begin + np.repeat(np.arange(interval), numbers))
        words.append(exchange.received[: exchange.received_ends[-1]].copy())
    return np.concatenate(steps), np.concatenate(words).astype(np.int64), exchange.counts()


def population_counts(words):
    """Spikes of each population."""
    return np.histogram(words, BOUNDS)[0]


@pytest.mark.parametrize("interval", [1, 15])
def test_the_other_ranks_spike_at_their_rates(interval):
    steps, words, counts = received(interval)
    expected = np.array(RATES) * STEPS * 3 / 4
    # 4096 numbers of spikes are drawn, and used again.
    spread = 5.0 * np.sqrt(np.array(RATES) / 4096) * STEPS
    assert np.all(np.abs(population_counts(words) - expected) < spread)
    per_step = np.bincount(steps, minlength=STEPS)
    assert 0.5 * per_step.mean() < per_step.var() < 2.0 * per_step.mean()
    assert counts.exchanges == STEPS // interval
    assert (counts.bytes_sent, counts.bytes_received) == (4 * 7 * counts.exchanges, 4 * len(words))
    assert (counts.overflows, counts.largest_words) == (0, 7)


@pytest.mark.parametrize("rank", [0, 2])
def test_own_neurons_are_never_received_and_all_others_are(rank):
    _, words, _ = received(1, rank=rank, size=3, rates=(20.0, 20.0, 20.0))
    assert set(words.tolist()) == {neuron for neuron in range(1000) if neuron % 3 != rank}


def test_own_neurons_of_a_group_of_ranks_are_never_received():
    """The populations of 600 and 100 neurons lie on ranks 0 and 1, the other one on rank 2."""
    groups = (RankGroup(2, ((0, 600), (900, 1000))), RankGroup(1, ((600, 900),)))
    rates = (60.0, 20.0, 20.0)
    own = {0: set(range(0, 1000, 2)) - set(range(600, 900)), 2: set(range(600, 900))}
    for rank, neurons in own.items():
        _, words, _ = received(1, rank=rank, size=3, rates=rates, groups=groups)
        assert set(words.tolist()) == set(range(1000)) - neurons


def test_directed_only_wanted_neurons_are_received():
    wanted = [0, 2, 31, 32, 599, 600, 899, 902, 999]
    _, words, _ = received(1, wanted=[neuron for neuron in wanted if neuron % 4 != 1], rates=(200.0, 100.0, 40.0))
    assert set(words.tolist()) == {neuron for neuron in wanted if neuron % 4 != 1}
    assert len(received(1, wanted=[])[1]) == 0


def test_within_a_group_and_between_groups_each_spike_comes_once():
    groups = (RankGroup(3, ((0, 600), (900, 1000))), RankGroup(2, ((600, 900),)))
    every = population_counts(received(5, size=5, groups=groups)[1])
    within = population_counts(received(5, size=5, groups=groups, partners=WITHIN_GROUP)[1])
    between = population_counts(received(10, size=5, groups=groups, partners=BETWEEN_GROUPS)[1])
    assert within[1] == between[0] == between[2] == 0
    assert (within + between) == pytest.approx(every, rel=0.05) and min(every) > 1000


def test_who_exchanges_within_a_group_and_between_groups_is_counted():
    groups = (RankGroup(3, ((0, 600),)), RankGroup(1, ((600, 900),)), RankGroup(2, ((900, 1000),)))
    for rank, within, between in ((1, 2, 3), (3, 0, 5), (5, 1, 4)):
        comm, group = DryRunCommunicator(rank, 6, RATES), Placement(1000, 6, groups=groups).ranks_with(rank)
        requests = [
            ExchangeRequest(4, 100, None, BOUNDS, ranges(rank, 6, groups), 1, partners, group)
            for partners in (WITHIN_GROUP, BETWEEN_GROUPS)
        ]
        made = [comm.exchange(request) is not None for request in requests]
        assert made == [within > 0, True] and (comm.origins, comm.origins_between_groups) == (within, between)


def test_a_dry_run_of_one_rank_exchanges_nothing():
    assert DryRunCommunicator(0, 1, RATES).exchange(ExchangeRequest(1, 1, None, BOUNDS, ranges())) is None
    assert LocalCommunicator().exchange(ExchangeRequest(1, 1, None, BOUNDS, ranges())) is None


def test_others_ask_for_as_many_neurons_as_they_are_expected_to_need():
    comm = DryRunCommunicator(2, 5, RATES, needed=np.array([0, 7, 1, 0, 2]))
    asked = comm.all_to_all([np.arange(3, dtype=np.uint32)] * 5)
    assert [len(part) for part in asked] == [0, 7, 1, 0, 2]
    assert all(part.dtype == np.uint32 for part in asked)


def test_by_symmetry_others_ask_for_as_many_neurons_of_the_played_rank():
    comm = DryRunCommunicator(2, 5, RATES)
    parts = [np.arange(n, dtype=np.uint32) for n in (3, 0, 4, 1, 2)]
    asked = comm.all_to_all(parts)
    assert [len(part) for part in asked] == [3, 0, 4, 1, 2]
    assert all(part.dtype == np.uint32 for part in asked)
    assert asked[2].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("comm", [LocalCommunicator(), DryRunCommunicator(3, 8, RATES)])
def test_a_single_process_agrees_with_itself(comm):
    assert comm.gather(5) == comm.collect(5) == [5]
    assert comm.from_root(lambda: "made") == "made"
    comm.agree(None)
    problem = InputError("wrong")
    with pytest.raises(InputError) as raised:
        comm.agree(problem)
    assert raised.value is problem


def test_rates_become_spikes_of_a_step():
    assert spikes_per_step({"A": 10.0, "B": 0.0}, {"A": 1000, "B": 5}, 0.1) == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        *(({name: "2"}, True) for name in SIZES),
        *(({name: "1", "PMI_RANK": "0"}, False) for name in SIZES),
        ({"PMIX_RANK": "0"}, True),
        ({"SLURM_PROCID": "0"}, False),
        ({"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1"}, False),
        ({"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "2"}, True),
    ],
)
def test_a_launcher_is_known_by_its_variables(monkeypatch, variables, expected):
    for name in (*LAUNCHED, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert launched_by_mpi() is expected


def test_spikes_with_multiplicities_are_pairs_of_words():
    request = ExchangeRequest(2, 100, None, BOUNDS, ranges(1, 4), width=2)
    wide = DryRunCommunicator(1, 4, RATES, seed=5).exchange(request)
    narrow = DryRunCommunicator(1, 4, RATES, seed=5).exchange(ExchangeRequest(2, 100, None, BOUNDS, ranges(1, 4)))
    for exchange in (wide, narrow):
        once(exchange.start, exchange.test, exchange.state.ctypes.data, np.zeros(0, np.uint32), np.zeros(2, np.int64))
    assert np.array_equal(wide.received_ends, 2 * narrow.received_ends) and narrow.received_ends[-1] > 0
    pairs = wide.received[: wide.received_ends[-1]].reshape(-1, 2)
    assert np.array_equal(pairs[:, 0], narrow.received[: narrow.received_ends[-1]]) and not pairs[:, 1].any()
