"""A random network of Izhikevich neurons of three types, after Izhikevich (2003)."""

from .network import izhikevich_net

__all__ = ["izhikevich_net"]
