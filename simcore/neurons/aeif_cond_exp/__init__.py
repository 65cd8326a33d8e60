"""Adaptive exponential integrate-and-fire neuron with exponentially decaying synaptic conductances."""
