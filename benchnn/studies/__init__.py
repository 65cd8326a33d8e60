"""Studies of many runs: scaling series, comparisons of simulators, validation."""
