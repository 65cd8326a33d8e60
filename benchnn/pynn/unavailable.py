"""PyNN's cell, synapse and current types that the simulator has not, and why."""

from typing import Any

from simcore.errors import UnavailableError

_PARTS = "neurons are not composed of parts here: use a cell type"
REASONS = {
    "IF_cond_alpha": "there is no model with alpha-shaped conductances",
    "EIF_cond_alpha_isfa_ista": "there is no model with alpha-shaped conductances",
    "IF_cond_exp_gsfa_grr": "there is no model with adaptation and refractoriness by conductances",
    "IF_facets_hardware1": "there is no model of this hardware",
    "HH_cond_exp": "there is no model with ion channels",
    "GIF_cond_exp": "there is no model with stochastic firing",
    "MultiCompartmentNeuron": "neurons are points",
    "PointNeuron": _PARTS,
    "LIF": _PARTS,
    "AdExp": _PARTS,
    "AlphaPSR": _PARTS,
    "CurrExpPostSynapticResponse": _PARTS,
    "CondExpPostSynapticResponse": _PARTS,
    "CondAlphaPostSynapticResponse": _PARTS,
    "CondBetaPostSynapticResponse": _PARTS,
    "SpikeSourcePoissonRefractory": "there is no Poisson source with a dead time",
    "SpikeSourceGamma": "there is no gamma source",
    "SpikeSourceInhGamma": "there is no gamma source",
    "ElectricalSynapse": "there are no gap junctions",
    "SimpleStochasticSynapse": "synapses transmit every spike",
    "StochasticTsodyksMarkramSynapse": "synapses transmit every spike",
    "MultiQuantalSynapse": "synapses transmit every spike",
    "Vogels2011Rule": "there is no symmetric rule of plasticity",
}
"""Name -> reason."""


class NotAvailable:
    """Stands for a type of PyNN that cannot be had; making one raises the reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        raise UnavailableError(f"{name} is not available in benchnn.pynn: {REASONS[name]}")


CLASSES = {name: type(name, (NotAvailable,), {"__doc__": f"Not available: {why}."}) for name, why in REASONS.items()}
"""Name -> class."""
