"""Which receptor of a neuron the synapses of a projection or the events of a drive act on."""

from simcore.errors import require
from simcore.neurons.model import NeuronModel


def receptors_by_sign(model: NeuronModel, receptor: str | None) -> tuple[int, int]:
    """Receptors, counted from 0, of weights >= 0 and of weights < 0.

    Parameters
    ----------
    model
        Of the target.
    receptor
        One of its receptors for both; None for the first and the last one, as NEST chooses by the sign.
    """
    if receptor is None:
        return 0, len(model.receptors) - 1
    number = model.receptors.index(receptor)
    return number, number


def check_receptor(model: NeuronModel, receptor: object, weights: tuple[float, float], field: str) -> None:
    """Require a receptor that the model has, and weights that it takes.

    Parameters
    ----------
    model
        Of the target.
    receptor
        As described; None lets the sign choose.
    weights
        Smallest and largest weight.
    field
        Of the projection or drive.

    Raises
    ------
    InputError
        Naming the field, the value and what is allowed.
    """
    names = ", ".join(repr(name) for name in model.receptors)
    if receptor is None:
        chosen = model.sign_chooses_receptor or len(model.receptors) == 1
        require(chosen, f"{field}.receptor", receptor, f"use a receptor of {model.name}: {names}")
        return
    known = isinstance(receptor, str) and receptor in model.receptors
    require(known, f"{field}.receptor", receptor, f"the receptors of {model.name} are {names}")
    if not model.sign_chooses_receptor or len(model.receptors) == 1:
        return
    low, high = weights
    if receptor == model.receptors[0]:
        require(not low < 0.0, f"{field}.weight", low, f"receptor {receptor!r} of {model.name} requires weights >= 0")
    else:
        require(
            not high > 0.0, f"{field}.weight", high, f"receptor {receptor!r} of {model.name} requires weights <= 0"
        )
