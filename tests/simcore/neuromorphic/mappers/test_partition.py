"""Streams, and partitioners of others: structure is found, and parts become cores of the sizes that are allowed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.network import Explicit, Network, Population, Projection
from simcore.neuromorphic.mappers.anneal import flow_of
from simcore.neuromorphic.mappers.partition import with_sizes
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, make_mapping, mappers

N, GROUPS = 120, 6


def hidden_groups():
    rng = np.random.default_rng(7)
    group = rng.permutation(np.repeat(np.arange(GROUPS), N // GROUPS))
    same = group[:, None] == group[None, :]
    sources, targets = np.nonzero(rng.random(same.shape) < np.where(same, 0.5, 0.01))
    return group, DrawnNetwork(
        Network([Population("A", N)], [Projection("A", "A", Explicit(sources, targets), 1.0)]), 1
    )


@pytest.mark.parametrize("mapper", ["stream", "anneal", "metis", "mtkahypar"])
def test_hidden_groups_are_found(mapper):
    why = mappers.unusable_because(mapper)
    if why is not None:
        pytest.skip(why)
    group, drawn = hidden_groups()
    limits, rates = CoreLimits(GROUPS, N // GROUPS), np.ones(N)
    found, dealt, ideal = (
        flow_of(drawn, limits, rates, core_of).cost
        for core_of in (
            make_mapping(mapper, drawn, N // GROUPS).core_of,
            make_mapping("random", drawn, N // GROUPS).core_of,
            group,
        )
    )
    # One pass meets most neurons before it knows their group.
    assert found < (dealt if mapper == "stream" else 1.05 * ideal)
    assert ideal < 0.5 * dealt


@settings(deadline=None)
@given(st.data())
def test_parts_of_wrong_sizes_are_mended(data):
    n = data.draw(st.integers(1, 40))
    parts = data.draw(st.integers(1, n))
    most = data.draw(st.integers(-(-n // parts), n))
    part_of = np.array(data.draw(st.lists(st.integers(0, parts - 1), min_size=n, max_size=n)))
    sizes = np.bincount(part_of, minlength=parts)
    mended = with_sizes(part_of, parts, most)
    after = np.bincount(mended, minlength=parts)
    assert after.min() >= 1 and after.max() <= most and len(mended) == n
    if sizes.min() >= 1 and sizes.max() <= most:
        assert np.array_equal(mended, part_of)
