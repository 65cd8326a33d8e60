"""The digest of a description: every property that decides a synapse changes it, and nothing else does."""

from dataclasses import replace

import numpy as np
import pytest

from simcore.distributions import Normal
from simcore.drives import Dc
from simcore.network import (
    Column,
    EdgeFiles,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    Network,
    Population,
    Projection,
    SpikeRecorder,
)
from simcore.neuromorphic.mapping.network_digest import network_sha256


def network(rule=None, weight=1.0, delay_ms=1.0, size=20, name="A", model="iaf_psc_exp", resolution_ms=0.1, **rest):
    rule = FixedIndegree(3) if rule is None else rule
    made = Population(name, size, model)
    return Network([made], [Projection(name, name, rule, weight, delay_ms, **rest)], resolution_ms=resolution_ms)


CHANGES = [
    {"rule": FixedIndegree(4)},
    {"rule": FixedOutdegree(3)},
    {"rule": FixedIndegree(3, allow_autapses=False)},
    {"weight": 2.0},
    {"weight": Normal(mean=1.0, std=0.1)},
    {"weight": Normal(mean=1.0, std=0.2)},
    {"delay_ms": 1.5},
    {"size": 21},
    {"name": "B"},
    {"model": "iaf_psc_delta"},
    {"resolution_ms": 0.2},
    {"receptor": "ex"},
    {"rule": Explicit([0, 1], [1, 2])},
    {"rule": Explicit([0, 1], [1, 3])},
    {"rule": Explicit([0, 1], [1, 2]), "weight": np.array([1.0, 2.0])},
]


def test_every_change_of_synapses_changes_it():
    digests = [network_sha256(network(**change)) for change in ({}, *CHANGES)]
    assert len(set(digests)) == len(digests)
    assert network_sha256(network()) == digests[0]


def test_what_decides_no_synapse_does_not_change_it():
    one = network()
    other = replace(
        one,
        populations=[replace(one.populations[0], params={"tau_m": 12.0}, initial={"V_m": -60.0})],
        drives=[Dc("A", 10.0)],
        recorders=[SpikeRecorder()],
    )
    assert network_sha256(one) == network_sha256(other)


def test_a_selection_and_its_population_are_two():
    one = Population("A", 20)
    selected = Network([one], [Projection(one[:10], "A", FixedIndegree(3), 1.0)])
    others = Network([one], [Projection(one[10:], "A", FixedIndegree(3), 1.0)])
    assert len({network_sha256(made) for made in (network(), selected, others)}) == 3


@pytest.mark.parametrize("content", ["source,target,weight\n0,1,2.5\n", "source,target,weight\n0,2,2.5\n"])
def test_files_count_by_their_content(tmp_path, content):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(content)
    (tmp_path / "c.csv").write_text("source,target,weight\n3,1,2.5\n")
    first, second, third = (
        network_sha256(network(EdgeFiles(str(tmp_path / f"{name}.csv")), Column("weight"))) for name in "abc"
    )
    assert first == second != third
