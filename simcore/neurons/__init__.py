"""Neuron models by NEST's names."""

from simcore.neurons.model import NeuronModel, Parameter, Variable
from simcore.registry import Entry, Registry

neuron_models: Registry[NeuronModel] = Registry(
    "neuron model",
    {
        "iaf_psc_exp": Entry("simcore.neurons.iaf_psc_exp.model:MODEL"),
        "iaf_psc_alpha": Entry("simcore.neurons.iaf_psc_alpha.model:MODEL"),
        "iaf_psc_delta": Entry("simcore.neurons.iaf_psc_delta.model:MODEL"),
        "iaf_cond_exp": Entry("simcore.neurons.iaf_cond_exp.model:MODEL"),
        "aeif_cond_exp": Entry("simcore.neurons.aeif_cond_exp.model:MODEL"),
        "izhikevich": Entry("simcore.neurons.izhikevich.model:MODEL"),
        "lif_fixed_point": Entry("simcore.neurons.lif_fixed_point.model:MODEL"),
        "parrot_neuron": Entry("simcore.neurons.parrot_neuron.model:MODEL"),
    },
)

__all__ = ["NeuronModel", "Parameter", "Variable", "neuron_models"]
