"""Transforms of drawn networks: pruning, and perturbation of weights."""
