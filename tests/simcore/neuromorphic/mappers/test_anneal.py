"""The mapper `anneal` finds better mappings than it begins with, for every objective."""

import json

import numpy as np
import pytest
from hysmap import DATA, hops_of

from simcore.network import FixedIndegree, Network, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mappers import anneal, greedy
from simcore.neuromorphic.mappers.anneal import flow_of, proposals_of, sizes_allowed
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, DrawnNetwork, make_mapping

LOIHI = load_chip("loihi1")
DRAWN = DrawnNetwork(Network([Population("A", 160)], [Projection("A", "A", FixedIndegree(6), 1.0)]), 1)
RATES = np.random.default_rng(1).lognormal(0.0, 1.0, 160)


@pytest.mark.parametrize(("objective", "share"), [("messages", 0.95), ("hops", 0.9), ("link", 0.9)])
def test_the_objective_falls(objective, share):
    limits = CoreLimits(16, 10, chip=LOIHI, objective=objective)
    start = greedy.map_neurons(DRAWN, limits, RATES, 1)
    mapping = make_mapping("anneal", DRAWN, 10, RATES, chip=LOIHI, objective=objective, effort=40_000)
    before, after = (
        flow_of(DRAWN, limits, RATES, core_of).objective(objective) for core_of in (start, mapping.core_of)
    )
    assert after < share * before
    assert np.bincount(mapping.core_of).tolist() == [10] * 16


def test_it_is_never_worse_than_its_start():
    for effort in (1, 10, 300):
        limits = CoreLimits(16, 10, effort=effort)
        made = [mapper.map_neurons(DRAWN, limits, RATES, 1) for mapper in (greedy, anneal)]
        costs = [flow_of(DRAWN, limits, RATES, core_of).cost for core_of in made]
        assert costs[1] <= costs[0]


def test_even_cores_stay_nearly_even():
    limits = CoreLimits(7, 100, even=True)
    assert sizes_allowed(limits, 160, 7) == (19, 27)
    sizes = np.bincount(make_mapping("anneal", DRAWN, 100, RATES, cores=7, effort=5000).core_of)
    assert len(sizes) == 7 and 19 <= sizes.min() < sizes.max() <= 27


def test_effort_is_bounded_where_proposals_take_long():
    hops = {"objective": "hops"}
    assert proposals_of(CoreLimits(2, 99), 100, 1000) == 250_000
    assert proposals_of(CoreLimits(2, 99, **hops), 100, 1000) == 500_000
    assert proposals_of(CoreLimits(2, 99, effort=7, **hops), 100, 1000) == 7
    assert proposals_of(CoreLimits(2, 9999), 10_000, 40_000_000) < 250_000


@pytest.mark.skipif(not DATA.exists(), reason=f"the networks of HySMap's table are not at {DATA}")
def test_a_job_of_the_table_of_hysmap_takes_fewer_hops():
    job = next(job for job in json.loads(DATA.read_text())["jobs"] if job["job"] == "n80_4x4_s1")
    assert hops_of(job) <= 0.88 * job["hops"]["hysmap"]
