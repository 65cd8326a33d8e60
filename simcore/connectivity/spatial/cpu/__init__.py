"""Compiled draws of the spatial rules."""
