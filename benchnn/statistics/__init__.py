"""Accuracy of a simulation: statistics of its spikes, and how they compare with those of a reference."""
