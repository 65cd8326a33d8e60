"""NIR files, and the command."""

from tests.benchnn.networks.conftest import nir_file, published

__all__ = ["nir_file", "published"]
