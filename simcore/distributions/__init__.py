"""Named distributions and their quantile tables.

A draw is a look-up in a table of 65,536 entries of equal probability. The entries are the *means* of their bins, so
that the mean of the table equals the mean of the distribution. A value outside [low, high] is redrawn (the conditional
distribution) or clipped.
"""

from simcore.distributions.distribution import MIN_PROBABILITY, TABLE_SIZE, Distribution
from simcore.distributions.families import Exponential, Lognormal, Normal, Tabulated, Uniform
from simcore.distributions.table import MAX_STD_LOSS, quantile_table, table_ends

__all__ = [
    "MAX_STD_LOSS",
    "MIN_PROBABILITY",
    "TABLE_SIZE",
    "Distribution",
    "Exponential",
    "Lognormal",
    "Normal",
    "Tabulated",
    "Uniform",
    "quantile_table",
    "table_ends",
]
