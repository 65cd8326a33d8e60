"""Cost of plastic synapses."""
