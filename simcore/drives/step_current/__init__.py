"""A current that changes at given times."""
