"""Numbers of receptors and lists of their time constants in NEST."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from simcore.drives import EventDrive
from simcore.network import Network, Population, Projection

FloatArray = npt.NDArray[np.float64]


def receptor_type(network: Network, described: Projection | EventDrive) -> dict[str, int]:
    """Return the receptor argument of a NEST connection; empty if the sign selects the receptor."""
    model = network.population(described.target).neuron_model
    return {} if model.sign_chooses_receptor else {"receptor_type": 1 + network.receptors(described)[0]}


def nest_names(population: Population) -> dict[str, str]:
    """Return NEST's parameter for each parameter of a population: parameters of receptors are elements of a list."""
    names = [parameter.name for parameter in population.neuron_model.parameters]
    listed = list(population.neuron_model.example_params())
    return {name: next((one for one in listed if name.startswith(f"{one}_")), name) for name in names}


def lists_of_neurons(population: Population, values: Mapping[str, FloatArray]) -> list[dict[str, list[float]]]:
    """Return parameters that are lists with an entry for each receptor, for every neuron; empty without any."""
    names = nest_names(population)
    gathered = {
        listed: np.stack([np.broadcast_to(values[name], population.size) for name in names if names[name] == listed])
        for listed in population.neuron_model.example_params()
    }
    if not gathered:
        return []
    return [{name: rows[:, neuron].tolist() for name, rows in gathered.items()} for neuron in range(population.size)]
