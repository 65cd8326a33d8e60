"""Networks in NIR files (Neuromorphic Intermediate Representation); see docs/nir.md."""
