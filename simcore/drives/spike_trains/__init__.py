"""Spikes at given times, of each neuron its own."""
