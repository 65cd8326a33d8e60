"""The version of this program, below all that shows or stores it."""

__version__ = "0.1.0"
