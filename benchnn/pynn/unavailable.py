"""PyNN's cell, synapse and current types that benchnn.pynn does not support, and the reasons."""

from typing import Any

from simcore.errors import UnavailableError

_PARTS = "neurons are not composed of parts; use a cell type"
REASONS = {
    "IF_cond_alpha": "simcore has no model with alpha-shaped conductances",
    "EIF_cond_alpha_isfa_ista": "simcore has no model with alpha-shaped conductances",
    "IF_cond_exp_gsfa_grr": "simcore has no model with conductance-based adaptation and refractoriness",
    "IF_facets_hardware1": "simcore has no model of this hardware",
    "HH_cond_exp": "simcore has no model with ion channels",
    "GIF_cond_exp": "simcore has no model with stochastic firing",
    "MultiCompartmentNeuron": "neurons are points",
    "PointNeuron": _PARTS,
    "LIF": _PARTS,
    "AdExp": _PARTS,
    "AlphaPSR": _PARTS,
    "CurrExpPostSynapticResponse": _PARTS,
    "CondExpPostSynapticResponse": _PARTS,
    "CondAlphaPostSynapticResponse": _PARTS,
    "CondBetaPostSynapticResponse": _PARTS,
    "SpikeSourcePoissonRefractory": "simcore has no Poisson source with a dead time",
    "SpikeSourceGamma": "simcore has no gamma source",
    "SpikeSourceInhGamma": "simcore has no gamma source",
    "ElectricalSynapse": "simcore has no gap junctions",
    "SimpleStochasticSynapse": "synapses transmit every spike",
    "StochasticTsodyksMarkramSynapse": "synapses transmit every spike",
    "MultiQuantalSynapse": "synapses transmit every spike",
    "Vogels2011Rule": "simcore has no symmetric plasticity rule",
}
"""Reasons by name of the type."""


class NotAvailable:
    """Base of the placeholders of unsupported types; creating an instance raises an error with the reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        raise UnavailableError(f"{name} is not available in benchnn.pynn: {REASONS[name]}")


CLASSES = {name: type(name, (NotAvailable,), {"__doc__": f"Not available: {why}."}) for name, why in REASONS.items()}
"""Placeholder classes by name."""
