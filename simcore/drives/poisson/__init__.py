"""Independent Poisson spike trains."""
