"""Spikes at given times for each neuron."""
