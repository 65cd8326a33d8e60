"""Leaky integrate-and-fire neuron whose potential jumps at each arrival."""
