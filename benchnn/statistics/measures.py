"""The protocol of a model: statistics of spike trains to compare, and their metrics.

References
----------
Senk et al. (2026), Neuromorph. Comput. Eng. 6:012001: the protocol of the cortical microcircuit. Schmidt et al. (2018),
PLOS Comput. Biol. 14:e1006359, and Knight, Nowotny (2021), Nat. Comput. Sci. 1:136: the protocol of the multi-area
model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Measures:
    """A protocol.

    Parameters
    ----------
    distributions
        Fields of `PopulationStatistics` to compare, by the protocol's names of their distributions.
    metrics
        Distances between two distributions.
    bin_ms
        Width of the bins whose spike counts are correlated.
    correlated
        Maximum number of neurons of a population whose correlations are computed.
    of_active
        Whether they are chosen among neurons with spikes instead of all neurons.
    seeds
        Default number of simulations of each side; a number or a preset from the user takes precedence. None for the
        number of the default preset.
    """

    distributions: Mapping[str, str]
    metrics: tuple[str, ...]
    bin_ms: float
    correlated: int
    of_active: bool = False
    seeds: int | None = None


MICROCIRCUIT = Measures(
    MappingProxyType({"FR": "rates_hz", "CV": "cv_isi", "CC": "correlations"}), ("KS", "EMD"), 2.0, 250
)
MULTI_AREA = Measures(
    MappingProxyType({"FR": "rates_hz", "LvR": "lvr", "CC": "correlations"}),
    ("KS", "KL"),
    1.0,
    2000,
    of_active=True,
    seeds=3,
)
BY_NAME = MappingProxyType({"microcircuit": MICROCIRCUIT, "multi_area": MULTI_AREA})
"""Protocols by the name that a model declares."""
