"""A plastic network of 10,000 neurons of three types, for protocols that measure speed, energy and agreement."""

from .network import guide_10k

__all__ = ["guide_10k"]
