"""Which statistics of spike trains are compared, and how: the protocol of a model.

References
----------
Senk et al. (2026), Neuromorph. Comput. Eng. 6:012001: that of the cortical microcircuit. Schmidt et al. (2018), PLOS
Comput. Biol. 14:e1006359, and Knight, Nowotny (2021), Nat. Comput. Sci. 1:136: that of the multi-area model.
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
        Its names of the distributions that are compared -> the fields of `PopulationStatistics`.
    metrics
        Distances between two of them.
    bin_ms
        Width of the bins whose spike counts are correlated.
    correlated
        Most neurons of a population whose correlations are computed.
    of_active
        Whether these are chosen among the neurons with spikes, not among all.
    seeds
        Simulations of each side where neither the user nor a preset that the user names says how many; None for the
        preset's.
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
"""By the name that a model declares."""
