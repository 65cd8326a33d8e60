"""Compiled kernels: how they are compiled and kept, and the arithmetic that all of them share."""
