"""Networks that are read from files."""
