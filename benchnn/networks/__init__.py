"""Networks that stand in files."""
