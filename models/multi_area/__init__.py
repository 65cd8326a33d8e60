"""The multi-area model of macaque visual cortex (Schmidt et al. 2018), from a user's file or as a surrogate."""

from .network import multi_area

__all__ = ["multi_area"]
