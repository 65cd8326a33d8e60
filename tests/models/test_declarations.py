"""What models declare: how they grow, and the rates that they are known to have."""

import inspect
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from benchnn.models import declarations, models

SMALL = {"multi_area": {"areas": 2}}
"""Parameters of models whose default is a description of thousands of projections."""
GROWING = SMALL | {"spatial": {"neurons": 2500, "in_degree": 60.0}}
"""Parameters from which models grow: distances of many pairs take long to calculate."""


def parameters(name, **given):
    """All parameters of a model."""
    signature = inspect.signature(models.get(name)).parameters
    return {key: parameter.default for key, parameter in signature.items()} | given


def in_degrees(network):
    """Mean number of inputs of each projection."""
    pairs = enumerate(network.projections)
    return {
        (p.source, p.target): p.rule.expected_synapses(network.wiring(index)) / network.population(p.target).size
        for index, p in pairs
    }


@cache
def small(name):
    """The network from which a model grows, and its in-degrees."""
    network = models.get(name)(**parameters(name, **GROWING.get(name, {})))
    return network, in_degrees(network)


@pytest.mark.parametrize("name", declarations.names())
@pytest.mark.parametrize("factor", [1.0, 1.5, 4.0])
def test_a_grown_network_has_more_neurons_with_the_same_inputs(name, factor):
    growth = declarations.get(name).weak_scaling
    base = parameters(name, **GROWING.get(name, {}))
    values = growth.values(base, factor)
    assert growth.parameter in values
    (first, first_degrees), grown = small(name), models.get(name)(**base | values)
    assert grown.n_neurons == pytest.approx(factor * first.n_neurons, rel=1e-4)
    # By distance, the expected number is that of a sample of the targets; few synapses are a whole number, too.
    near = 0.01 if name in ("spatial", "multi_area") else 1e-3
    assert in_degrees(grown) == pytest.approx(first_degrees, rel=near)
    assert [p.weight for p in grown.projections] == [p.weight for p in first.projections]
    assert grown.drives == first.drives


@pytest.mark.parametrize(
    ("name", "given", "values"),
    [
        ("pd14", {"scale": 0.1}, {"n_scaling": 0.4, "k_scaling": 0.1}),
        ("pd14", {"scale": 0.1, "n_scaling": 0.5}, {"n_scaling": 2.0, "k_scaling": 0.1}),
        ("pd14", {"k_scaling": 0.2}, {"n_scaling": 4.0, "k_scaling": 0.2}),
        ("brunel", {"order": 500}, {"order": 2000, "in_degree": 200}),
        ("brunel", {"order": 500, "in_degree": 400}, {"order": 2000, "in_degree": 400}),
    ],
)
def test_growth_starts_from_the_given_parameters(name, given, values):
    assert declarations.get(name).weak_scaling.values(parameters(name, **given), 4.0) == values


@pytest.mark.parametrize("name", declarations.names())
def test_rates_are_of_all_populations_and_have_a_source(name):
    declaration = declarations.get(name)
    small = SMALL.get(name, {})
    rates = declaration.expected_rates_hz(parameters(name, **small))
    assert list(rates) == [population.name for population in models.get(name)(**small).populations]
    # Micro networks are there to be driven as far as a step allows, 10,000 1/s; the others are models of cortex.
    assert all(0.5 < rate < (10_001.0 if name.startswith("micro_") else 50.0) for rate in rates.values())
    assert declaration.rates_source


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("pd14", {"n_scaling": 2.0}),
        ("pd14", {"scale": 0.1, "n_scaling": 1.0, "k_scaling": 1.0}),
        ("brunel", {"order": 5000, "in_degree": 1000}),
        ("brunel", {"order": 5000, "epsilon": 0.05}),
    ],
)
def test_rates_are_kept_by_larger_networks(name, given):
    rates = declarations.get(name).expected_rates_hz
    assert rates(parameters(name, **given)) == rates(parameters(name)) is not None


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("pd14", {"scale": 0.5}),
        ("pd14", {"k_scaling": 0.5}),
        ("pd14", {"n_scaling": 0.5}),
        ("pd14", {"input": "dc"}),
        ("pd14", {"thalamus": True}),
        ("brunel", {"g": 4.5}),
        ("brunel", {"order": 5000}),
        ("brunel", {"order": 250, "in_degree": 1000}),
        ("brunel", {"in_degree": 400}),
        ("multi_area", {"neuron_scale": 0.5}),
        ("multi_area", {"in_degree_scale": 0.5}),
        ("multi_area", {"long_range_in_degree_scale": 0.5}),
        ("multi_area", {"state": "metastable"}),
        ("multi_area", {"chi": 1.5}),
        ("multi_area", {"file": "areas.json"}),
    ],
)
def test_rates_of_other_networks_are_not_known(name, given):
    assert declarations.get(name).expected_rates_hz(parameters(name, **given)) is None


@pytest.mark.parametrize("module", ["benchnn.models.pd14", "benchnn.models.brunel", "models.pd14"])
def test_a_model_can_be_imported_first(module):
    """Models import the classes of their declarations from the package that finds models by name."""
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True, cwd=Path(__file__).parents[2])
