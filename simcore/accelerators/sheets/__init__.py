"""The sheets of the known accelerators, one TOML file each."""
