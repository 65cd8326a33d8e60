"""Edges in files: columns of a NumPy archive, a CSV table, an HDF5 or a Parquet file, read in blocks."""

from simcore.connectivity.files.edge_files import EdgeFiles

__all__ = ["EdgeFiles"]
