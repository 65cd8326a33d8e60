"""A collection of the records of many runs in one SQLite file: ``benchnn results``."""
