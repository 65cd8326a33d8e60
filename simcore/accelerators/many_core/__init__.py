"""Accelerators of many cores with arrays of multipliers, as NeuroMeter describes them: peaks, utilisation, sparsity."""
