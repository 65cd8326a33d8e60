"""G1 with plasticity over ranks: golden spikes and weights on any number of ranks and threads, over a snapshot."""

import json
from functools import cache
from pathlib import Path

import pytest
from emulation import COMPILER, FOLDER
from launch import on_ranks
from plastic_agree import yielded
from plastic_networks import GOLDEN, NETWORKS

from simcore.comm import LocalCommunicator

PROGRAM = Path(__file__).with_name("plastic_agree.py")


@cache
def expected_of(name):
    return yielded(LocalCommunicator(), NETWORKS[name](), "oracle", 1, "collective")


def check(finished, names):
    assert finished.returncode == 0, finished.stderr
    runs = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [(run["name"], run["exchange"]) for run in runs] == [
        (name, exchange) for name in names for exchange in ("collective", "directed")
    ]
    for run in runs:
        assert (run["network_digest"], run["spike_digest"], run["weight_digest"]) == GOLDEN[run["name"]], run
        expected = expected_of(run["name"])
        assert {key: run[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("ranks", "threads"),
    [(2, 1), pytest.param(3, 2, marks=pytest.mark.thorough), pytest.param(5, 1, marks=pytest.mark.thorough)],
)
def test_golden_spikes_and_weights_on_several_ranks(ranks, threads):
    names = {2: list(GOLDEN), 3: ["mixed"], 5: ["bursting"]}[ranks]
    check(on_ranks(ranks, PROGRAM, threads, "cpu", *names), names)


@pytest.mark.thorough
@pytest.mark.skipif(COMPILER is None, reason="gpu: there is no g++ to emulate one")
@pytest.mark.parametrize(("ranks", "name"), [(2, "axonal"), (3, "mixed")])
def test_golden_spikes_and_weights_on_several_gpus(ranks, name):
    check(on_ranks(ranks, PROGRAM, 1, FOLDER, name), [name])
