"""The mappers that can be used here."""

from simcore.neuromorphic.mapping.core_mapping import mappers

USABLE = [name for name in mappers.names() if mappers.unusable_because(name) is None]
