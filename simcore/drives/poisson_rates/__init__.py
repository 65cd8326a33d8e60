"""Poisson and Bernoulli spike trains of a rate for each neuron."""
