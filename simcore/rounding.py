"""Check that float32 suffices for the state of a network's neurons, from the coefficients of their models.

If the time step is much shorter than the membrane time constant, a step near threshold changes the potential so little
that rounding matters: the neuron fires late, early or never. Each model bounds this error, see
`simcore.neurons.NeuronModel.float32_error`; docs/neurons.md contains the formula.
"""

import numpy as np

from simcore.errors import InputError
from simcore.network import Network
from simcore.placement import Placement
from simcore.tables import parameter_values

MAX_ERROR = 1e-3
"""Share by which rounding may change a step near threshold."""
NEURONS_AT_ONCE = 65_536


def float32_refusal(
    network: Network, seed: int, placement: Placement | None = None, rank: int = 0
) -> InputError | None:
    """Return the error if float32 does not suffice for a neuron of this rank, or None.

    Parameters
    ----------
    network, seed
        The description, and the seed with which parameters are drawn.
    placement, rank
        Placement and number of the rank; all neurons by default.
    """
    placement = placement or Placement(network.n_neurons)
    for index, population in enumerate(network.populations):
        first = network.first_ids[population.name]
        ids = placement.targets_of_rank(rank, first, population.size).range_of_ids(first)
        constant = all(isinstance(population.value(name), float) for name in population.params)
        for start in range(0, min(len(ids), 1) if constant else len(ids), NEURONS_AT_ONCE):
            block = np.array(ids[start : start + (1 if constant else NEURONS_AT_ONCE)], dtype=np.int64)
            params = parameter_values(network, index, seed, block)
            model = population.neuron_model
            errors = model.float32_error(model.coefficients(params, network.resolution_ms))
            worst = int(np.argmax(errors))
            if not errors[worst] <= MAX_ERROR:
                neurons = "" if constant else f" (neuron {block[worst] - first})"
                return InputError(
                    f"precision = 'float32' is not allowed for population {population.name}{neurons} with "
                    f"resolution_ms = {network.resolution_ms:g}: rounding can change a step near threshold by "
                    f"{100 * errors[worst]:.2g} %, more than {100 * MAX_ERROR:g} %; use --precision float64",
                    "precision",
                    "float32",
                )
    return None
