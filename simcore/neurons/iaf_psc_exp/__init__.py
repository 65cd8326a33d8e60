"""Leaky integrate-and-fire neuron with exponential synaptic currents."""
