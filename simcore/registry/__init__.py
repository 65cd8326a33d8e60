"""Open registries of implementations by name, including plug-ins, and the identity of plug-ins in use."""

from simcore.registry.names import Entry, Listed, Registry
from simcore.registry.plugins import PlugIn

__all__ = ["Entry", "Listed", "PlugIn", "Registry"]
