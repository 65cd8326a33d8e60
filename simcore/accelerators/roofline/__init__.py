"""Rooflines: how fast, and for how little energy, work can be done at each level of a memory."""
