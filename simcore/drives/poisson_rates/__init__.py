"""Poisson and Bernoulli spike trains with a rate for each neuron."""
