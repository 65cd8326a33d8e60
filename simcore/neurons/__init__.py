"""Neuron models by NEST's names, and models of plug-ins (docs/extending.md)."""

from simcore.neurons.declared import declaration_fault
from simcore.neurons.model import NeuronModel, Parameter, Variable
from simcore.registry import Entry, Registry


def _fault(name: str, implementation: object) -> str | None:
    """Return why a plug-in is not a neuron model of that name, or None."""
    if not isinstance(implementation, NeuronModel):
        return "is not an instance of a subclass of simcore.neurons.NeuronModel"
    wrong = declaration_fault(implementation)
    if wrong is not None:
        return wrong
    own = implementation.name
    if not own.isidentifier() or (not name and own in neuron_models.names()):
        return f"has the name {own!r}: use letters, digits and _, and a name other than those of built-in models"
    return f"has the name {own!r}" if name and own != name else None


neuron_models: Registry[NeuronModel] = Registry(
    "neuron model",
    {
        "iaf_psc_exp": Entry("simcore.neurons.iaf_psc_exp.model:MODEL"),
        "iaf_psc_exp_multisynapse": Entry("simcore.neurons.iaf_psc_exp_multisynapse.model:MODEL"),
        "iaf_psc_exp_reset": Entry("simcore.neurons.iaf_psc_exp_reset.model:MODEL"),
        "iaf_psc_alpha": Entry("simcore.neurons.iaf_psc_alpha.model:MODEL"),
        "iaf_psc_delta": Entry("simcore.neurons.iaf_psc_delta.model:MODEL"),
        "iaf_cond_exp": Entry("simcore.neurons.iaf_cond_exp.model:MODEL"),
        "aeif_cond_exp": Entry("simcore.neurons.aeif_cond_exp.model:MODEL"),
        "izhikevich": Entry("simcore.neurons.izhikevich.model:MODEL"),
        "lif_fixed_point": Entry("simcore.neurons.lif_fixed_point.model:MODEL"),
        "lif_discrete": Entry("simcore.neurons.lif_discrete.model:MODEL"),
        "parrot_neuron": Entry("simcore.neurons.parrot_neuron.model:MODEL"),
    },
    group="simcore.neurons",
    fault=_fault,
    files=True,
)

__all__ = ["NeuronModel", "Parameter", "Variable", "neuron_models"]
