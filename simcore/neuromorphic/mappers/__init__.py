"""Mappers of neurons onto cores, one file each; `core_mapping.mappers` finds them by name."""
