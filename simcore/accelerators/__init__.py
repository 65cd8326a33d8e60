"""Models of machine-learning accelerators: layers and densities in; cycles, accesses, energy, latency and area out."""
