"""Spike-timing dependent plasticity with an upper bound of the weights: NEST's `stdp_synapse` and `stdp_synapse_hom`.

For a presynaptic spike at t, the preceding one at t', and a delay d, which is dendritic unless `axonal_delay_ms` is
given, the weight n = w / Wmax changes in this order:

- facilitation, for every postsynaptic spike at q with t' < q + d <= t, in order:
  n <- min(n + lambda (1 - n)^mu_plus K_plus exp((t' - (q + d)) / tau_plus), 1)
- depression, once: n <- max(n - alpha lambda n^mu_minus K_minus(t - d), 0)

and w is transmitted. K_plus is the trace of the source just after t', which grows by 1 at each of its spikes and decays
with tau_plus; K_minus is the trace of the target before q = t - d, which decays with `tau_minus` of the population.

References
----------
NEST 3.10, models/stdp_synapse.h and stdp_synapse_hom.h. Guetig, Aharonov, Rotter, Sompolinsky (2003), J. Neurosci.
23:3697. Morrison, Diesmann, Gerstner (2008), Biol. Cybern. 98:459.
"""

import math
from dataclasses import dataclass

from simcore.errors import keywords_known, require
from simcore.plasticity.powers import power_table, raised
from simcore.plasticity.rule import Grid, PairRule, ceiling_units
from simcore.plasticity.tables import Change, PairTables


@keywords_known
@dataclass(frozen=True)
class Stdp(PairRule):
    """STDP with weights between 0 and Wmax; the defaults are NEST's.

    Parameters
    ----------
    tau_plus
        Time constant of the trace of the sources, ms, > 0.
    lambda_
        Size of a change (NEST's lambda), 0 to 1e6.
    alpha
        Ratio of depression to facilitation, 0 to 1e6.
    mu_plus, mu_minus
        Exponents, in [0, 1]: 0 for changes that do not depend on the weight, 1 for proportional changes.
    Wmax
        Largest weight in the unit of the target's model; for negative weights, the most negative weight. It is rounded
        to the grid of the weights.
    axonal_delay_ms
        Axonal part of each delay, ms, rounded to the grid like delays; the rest, at least one step, is dendritic. NEST
        does not support it.
    """

    tau_plus: float = 20.0
    lambda_: float = 0.01
    alpha: float = 1.0
    mu_plus: float = 1.0
    mu_minus: float = 1.0
    Wmax: float = 100.0
    axonal_delay_ms: float = 0.0
    name = "stdp_synapse"

    def check(self) -> None:
        super().check()
        for name in ("mu_plus", "mu_minus"):
            self.within(name, 0.0, 1.0)
        require(self.Wmax != 0.0, f"{self.name}.Wmax", self.Wmax, "must not be 0")

    def check_weights(self, low: float, high: float, where: str) -> None:
        sign = math.copysign(1.0, self.Wmax)
        for weight in (low, high):
            allowed = f"must be between 0 and Wmax = {self.Wmax:g} for {self.name}"
            require(0.0 <= weight * sign <= abs(self.Wmax), where, weight, allowed)

    def largest_weight(self, low: float, high: float) -> tuple[float, float]:
        return min(self.Wmax, 0.0), max(self.Wmax, 0.0)

    def prepare(self, grid: Grid) -> PairTables:
        ceiling = ceiling_units(abs(self.Wmax), grid.lsb, f"{self.name}.Wmax")
        plus = self.lambda_ * raised(float(ceiling), 1.0 - self.mu_plus)
        minus = self.alpha * self.lambda_ * raised(float(ceiling), 1.0 - self.mu_minus)
        return PairTables(
            -1 if self.Wmax < 0.0 else 1,
            ceiling,
            True,
            Change(plus, self.mu_plus, True, power_table(self.mu_plus)),
            Change(minus, self.mu_minus, False, power_table(self.mu_minus)),
            *self.traces(grid),
        )
