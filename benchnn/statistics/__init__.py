"""Accuracy of a simulation: statistics of its spikes, and their comparison with a reference."""
