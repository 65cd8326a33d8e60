"""Many-core accelerators with arrays of multipliers, as described by NeuroMeter: peaks, utilisation, sparsity."""
