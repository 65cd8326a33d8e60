"""Leaky integrate-and-fire neuron in the integer arithmetic of a neuromorphic core."""
