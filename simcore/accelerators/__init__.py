"""Models of machine-learning accelerators, which compute cycles, accesses, energy, latency and area from layers."""
