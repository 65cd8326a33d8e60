"""Check that the coefficients that follow from the parameters of a population are in the range of float32."""

from itertools import product

import numpy as np

from simcore.errors import InputError
from simcore.neurons.model import NeuronModel

LARGEST = float(np.finfo(np.float32).max)


def require_finite_coefficients(
    model: NeuronModel, ranges: dict[str, tuple[float, float]], resolution_ms: float, field: str
) -> None:
    """Require coefficients in the range of float32 at every combination of the smallest and largest parameters.

    Parameters
    ----------
    model
        The neuron model.
    ranges
        Smallest and largest value of each of its parameters; I_e includes the currents of drives.
    resolution_ms
        Time step, ms.
    field
        Name of the population, for the message.

    Raises
    ------
    InputError
        Naming a coefficient out of range, and the parameters.
    """
    varying = [name for name, (low, high) in ranges.items() if low != high]
    corners = np.array(list(product(*(ranges[name] for name in varying))))
    params = {name: np.array(low) for name, (low, _) in ranges.items()}
    params |= {name: corners[:, column] for column, name in enumerate(varying)}
    with np.errstate(all="ignore"):
        coefficients = model.coefficients(params, resolution_ms)
    for row, column in np.argwhere(~(np.abs(coefficients) <= LARGEST))[:1].tolist():
        columns = coefficients.shape[1]
        values = (f"{name} = {np.broadcast_to(given, columns)[column]:g}" for name, given in params.items())
        raise InputError(
            f"{field}.params are not allowed together: the coefficient {model.Coefficients._fields[row]} would be "
            f"{coefficients[row, column]:g}, beyond float32's {LARGEST:.2g}; it follows from {', '.join(values)}"
        )
