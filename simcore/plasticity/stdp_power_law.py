"""Spike-timing dependent plasticity with a power law and no upper bound: NEST's `stdp_pl_synapse_hom`.

As `simcore.plasticity.stdp`, but with the changes

- facilitation: w <- w + lambda w^mu K_plus exp((t' - (q + d)) / tau_plus)
- depression: w <- max(w - lambda alpha w K_minus(t - d), 0)

of a weight w in the unit of the target's model. Integers need a bound, the `ceiling`: a weight that would exceed it
stays there, and such updates are counted.

References
----------
NEST 3.10, models/stdp_pl_synapse_hom.h. Morrison, Aertsen, Diesmann (2007), Neural Comput. 19:1437.
"""

from dataclasses import dataclass

from simcore.errors import keywords_known, require
from simcore.plasticity.decay import decay_table
from simcore.plasticity.powers import power_table, raised
from simcore.plasticity.rule import MAX_FACTOR, Grid, Plasticity, ceiling_units
from simcore.plasticity.tables import FRACTION_BITS, Change, PairTables
from simcore.values import delay_steps

CEILING = 8.0
"""The ceiling over the largest initial weight, where none is given."""


@keywords_known
@dataclass(frozen=True)
class StdpPowerLaw(Plasticity):
    """STDP with a power law; the defaults are NEST's.

    Parameters
    ----------
    tau_plus
        Time constant of the trace of the sources, ms, > 0.
    lambda_
        Size of a change (NEST's lambda), 0 to 1e6.
    alpha
        Depression over facilitation, 0 to 1e6.
    mu
        Exponent of the weight, in [0, 1].
    ceiling
        Largest weight that the integers must hold, in the unit of the target's model; 8 times the largest initial
        weight by default.
    axonal_delay_ms
        Part of each delay before the synapse, rounded to the grid as delays are; the rest, at least one step, is
        dendritic. NEST has none.
    """

    tau_plus: float = 20.0
    lambda_: float = 0.1
    alpha: float = 1.0
    mu: float = 0.4
    ceiling: float | None = None
    axonal_delay_ms: float = 0.0
    name = "stdp_pl_synapse_hom"
    changes_weights = True

    def check(self) -> None:
        self.positive("tau_plus")
        for name in ("lambda_", "alpha"):
            self.within(name, 0.0, MAX_FACTOR)
        self.not_negative("axonal_delay_ms")
        self.within("mu", 0.0, 1.0)
        if self.ceiling is not None:
            self.positive("ceiling")

    def check_weights(self, low: float, high: float, where: str) -> None:
        require(low >= 0.0, where, low, f"weights of {self.name} must be >= 0")
        if self.ceiling is not None:
            require(high <= self.ceiling, where, high, f"weights must be at most the ceiling {self.ceiling:g}")

    def largest_weight(self, low: float, high: float) -> tuple[float, float]:
        return 0.0, self._top(high)

    def time_constants(self) -> dict[str, float]:
        return {"tau_plus": self.tau_plus}

    def prepare(self, grid: Grid) -> PairTables:
        unit = grid.lsb * 2.0**-FRACTION_BITS
        return PairTables(
            1,
            ceiling_units(self._top(grid.largest_weight), grid.lsb, f"{self.name}.ceiling"),
            False,
            Change(self.lambda_ * raised(unit, self.mu - 1.0), self.mu, False, power_table(self.mu)),
            Change(self.lambda_ * self.alpha, 1.0, False, power_table(1.0)),
            decay_table(self.tau_plus, grid.resolution_ms),
            decay_table(grid.tau_minus, grid.resolution_ms),
            int(delay_steps(self.axonal_delay_ms, grid.resolution_ms)),
        )

    def _top(self, largest_weight: float) -> float:
        return CEILING * largest_weight if self.ceiling is None else self.ceiling
