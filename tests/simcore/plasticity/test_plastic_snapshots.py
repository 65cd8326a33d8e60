"""Networks with plasticity go on from snapshots of any backend, threads and moment to the same spikes and weights."""

from dataclasses import replace

import numpy as np
import pytest
from plastic_networks import NETWORKS

from simcore.errors import InputError
from simcore.simulator import Simulator

WHERE = [
    ("oracle", "auto", 1),
    ("cpu", "just_in_time", 2),
    ("cpu", "by_source", 3),
    ("cpu", "calendar", 2),
    ("gpu", "just_in_time", 1),
    ("gpu", "calendar", 1),
]


def simulator_of(name, where):
    backend, delivery, threads = where
    options = {"backend": backend, "delivery": delivery, "threads": threads, "precision": "float64"}
    return Simulator(NETWORKS[name](), seed=42, **options)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.thorough] * (name != "mixed")) for name in NETWORKS]
)
def test_any_backend_goes_on_from_a_snapshot_of_any_other(name):
    with simulator_of(name, WHERE[0]) as simulator:
        simulator.run(23.7)
        kept = simulator.snapshot()
        result = simulator.run(30.0)
        counts = [simulator.plastic_counts(k) for k in kept.plastic.counts]
        expected = (result.spike_digest, result.synaptic_events, simulator.weight_digest, counts)
    for where in WHERE[1:]:
        with simulator_of(name, where) as simulator:
            simulator.restore(kept)
            assert simulator.weight_digest is not None
            result = simulator.run(11.3)
            again = simulator.snapshot()
        # From there the next one goes on.
        with simulator_of(name, WHERE[0]) as simulator:
            simulator.restore(again)
            rest = simulator.run(18.7)
            spikes = (int(result.spike_digest, 16) + int(rest.spike_digest, 16)) % 2**128
            counts = [simulator.plastic_counts(k) for k in kept.plastic.counts]
            events = result.synaptic_events + rest.synaptic_events
            assert (f"{spikes:032x}", events, simulator.weight_digest, counts) == expected, where


@pytest.mark.parametrize("where", WHERE[1:])
def test_a_snapshot_is_the_same_from_every_backend(where):
    parts = []
    for chosen in (WHERE[0], where):
        with simulator_of("mixed", chosen) as simulator:
            simulator.run(23.7)
            parts.append(simulator.snapshot().plastic)
    expected, found = parts
    assert found.counts == expected.counts
    assert np.array_equal(found.pending_events, expected.pending_events)
    for name, columns in (
        ("weights", ("sources", "targets", "delay_steps", "units")),
        ("sources", ("last", "values")),
        ("histories", ("last", "trace")),
    ):
        one, other = getattr(found, name), getattr(expected, name)
        assert sorted(one) == sorted(other)
        for key in one:
            for column in columns:
                assert np.array_equal(getattr(one[key], column), getattr(other[key], column)), (name, key, column)
    assert sorted(found.pending) == sorted(expected.pending)
    for key, amounts in found.pending.items():
        assert np.array_equal(amounts, expected.pending[key])


@pytest.fixture(scope="module")
def held():
    with simulator_of("axonal", WHERE[0]) as simulator:
        simulator.run(20.0)
        yield simulator, simulator.snapshot()


def with_part(kept, name, index, **values):
    part = dict(getattr(kept.plastic, name))
    part[index] = replace(part[index], **values)
    return replace(kept, plastic=replace(kept.plastic, **{name: part}))


def test_crafted_snapshots_are_refused(held):
    simulator, kept = held
    weights, sources = kept.plastic.weights[0], kept.plastic.sources[1]
    crafted = {
        "this network has plastic synapses": replace(kept, plastic=None),
        r"plastic.weights = \[1, 2, 3\]": replace(
            kept, plastic=replace(kept.plastic, weights={k: v for k, v in kept.plastic.weights.items() if k})
        ),
        r"weights\[0\].units = ": with_part(kept, "weights", 0, units=weights.units + np.int32(2**30)),
        "does not match the synapses": with_part(kept, "weights", 0, sources=weights.sources[::-1].copy()),
        r"weights\[0\].units = .* shape": with_part(kept, "weights", 0, units=weights.units[1:]),
        r"sources\[1\].last": with_part(kept, "sources", 1, last=sources.last + 1000),
        r"sources\[1\].values": with_part(kept, "sources", 1, values=np.full_like(sources.values, np.nan)),
        r"histories\[0\].trace": with_part(kept, "histories", 0, trace=-kept.plastic.histories[0].trace - 1.0),
        r"pending_events": replace(kept, plastic=replace(kept.plastic, pending_events=np.zeros(3, dtype=np.int64))),
    }
    before = simulator.weight_digest
    for message, snapshot in crafted.items():
        with pytest.raises(InputError, match=message):
            simulator.restore(snapshot)
    assert simulator.weight_digest == before
