"""Numbers of a rule on the grids of time and weights: made once, in float64 or integers, and the same on every rank.

A weight that changes is an integer in units of lsb 2^-15, its magnitude at most `ceiling`; the sign is the
projection's. A change is one addition in float64 whose sum is rounded to the nearest integer, ties to even:

    facilitation  w <- rint(min(w + (c_plus K_plus) f_plus(x), ceiling)),   x = ceiling - w or w
    depression    w <- rint(max(w - (c_minus K_minus) f_minus(w), 0))

with f(x) = 1, x or a table of x^mu. Every backend computes exactly this, in this order.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

FRACTION_BITS = 15
"""A weight that changes has so many bits below the lsb of those that are delivered."""


def delivered(weights: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """What is delivered, in units of the lsb, of signed weights in units of lsb 2^-15."""
    return (weights.astype(np.int64) + (1 << FRACTION_BITS - 1)) >> FRACTION_BITS


@dataclass(frozen=True, eq=False)
class Change:
    """How far one pair of spikes moves a weight.

    Parameters
    ----------
    coefficient
        Factor of the trace.
    exponent
        0, 1, or anything between, which needs `powers`.
    from_ceiling
        Whether the distance from the ceiling is raised to the exponent, instead of the weight.
    powers
        Table of `simcore.plasticity.powers`; empty for the exponents 0 and 1.
    """

    coefficient: float
    exponent: float
    from_ceiling: bool
    powers: FloatArray


@dataclass(frozen=True, eq=False)
class PairTables:
    """A rule that pairs spikes, with one weight for each synapse.

    Parameters
    ----------
    sign
        1 or -1: of all weights.
    ceiling
        Largest magnitude of a weight, in units of lsb 2^-15.
    bounded
        Whether the ceiling is the rule's own (its Wmax); else weights that reach it are said to be saturated.
    facilitation, depression
        The two changes.
    plus, minus
        Tables of `simcore.plasticity.decay` for the traces of sources and of targets.
    axonal_steps
        Part of the delay before the synapse.
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
    """Short-term plasticity: each source has resources x and their use u; weights do not change.

    Parameters
    ----------
    U, u, x
        The use after a long rest, and the first values.
    recovery, facilitation
        Tables of `simcore.plasticity.decay` for tau_rec and tau_fac.
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
