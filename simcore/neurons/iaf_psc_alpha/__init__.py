"""Leaky integrate-and-fire neuron with alpha-shaped synaptic currents."""
