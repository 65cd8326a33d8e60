"""The self-sustained random networks of Vogels and Abbott (2005), in the forms of Brette et al. (2007)."""

from .coba import coba
from .cuba import cuba

__all__ = ["coba", "cuba"]
