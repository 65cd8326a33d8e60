"""Factors from PyNN's units to those of the simulator."""

KILO = 1000.0
"""nA to pA, nF to pF, uS to nS."""
