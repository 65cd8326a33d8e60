"""Micro networks, each of which loads one resource: the input of a core, its output, its fan-in or its fan-out.

They follow the low-level benchmarks of SNABSuite (Ostrau et al. 2020, Benchmarking of neuromorphic hardware systems,
NICE '20, doi:10.1145/3381755.3381772; github.com/hbp-unibi/SNABSuite): a sweep of their sizes and rates shows the
limits of a chip or a backend.
"""

from .dense_layer import micro_dense_layer
from .fan_in import micro_fan_in
from .fan_out import micro_fan_out
from .one_to_one import micro_one_to_one
from .saturating import micro_saturating
from .winner_take_all import micro_winner_take_all

__all__ = [
    "micro_dense_layer",
    "micro_fan_in",
    "micro_fan_out",
    "micro_one_to_one",
    "micro_saturating",
    "micro_winner_take_all",
]
