"""Gaussian white current."""
