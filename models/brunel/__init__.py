"""The balanced random network of Brunel (2000), with exponential currents."""

from .network import brunel

__all__ = ["brunel"]
