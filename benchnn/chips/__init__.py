"""A network on the cores of a chip while it runs: ``benchnn run --chip``."""
