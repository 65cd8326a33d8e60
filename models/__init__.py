"""Network models by name, written once for all simulators.

A model is a function with plain parameters (numbers, booleans, strings) that returns a `simcore.network.Network`, and
a `Declaration` of properties that do not follow from the network.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from simcore.network import Network
from simcore.registry import Entry, Registry


@dataclass(frozen=True)
class WeakScaling:
    """Growth of a network with the number of cores while each neuron keeps its number of inputs.

    Parameters
    ----------
    parameter
        The parameter that increases.
    meaning
        Description of the growth, which follows "network x 4: ".
    values
        Function of all parameters of the network and a factor > 0 that returns the parameters that differ in the grown
        network. It is called for every factor, including 1, because it may have to fix a parameter that otherwise
        follows the increasing one.
    """

    parameter: str
    meaning: str
    values: Callable[[Mapping[str, Any], float], dict[str, Any]]


@dataclass(frozen=True)
class Declaration:
    """Properties of a model in addition to the network that it describes.

    Parameters
    ----------
    weak_scaling
        Growth for weak scaling.
    expected_rates_hz
        Function of all parameters that returns the mean rate of every population, or None if the rates are unknown.
    rates_source
        Source of these rates.
    measures
        The protocol by which ``benchnn validate`` compares recordings: ``"microcircuit"`` or ``"multi_area"``.
    """

    weak_scaling: WeakScaling
    expected_rates_hz: Callable[[Mapping[str, Any]], dict[str, float] | None]
    rates_source: str
    measures: str = "microcircuit"


_MODELS = {
    "pd14": (
        "pd14.network:pd14",
        "Potjans-Diesmann cortical microcircuit (2014): 77,169 neurons and 0.3 billion synapses below 1 mm2",
    ),
    "multi_area": (
        "multi_area.network:multi_area",
        "multi-area model of macaque visual cortex (Schmidt et al. 2018), a surrogate or a file: 4.13 million neurons",
    ),
    "brunel": (
        "brunel.network:brunel",
        "balanced random network after Brunel (2000), exponential currents: 12,500 neurons, 15.6 million synapses",
    ),
    "hpc_benchmark": (
        "hpc_benchmark.network:hpc_benchmark",
        "NEST's weak-scaling benchmark, alpha currents, STDP from E to E: 11,250 neurons with 11,250 inputs each",
    ),
    "cuba": (
        "vogels_abbott.cuba:cuba",
        "Vogels-Abbott network, exponential currents (Brette et al. 2007): 4,000 neurons, 320,000 synapses",
    ),
    "coba": (
        "vogels_abbott.coba:coba",
        "Vogels-Abbott network, exponential conductances (Brette et al. 2007): 4,000 neurons, 320,000 synapses",
    ),
    "izhikevich_net": (
        "izhikevich_net.network:izhikevich_net",
        "random network after Izhikevich (2003), three types of neurons: 10,000 neurons, 10 million synapses",
    ),
    "guide_10k": (
        "guide_10k.network:guide_10k",
        "Izhikevich neurons of three types with STDP under Poisson input: 10,000 neurons, 1 million synapses",
    ),
    "micro_one_to_one": (
        "micro.one_to_one:micro_one_to_one",
        "micro network: sources that each make one neuron spike, 1,024 pairs",
    ),
    "micro_fan_in": (
        "micro.fan_in:micro_fan_in",
        "micro network: many sources for each neuron (all-to-one), 4 times 256 sources for 64 neurons",
    ),
    "micro_fan_out": (
        "micro.fan_out:micro_fan_out",
        "micro network: one source for many neurons (one-to-all), 64 sources with 256 targets each",
    ),
    "micro_saturating": (
        "micro.saturating:micro_saturating",
        "micro network: 1,024 neurons that spike as often as they can, together",
    ),
    "micro_winner_take_all": (
        "micro.winner_take_all:micro_winner_take_all",
        "micro network: two populations that compete, after SNABSuite, 20 neurons and 20 sources",
    ),
    "micro_dense_layer": (
        "micro.dense_layer:micro_dense_layer",
        "fully connected layer under random spikes: 16,000 inputs, 16,000 neurons, 256 million synapses",
    ),
    "spatial": (
        "spatial.network:spatial",
        "example of a network on a periodic sheet, connected by distance: 10,000 neurons, 2.5 million synapses",
    ),
    "flywire": (
        "flywire.network:flywire",
        "whole brain of the fly (Shiu et al. 2024, FlyWire v783 or a surrogate): 138,639 neurons, 15.1 million edges",
    ),
    "edges": (
        "edges.network:edges",
        "one population of neurons whose synapses are read from files, such as a connectome",
    ),
}


def _fault(name: str, implementation: object) -> str | None:
    """Return the reason why a plug-in is not a model, or None."""
    return None if inspect.isroutine(implementation) else "is not a function that returns a network"


models: Registry[Callable[..., Network]] = Registry(
    "model",
    {name: Entry(f"{__name__}.{location}") for name, (location, _) in _MODELS.items()},
    group="benchnn.models",
    fault=_fault,
)
"""Functions that return the network, by model name."""

_UNDECLARED = ("edges", "flywire", "micro_dense_layer")
"""Models without a declaration, because they depend on a user's file, or because their in-degree equals their size."""

declarations: Registry[Declaration] = Registry(
    "model",
    {
        name: Entry(f"{__name__}.{location.partition(':')[0]}:DECLARATION")
        for name, (location, _) in _MODELS.items()
        if name not in _UNDECLARED
    },
)
"""Declarations by model name."""

descriptions = MappingProxyType({name: description for name, (_, description) in _MODELS.items()})
"""One-line descriptions by model name."""

__all__ = ["Declaration", "WeakScaling", "declarations", "descriptions", "models"]
