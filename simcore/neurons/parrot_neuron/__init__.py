"""Neuron that repeats the spikes it receives."""
