"""One population with edges from files."""

from .network import edges

__all__ = ["edges"]
