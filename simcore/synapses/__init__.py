"""Packed tables of synapses."""
