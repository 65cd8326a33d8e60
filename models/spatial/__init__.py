"""A balanced random network on a sheet, connected by distance: an example."""

from .network import spatial

__all__ = ["spatial"]
