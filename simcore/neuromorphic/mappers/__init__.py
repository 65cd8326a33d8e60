"""Mappers of neurons onto cores, one file each; `simcore.neuromorphic.mapping.mappers` finds them by name."""
