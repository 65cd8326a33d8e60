"""Leaky integrate-and-fire neuron with exponentially decaying synaptic conductances."""
