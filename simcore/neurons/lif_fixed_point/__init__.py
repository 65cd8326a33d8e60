"""Leaky integrate-and-fire neuron in the integers of a neuromorphic core."""
