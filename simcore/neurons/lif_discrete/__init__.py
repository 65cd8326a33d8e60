"""Leaky integrate-and-fire neuron in discrete time, as networks are trained."""
