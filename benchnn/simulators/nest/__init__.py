"""NEST as a peer; needs ``nest-simulator``."""
