"""Rings of postsynaptic spikes: their length and the moments at which weights are settled change no bit."""

from itertools import pairwise

import numpy as np
import pytest
from plastic_networks import NETWORKS

from simcore.backends.cpu import plastic_state
from simcore.network import FixedIndegree, Network, Normal, Population, Projection, SpikeRecorder, Stdp, Uniform
from simcore.simulator import Simulator

TIMES_MS = (12.3, 0.1, 27.6, 40.0)


def yielded(simulator, settled=()):
    """Digests and counts of stretches of time; weights are settled at some steps in between."""
    found, step = [], 0
    for time_ms in TIMES_MS:
        end = step + round(time_ms * 10.0)
        cuts = sorted({step, *(cut for cut in settled if step < cut < end), end})
        spikes = events = 0
        for low, high in pairwise(cuts):
            result = simulator.run((high - low) / 10.0)
            spikes, events = spikes + int(result.spike_digest, 16), events + result.synaptic_events
            if high < end:
                simulator._engine._plasticity.settle(high)
        found.append((spikes % 2**128, events, simulator.weight_digest))
        step = end
    changing = [k for k, one in enumerate(simulator.network.projections) if one.plasticity is not None]
    return found, [simulator.plastic_counts(k) for k in changing]


@pytest.fixture(scope="module")
def expected():
    results = {}
    for name, described in NETWORKS.items():
        with Simulator(described(), seed=5, backend="oracle") as simulator:
            results[name] = yielded(simulator)
    return results


@pytest.mark.parametrize("length", [4, 16, 64])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_length_of_rings_changes_no_bit(expected, name, length, monkeypatch):
    monkeypatch.setattr(plastic_state, "RING_LENGTH", length)
    with Simulator(NETWORKS[name](), seed=5, threads=2) as simulator:
        assert all(one.rings.steps.shape[1] == length for one in simulator._engine._plasticity.threads)
        assert yielded(simulator) == expected[name]


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_may_be_settled_at_any_step(expected, name):
    settled = np.random.default_rng(len(name)).choice(800, 25, replace=False).tolist()
    with Simulator(NETWORKS[name](), seed=5, threads=3, delivery="by_source") as simulator:
        assert yielded(simulator, settled) == expected[name]


def restless():
    """Neurons that fire in every other step, with delays of dozens of their intervals."""
    params = {"t_ref": 0.1, "tau_m": 1.0, "I_e": Normal(mean=12000.0, std=2000.0)}
    longest = Uniform(low=0.5, high=5.0)
    changing = Projection("D", "D", FixedIndegree(4), 0.02, longest, plasticity=Stdp(lambda_=0.01, Wmax=0.05))
    return Network([Population("D", 10, "iaf_psc_delta", params)], [changing], recorders=[SpikeRecorder()])


def test_bursts_make_rings_longer_and_settle_weights(monkeypatch):
    monkeypatch.setattr(plastic_state, "RING_LENGTH", 4)
    found, lengths = [], []
    for options in ({"backend": "oracle"}, {"threads": 2}, {"threads": 3}):
        with Simulator(restless(), seed=5, **options) as simulator:
            digests = [simulator.run(30.0).spike_digest]
            kept = simulator.snapshot()
            digests.append(simulator.run(30.0).spike_digest)
            found.append((digests, simulator.weight_digest, simulator.plastic_counts(0)))
            if "backend" not in options:
                threads = simulator._engine._plasticity.threads
                lengths += [one.rings.steps.shape[1] for one in threads]
                # A snapshot has all spikes that are needed, also where rings are short at first.
                simulator.restore(kept)
                assert simulator.run(30.0).spike_digest == digests[1]
                assert simulator.weight_digest == found[-1][1]
    assert found[0] == found[1] == found[2]
    assert min(lengths) >= 16
    assert all(length & (length - 1) == 0 for length in lengths)


def test_full_rings_settle_the_weights_within_a_run():
    with Simulator(NETWORKS["bursting"](), seed=5, threads=2) as simulator:
        simulator.run(80.0)
        for one in simulator._engine._plasticity.threads:
            assert 0 < one.plastic.marks[plastic_state.Mark.SETTLED] <= simulator.step


def test_the_spikes_of_rings_are_in_order_and_none_that_is_needed_has_dropped_out(monkeypatch):
    monkeypatch.setattr(plastic_state, "RING_LENGTH", 4)
    with Simulator(NETWORKS["uniform_delay"](), seed=5, threads=1) as simulator:
        simulator.run(80.0)
        (thread,) = simulator._engine._plasticity.threads
        steps = thread.rings.steps.astype(np.int64)
        fired = steps[:, 1:] != plastic_state.NEVER_STEP
        assert fired.any() and (steps[:, :-1] > steps[:, 1:])[fired].all()
        (row,) = thread.plastic.ringed
        settled = thread.plastic.marks[plastic_state.Mark.SETTLED]
        assert (steps[:, -1] <= settled - row[plastic_state.RingedColumn.DEPTH]).all()
