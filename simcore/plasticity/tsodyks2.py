"""Short-term plasticity from resources and their use: NEST's `tsodyks2_synapse`.

At a spike of the source, a time H after the preceding one,

    x <- 1 + (x - x u - 1) exp(-H / tau_rec)
    u <- U + u (1 - U) exp(-H / tau_fac)      (the exponential is 0 if tau_fac is 0)

both from the old values, and x u w is transmitted; the first spike uses the given values. All synapses of a source
share x and u, because the parameters apply to the whole projection: synapses do not need state. The transmitted weight
is (w F + 2^14) / 2^15, rounded down, for the integer weight w and F = rint(x u 2^15).

References
----------
NEST 3.10, models/tsodyks2_synapse.h. Maass, Markram (2002), Neural Networks 15:155. Tsodyks, Uziel, Markram (2000),
J. Neurosci. 20:RC50.
"""

from dataclasses import dataclass

from simcore.errors import keywords_known
from simcore.plasticity.decay import decay_table
from simcore.plasticity.rule import Grid, Plasticity
from simcore.plasticity.tables import ResourceTables


@keywords_known
@dataclass(frozen=True)
class Tsodyks2(Plasticity):
    """Short-term depression and facilitation; the defaults are NEST's.

    Parameters
    ----------
    U
        Use of the resources after a long rest, in [0, 1].
    u
        Initial value of the use, in [0, 1]; 0.5 by default for any U, as in NEST.
    x
        Initial value of the resources, in [0, 1].
    tau_rec, tau_fac
        Time constants of recovery, ms, > 0, and of facilitation, ms, >= 0.
    """

    U: float = 0.5
    u: float = 0.5
    x: float = 1.0
    tau_rec: float = 800.0
    tau_fac: float = 0.0
    name = "tsodyks2_synapse"
    changes_weights = False

    def check(self) -> None:
        for name in ("U", "u", "x"):
            self.within(name, 0.0, 1.0)
        self.positive("tau_rec")
        self.not_negative("tau_fac")

    def check_weights(self, low: float, high: float, where: str) -> None:
        """Accept any weights.

        Parameters
        ----------
        low, high
            Smallest and largest initial weight, in the unit of the target's model.
        where
            Name of the weights, for messages.
        """

    def largest_weight(self, low: float, high: float) -> tuple[float, float]:
        return low, high

    def time_constants(self) -> dict[str, float]:
        return {"tau_rec": self.tau_rec, "tau_fac": self.tau_fac}

    def prepare(self, grid: Grid) -> ResourceTables:
        tables = (decay_table(tau, grid.resolution_ms) for tau in (self.tau_rec, self.tau_fac))
        return ResourceTables(self.U, self.u, self.x, *tables)
