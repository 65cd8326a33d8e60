"""The scripts that compare places, and packets on links with the formula of NeuCoNS, on small networks."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from simcore.network import Network, PairwiseBernoulli, Population, Projection
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.in_edges import draw_in_edges

FOLDER = Path(__file__).parents[2] / "benchmarks"


def script(name):
    """The module of a script."""
    spec = importlib.util.spec_from_file_location(f"script_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_row_for_each_place(monkeypatch, capsys):
    options = ("--model", "brunel", "--param", "order=20", "--neurons-per-core", "3")
    monkeypatch.setattr(sys, "argv", ["places.py", *options])
    script("places").main()
    head, *_, last = capsys.readouterr().out.strip().splitlines()
    assert head.startswith("brunel on loihi1: 100 neurons, 34 cores, 9 routers, unicast, ")
    assert last.split()[0] == "trees" and last.split()[2].startswith("-")


@pytest.fixture
def small(monkeypatch):
    """The script, with three small populations, which are drawn."""
    neucons = script("neucons")
    sizes, probabilities = (700, 200, 400), ((0.01, 0.02, 0.0), (0.03, 0.0, 0.02), (0.004, 0.05, 0.01))
    monkeypatch.setattr(neucons, "SIZES", sizes)
    monkeypatch.setattr(neucons, "POPULATIONS", ("A", "B", "C"))
    monkeypatch.setattr(neucons, "CONNECTION_PROBABILITIES", probabilities)
    monkeypatch.setattr(neucons, "RATES_HZ", (2.0, 5.0, 1.0))
    monkeypatch.setattr(neucons, "PER_NODE", 100)
    populations = [Population(name, size) for name, size in zip("ABC", sizes, strict=True)]
    synapses = [
        Projection(source, target, PairwiseBernoulli(probabilities[t][s]), 1.0)
        for t, target in enumerate("ABC")
        for s, source in enumerate("ABC")
        if probabilities[t][s]
    ]
    return neucons, Network(populations, synapses)


@pytest.mark.parametrize("multicast", [False, True])
def test_the_formula_is_what_drawn_synapses_give(small, multicast):
    neucons, network = small
    _, neurons = neucons.nodes()
    assert neurons.tolist() == [100] * 13
    core_of = np.repeat(np.arange(13), neurons)
    axons = count_axons(draw_in_edges(network, 4), CoreMapping("by population", 13, core_of))
    rates = np.repeat(neucons.RATES_HZ, neucons.SIZES)
    own, formula = neucons.counted(axons, core_of, rates, 4, multicast), neucons.by_formula(4, multicast)
    assert sum(own.values()) == pytest.approx(sum(formula.values()), rel=0.01)
    busy = [link for link in formula if formula[link] > 500.0]
    assert len(busy) > 15
    for link in busy:
        assert own[link] == pytest.approx(formula[link], rel=0.1)


def test_what_the_program_writes_is_read(small, tmp_path):
    neucons, _ = small
    node = {"int_packets_handled": 3.0, "edges": {"(1, 0)": {"length": 1, "packets_handled": 2.5}}}
    found = {"mc": {"(0, 0)": node, "link_traffic": {"average": 1.0}}}
    (tmp_path / "t.json").write_text(json.dumps({"Mesh": {"sequential": {"dor": found}}}))
    assert neucons.of_the_program(tmp_path / "t.json", "mc", 4) == {(0, 1): 2.5}
    assert neucons.of_the_program(tmp_path / "t.json", "uc", 4) is None
    assert neucons.matrix().splitlines()[1].split("\t") == ["B", "200", "5.0", "0.02", "0.0", "0.05"]
