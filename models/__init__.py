"""Network models by name, written once for all simulators.

A model is a function with plain parameters (numbers, booleans, strings) that returns a `simcore.network.Network`.
"""

from collections.abc import Callable
from types import MappingProxyType

from simcore.network import Network
from simcore.registry import Entry, Registry

_MODELS = {
    "pd14": (
        "pd14.network:pd14",
        "Potjans-Diesmann cortical microcircuit (2014): 77,169 neurons and 0.3 billion synapses below 1 mm2",
    ),
    "brunel": (
        "brunel.network:brunel",
        "balanced random network after Brunel (2000), exponential currents: 12,500 neurons, 15.6 million synapses",
    ),
}

models: Registry[Callable[..., Network]] = Registry(
    "model", {name: Entry(f"{__name__}.{location}") for name, (location, _) in _MODELS.items()}
)
"""Model name -> function that returns the network."""

descriptions = MappingProxyType({name: description for name, (_, description) in _MODELS.items()})
"""Model name -> one line on what it is."""

__all__ = ["descriptions", "models"]
