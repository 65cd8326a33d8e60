"""Networks on the cores of a chip: mappers, axons, limits, and what is adapted to them."""
