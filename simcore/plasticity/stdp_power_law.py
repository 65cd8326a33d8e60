"""Spike-timing dependent plasticity with a power law and no upper bound: NEST's `stdp_pl_synapse_hom`.

The rule is as in `simcore.plasticity.stdp`, but with the changes

- facilitation: w <- w + lambda w^mu K_plus exp((t' - (q + d)) / tau_plus)
- depression: w <- max(w - lambda alpha w K_minus(t - d), 0)

of a weight w in the unit of the target's model. Integers need a bound, the `ceiling`: a weight that would exceed it is
set to it, and such updates are counted.

References
----------
NEST 3.10, models/stdp_pl_synapse_hom.h. Morrison, Aertsen, Diesmann (2007), Neural Comput. 19:1437.
"""

from dataclasses import dataclass

from simcore.errors import keywords_known, require
from simcore.plasticity.powers import power_table, raised
from simcore.plasticity.rule import Grid, PairRule, ceiling_units
from simcore.plasticity.tables import FRACTION_BITS, Change, PairTables

CEILING = 8.0
"""Default ratio of the ceiling to the largest initial weight."""


@keywords_known
@dataclass(frozen=True)
class StdpPowerLaw(PairRule):
    """STDP with a power law; the defaults are NEST's.

    Parameters
    ----------
    tau_plus
        Time constant of the trace of the sources, ms, > 0.
    lambda_
        Size of a change (NEST's lambda), 0 to 1e6.
    alpha
        Ratio of depression to facilitation, 0 to 1e6.
    mu
        Exponent of the weight, in [0, 1].
    ceiling
        Largest weight that the integers must hold, in the unit of the target's model; 8 times the largest initial
        weight by default.
    axonal_delay_ms
        Axonal part of each delay, ms, rounded to the grid like delays; the rest, at least one step, is dendritic. NEST
        does not support it.
    """

    tau_plus: float = 20.0
    lambda_: float = 0.1
    alpha: float = 1.0
    mu: float = 0.4
    ceiling: float | None = None
    axonal_delay_ms: float = 0.0
    name = "stdp_pl_synapse_hom"

    def check(self) -> None:
        super().check()
        self.within("mu", 0.0, 1.0)
        if self.ceiling is not None:
            self.positive("ceiling")

    def check_weights(self, low: float, high: float, where: str) -> None:
        require(low >= 0.0, where, low, f"must be >= 0 for {self.name}")
        if self.ceiling is not None:
            require(high <= self.ceiling, where, high, f"must be at most the ceiling, {self.ceiling:g}")

    def largest_weight(self, low: float, high: float) -> tuple[float, float]:
        return 0.0, self._top(high)

    def prepare(self, grid: Grid) -> PairTables:
        unit = grid.lsb * 2.0**-FRACTION_BITS
        return PairTables(
            1,
            ceiling_units(self._top(grid.largest_weight), grid.lsb, f"{self.name}.ceiling"),
            False,
            Change(self.lambda_ * raised(unit, self.mu - 1.0), self.mu, False, power_table(self.mu)),
            Change(self.lambda_ * self.alpha, 1.0, False, power_table(1.0)),
            *self.traces(grid),
        )

    def _top(self, largest_weight: float) -> float:
        return CEILING * largest_weight if self.ceiling is None else self.ceiling
