"""Selection of the receptor on which the synapses of a projection or the events of a drive act."""

from simcore.errors import require
from simcore.neurons.model import NeuronModel


def receptors_by_sign(model: NeuronModel, receptor: str | None) -> tuple[int, int]:
    """Return the receptors, counted from 0, for weights >= 0 and for weights < 0.

    Parameters
    ----------
    model
        Model of the target.
    receptor
        Receptor for both; None for the first and the last receptor, selected by the sign as in NEST.
    """
    if receptor is None:
        return 0, len(model.receptors) - 1
    number = model.receptors.index(receptor)
    return number, number


def check_receptor(model: NeuronModel, receptor: object, weights: tuple[float, float], field: str) -> None:
    """Require a receptor of the model and weights that the receptor supports.

    Parameters
    ----------
    model
        Model of the target.
    receptor
        As described; None selects it by the sign.
    weights
        Smallest and largest weight.
    field
        Name of the projection or drive.

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
        require(not high > 0.0, f"{field}.weight", high, f"receptor {receptor!r} of {model.name} requires weights <= 0")
