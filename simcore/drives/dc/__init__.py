"""Constant input current."""
