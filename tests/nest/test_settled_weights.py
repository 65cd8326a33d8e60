"""Weights of NEST's plastic synapses at the end of a run, settled as those of simcore."""

from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from stdp_reference import PairRule, stdp, stdp_pl, weights_after

from benchnn.simulators import PeerJob, peers
from benchnn.simulators.nest.weights import settled_weights
from simcore.errors import InputError
from simcore.network import (
    FixedIndegree,
    Network,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrains,
    Stdp,
    StdpPowerLaw,
    Uniform,
)
from simcore.plasticity import Plasticity
from simcore.synapses.edges import draw_projection
from simcore.tables import make_tables

NEST: Any = peers.get("nest")
TAU_MINUS = 12.0
RULES: dict[str, tuple[Plasticity, PairRule[float]]] = {
    "stdp": (
        Stdp(15.0, 0.05, 1.2, 0.3, 0.7, 64.0),
        stdp(15.0, 0.05, 1.2, 0.3, 0.7, 64.0),
    ),
    "power_law": (StdpPowerLaw(15.0, 0.05, 0.3), stdp_pl(15.0, 0.05, 0.3, 0.4)),
}


def network(rule: Plasticity, shortest_ms: float) -> Network:
    """40 neurons that fire at some 50/s, and sources that fire often and, half of them, never."""
    generator = np.random.default_rng(4)
    times = np.sort(generator.choice(np.arange(2, 600), 100, replace=False)) * 0.1
    source = SpikeTrains(times, generator.integers(0, 10, 100))
    weights, delays = Uniform(low=10.0, high=60.0), Uniform(low=shortest_ms, high=4.0)
    populations = [
        Population("A", 40, params={"I_e": Uniform(low=600.0, high=900.0), "t_ref": 1.0}, tau_minus=TAU_MINUS),
        Population("S", 20, source=source),
    ]
    projections = [
        Projection("A", "A", FixedIndegree(12), weights, delays, plasticity=rule),
        Projection("S", "A", FixedIndegree(5), weights, delays, plasticity=rule),
        Projection("A", "A", FixedIndegree(5), weights, delays),
    ]
    return Network(populations, projections, [], [SpikeRecorder()])


def trains_of(run: Any) -> dict[int, list[int]]:
    trains: dict[int, list[int]] = defaultdict(list)
    for stamp, neuron in zip(run.spikes.stamps.tolist(), run.spikes.ids.tolist(), strict=True):
        trains[neuron].append(stamp)
    return trains


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(("shortest_ms", "steps"), [(0.1, 700), (1.5, 697), (1.5, 706)])
def test_settled_weights_are_those_of_the_reference(name: str, shortest_ms: float, steps: int) -> None:
    """Slices of one step and of 15: some presynaptic spikes of the last are delivered in the next only."""
    rule, reference = RULES[name]
    job = PeerJob(network(rule, shortest_ms), 5, 1, 0, steps, "exact")
    run = NEST.simulate(job)
    trains, tables = trains_of(run), make_tables(job.network)
    for projection in (0, 1):
        found, drawn = settled_weights(job, run, projection), draw_projection(job.network, tables, job.seed, projection)
        columns = (drawn.sources, drawn.targets, drawn.delay_steps, drawn.weights)
        edges = zip(*(column.tolist() for column in columns), strict=True)
        expected = partial(weights_after, rule=reference, tau_minus=TAU_MINUS, resolution_ms=0.1, settled_to=steps)
        after = [expected(trains[edge[0]], trains[edge[1]], *edge[2:])[-1] for edge in edges]
        order = np.lexsort((after, drawn.delay_steps, drawn.sources, drawn.targets))
        np.testing.assert_array_equal(found.sources, drawn.sources[order])
        np.testing.assert_array_equal(found.targets, drawn.targets[order])
        np.testing.assert_array_equal(found.delay_steps, drawn.delay_steps[order])
        np.testing.assert_allclose(found.weights, np.array(after)[order], rtol=1e-11)
        assert np.mean(np.array(after) != drawn.weights) > 0.4, "half of the sources S never fire"


def test_some_targets() -> None:
    job = PeerJob(network(RULES["stdp"][0], 1.5), 5, 1, 0, 400, "exact")
    run = NEST.simulate(job)
    whole, some = settled_weights(job, run, 0), settled_weights(job, run, 0, targets=[3, 17])
    mine = np.isin(whole.targets, [3, 17])
    assert mine.sum() == 24
    for column in ("sources", "targets", "delay_steps", "weights"):
        np.testing.assert_array_equal(getattr(some, column), getattr(whole, column)[mine])


def test_refusals() -> None:
    described = network(RULES["stdp"][0], 1.5)
    job = PeerJob(described, 5, 1, 0, 20, "exact")
    run = NEST.simulate(job)
    with pytest.raises(InputError, match=r"projection = 2 .*must be a plastic projection"):
        settled_weights(job, run, 2)
    with pytest.raises(InputError, match="warmup_steps = 20"):
        settled_weights(replace(job, warmup_steps=20), run, 0)
    with pytest.raises(InputError, match=r"recorders .* SpikeRecorder"):
        settled_weights(job, replace(run, spikes=None), 0)
