"""The variables of a neuron to which arriving weights are added."""

from benchnn.simulators.brian2.formulations import FORMULATIONS
from simcore.drives import EventDrive
from simcore.network import Network, Projection

COUNTED = ("arrived_ex",)
"""Receivers of neurons that relay spikes."""


def receivers_of(network: Network, described: Projection | EventDrive, low: float, high: float) -> tuple[str, ...]:
    """Return the variable to which the weights of a projection or drive are added; two if the sign of weights decides.

    Parameters
    ----------
    network
        The description.
    described
        One of its projections or drives.
    low, high
        Smallest and largest weight.
    """
    population = network.population(described.target)
    inputs = FORMULATIONS[population.model].inputs
    if not population.neuron_model.sign_chooses_receptor:
        return (inputs[network.receptors(described)[0]],)
    return inputs[:1] if low >= 0.0 else inputs[1:] if high <= 0.0 else inputs
