"""Numbers of a rule on the grids of time and weights, in float64 or integers, the same on every rank.

A weight that changes is an integer in units of lsb 2^-15 with a magnitude of at most `ceiling`; the sign is a property
of the projection. A change is one addition in float64 whose sum is rounded to the nearest integer, ties to even:

    facilitation  w <- rint(min(w + (c_plus K_plus) f_plus(x), ceiling)),   x = ceiling - w or w
    depression    w <- rint(max(w - (c_minus K_minus) f_minus(w), 0))

with f(x) = 1, x or a table of x^mu. Every backend computes exactly this, in this order.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

FRACTION_BITS = 15
"""Number of bits of a changing weight below the lsb of delivered weights."""


def delivered(weights: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return the delivered weights, in units of the lsb, for signed weights in units of lsb 2^-15."""
    return (weights.astype(np.int64) + (1 << FRACTION_BITS - 1)) >> FRACTION_BITS


@dataclass(frozen=True, eq=False)
class Change:
    """Change of a weight by one pair of spikes.

    Parameters
    ----------
    coefficient
        Factor of the trace.
    exponent
        0, 1, or a value in between, which requires `powers`.
    from_ceiling
        Whether the distance from the ceiling is raised to the exponent instead of the weight.
    powers
        Table from `simcore.plasticity.powers`; empty for the exponents 0 and 1.
    """

    coefficient: float
    exponent: float
    from_ceiling: bool
    powers: FloatArray


@dataclass(frozen=True, eq=False)
class PairTables:
    """Tables of a rule that pairs spikes, with one weight for each synapse.

    Parameters
    ----------
    sign
        Sign of all weights, 1 or -1.
    ceiling
        Largest magnitude of a weight, in units of lsb 2^-15.
    bounded
        Whether the ceiling is a parameter of the rule (Wmax); else weights that reach it are counted as saturated.
    facilitation, depression
        Changes by facilitation and by depression.
    plus, minus
        Tables from `simcore.plasticity.decay` for the traces of sources and targets.
    axonal_steps
        Axonal part of the delay, steps.
    """

    sign: int
    ceiling: int
    bounded: bool
    facilitation: Change
    depression: Change
    plus: FloatArray
    minus: FloatArray
    axonal_steps: int

    def arrays(self) -> tuple[FloatArray, ...]:
        """All numbers, for a digest."""
        changes = (self.facilitation, self.depression)
        scalars = [float(number) for number in (self.sign, self.ceiling, self.bounded, self.axonal_steps)]
        scalars += [float(n) for one in changes for n in (one.coefficient, one.exponent, one.from_ceiling)]
        return np.array(scalars), *(one.powers for one in changes), self.plus, self.minus


@dataclass(frozen=True, eq=False)
class ResourceTables:
    """Tables of short-term plasticity: each source has resources x and their use u; weights do not change.

    Parameters
    ----------
    U, u, x
        Use after a long rest, and the initial values of u and x.
    recovery, facilitation
        Tables from `simcore.plasticity.decay` for tau_rec and tau_fac.
    """

    U: float
    u: float
    x: float
    recovery: FloatArray
    facilitation: FloatArray

    def arrays(self) -> tuple[FloatArray, ...]:
        """All numbers, for a digest."""
        return np.array([self.U, self.u, self.x]), self.recovery, self.facilitation


PreparedPlasticity = PairTables | ResourceTables
