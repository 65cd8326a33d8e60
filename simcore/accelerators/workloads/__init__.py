"""Workloads: a network as layers with shapes and densities, from published tables or from a run."""
