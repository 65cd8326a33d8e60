"""Poisson spike trains whose rate changes at given times."""
