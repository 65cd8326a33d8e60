"""Leaky integrate-and-fire neuron in discrete time, for trained networks."""
