"""Rooflines: the largest throughput and the smallest energy of work, for each level of the memory."""
