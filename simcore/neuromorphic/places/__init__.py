"""Placers of cores, one file each; `placing.places` finds them by name."""
