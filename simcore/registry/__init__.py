"""Open registries: implementations by name, those of plug-ins included, and exactly which plug-in is in use."""

from simcore.registry.names import Entry, Listed, Registry
from simcore.registry.plugins import PlugIn

__all__ = ["Entry", "Listed", "PlugIn", "Registry"]
