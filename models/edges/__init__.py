"""One population whose edges stand in files."""

from .network import edges

__all__ = ["edges"]
