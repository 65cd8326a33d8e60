"""Neuron models of the simulator as cell types, with the simulator's names and units."""

from typing import Any

from pyNN.models import BaseCellType

from benchnn.pynn.cells import Native, NeuronCell
from benchnn.pynn.units import KILO
from simcore.errors import require
from simcore.neurons import neuron_models
from simcore.neurons.model import NeuronModel

SCALES = {"pA": KILO, "nS": KILO, "mV": 1.0}
"""Factor from the unit of PyNN's weights to the unit of a model, by the latter."""


class NativeCell(NeuronCell, BaseCellType):
    """Base of these cell types. Weights are in nA, uS or mV, with the sign that the receptor needs."""


def native_cell_type(name: str, **parameters: Any) -> type[NativeCell]:
    """Return a neuron model of the simulator as a cell type.

    Parameters
    ----------
    name
        Name of the model, such as ``"iaf_psc_exp_reset"``; it may belong to a plug-in.
    parameters
        New defaults of parameters. A model whose receptors follow from a list requires this list, such as
        ``tau_syn=[2.0, 8.0]`` for ``"iaf_psc_exp_multisynapse"``.

    Raises
    ------
    InputError
        If the model is unknown, or PyNN has no unit for its weights.
    """
    family = neuron_models.get(name)
    given = family.spread(parameters, name)
    model: NeuronModel = family.of(given)
    known = model.weight_unit in SCALES
    require(
        known, "native_cell_type", name, f"its weights are in {model.weight_unit or 'no unit'}, not in pA, nS or mV"
    )
    defaults = {parameter.name: given.get(parameter.name, parameter.default) for parameter in model.parameters}
    for parameter in given:
        require(parameter in defaults, name, parameter, f"its parameters are {', '.join(defaults)}")
    fixed = {variable.name: variable.initial for variable in model.variables if not isinstance(variable.initial, str)}
    return type(
        name,
        (NativeCell,),
        {
            "__doc__": f"The neuron model `{name}` of the simulator.",
            "model": name,
            "default_parameters": defaults,
            "default_initial_values": fixed,
            "resting": {v.name: v.initial for v in model.variables if isinstance(v.initial, str)},
            "recordable": ("spikes", *(variable.name for variable in model.variables)),
            "receptor_types": tuple(model.receptors),
            "units": {p.name: p.unit for p in model.parameters} | {v.name: v.unit for v in model.variables},
            "conductance_based": model.weight_unit == "nS",
            "injectable": "I_e" in defaults,
            "natives": {parameter: Native(parameter) for parameter in defaults},
            "variables": {variable.name: Native(variable.name) for variable in model.variables},
            "receptors": {receptor: receptor for receptor in model.receptors},
            "weight_scale": SCALES[model.weight_unit],
        },
    )
