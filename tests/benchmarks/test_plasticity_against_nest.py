"""The comparison of a plastic network on simcore with NEST: that it passes, and what it finds."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("nest", reason="NEST is not installed")

from benchnn.models.hpc_benchmark import hpc_benchmark

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "plasticity_against_nest.py"
TIME_MS, TARGETS, SEEDS = 150.0, 20, 5


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location(SCRIPT.stem, SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[SCRIPT.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def network():
    return hpc_benchmark(scale=0.05, k_scaling=0.1, record_spikes=True)


@pytest.fixture(scope="module")
def on_nest(script, network):
    return [script.on_nest(network, 1001 + seed, TIME_MS, TARGETS) for seed in range(SEEDS)]


def on_simcore(script, network):
    return [script.on_simcore(network, seed, TIME_MS, TARGETS) for seed in range(1, SEEDS + 1)]


@pytest.mark.thorough
def test_rates_and_weights_are_those_of_nest(script, network, on_nest):
    verdicts = script.judged(on_simcore(script, network), on_nest)
    assert verdicts["spikes"].passed and verdicts["weights"].passed, script.to_text(verdicts)
    assert {len(one.weights) for one in on_nest} == {TARGETS * 900}


@pytest.mark.thorough
def test_changes_of_twice_the_size_are_found(script, network, on_nest):
    first, *rest = network.projections
    faster = replace(first, plasticity=replace(first.plasticity, lambda_=2.0 * first.plasticity.lambda_))
    verdicts = script.judged(on_simcore(script, replace(network, projections=(faster, *rest))), on_nest)
    assert not verdicts["weights"].passed, script.to_text(verdicts)
