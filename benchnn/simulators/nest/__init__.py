"""NEST as a peer; requires ``nest-simulator``."""
