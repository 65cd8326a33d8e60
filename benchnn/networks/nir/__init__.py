"""Networks in NIR files, the Neuromorphic Intermediate Representation: docs/nir.md."""
