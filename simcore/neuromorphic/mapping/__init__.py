"""Networks on the cores of a chip: mappings, axons, limits, and adaptation to the limits."""
