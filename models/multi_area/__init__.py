"""The multi-area model of macaque visual cortex (Schmidt et al. 2018): a user's file of it, or a surrogate."""

from .network import multi_area

__all__ = ["multi_area"]
