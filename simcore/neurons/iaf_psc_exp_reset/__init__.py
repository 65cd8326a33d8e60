"""Leaky integrate-and-fire neuron whose synaptic current a spike resets, as in the model of the whole fly brain."""
