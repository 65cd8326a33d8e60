"""The life of a run: options, plan, network construction, state propagation, result."""
