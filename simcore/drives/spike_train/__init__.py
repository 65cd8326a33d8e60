"""Spikes at given times."""
