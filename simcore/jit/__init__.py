"""Compilation and caching of kernels, and their common arithmetic."""
