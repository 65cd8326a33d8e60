"""The cortical microcircuit of Potjans and Diesmann (2014)."""

from .network import pd14

__all__ = ["pd14"]
