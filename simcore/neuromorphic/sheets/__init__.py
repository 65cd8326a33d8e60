"""The sheets of the known chips, one TOML file each."""
