"""NEST's pair-based plasticity and `tsodyks2_synapse` in a few lines of float64, one synapse at a time.

Trains are ascending steps; delays are whole steps and dendritic. Weights are magnitudes in any unit. A rule is two
functions of the weight and a trace, its facilitation and its depression, with the time constant of the source's trace;
a weight may be more than a number, as long as these functions take it.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Weight = TypeVar("Weight")


@dataclass(frozen=True)
class PairRule(Generic[Weight]):
    """What a pair of spikes does to a weight, and tau_plus in ms."""

    facilitated: Callable[[Weight, float], Weight]
    depressed: Callable[[Weight, float], Weight]
    tau_plus: float


def stdp(
    tau_plus: float, lambda_: float, alpha: float, mu_plus: float, mu_minus: float, Wmax: float
) -> PairRule[float]:
    """The rule of `stdp_synapse` and `stdp_synapse_hom`."""
    return PairRule(
        lambda w, k: min(w / Wmax + lambda_ * (1.0 - w / Wmax) ** mu_plus * k, 1.0) * Wmax,
        lambda w, k: max(w / Wmax - alpha * lambda_ * (w / Wmax) ** mu_minus * k, 0.0) * Wmax,
        tau_plus,
    )


def stdp_pl(tau_plus: float, lambda_: float, alpha: float, mu: float, ceiling: float = math.inf) -> PairRule[float]:
    """The rule of `stdp_pl_synapse_hom`, which has no ceiling."""
    return PairRule(
        lambda w, k: min(w + lambda_ * w**mu * k, ceiling),
        lambda w, k: max(w - lambda_ * alpha * w * k, 0.0),
        tau_plus,
    )


def weights_after(
    pre: Sequence[int],
    post: Sequence[int],
    delay: int,
    weight: Weight,
    rule: PairRule[Weight],
    tau_minus: float,
    resolution_ms: float,
    settled_to: int | None = None,
) -> list[Weight]:
    """The weight that each presynaptic spike transmits.

    With `settled_to`, the last step of the simulation, one more weight: that with every facilitation up to then, which
    NEST applies at the next presynaptic spike only.
    """
    plus, minus = resolution_ms / rule.tau_plus, resolution_ms / tau_minus
    found: list[Weight] = []
    kplus, last = 0.0, -1
    kminus, newest, n = 0.0, 0, 0
    for spike in pre if settled_to is None else (*pre, settled_to):
        meets = spike - delay
        for q in post[bisect_right(post, last - delay) : bisect_right(post, meets)] if kplus else ():
            weight = rule.facilitated(weight, kplus * math.exp((last - (q + delay)) * plus))
        if len(found) < len(pre):
            while n < len(post) and post[n] < meets:
                kminus = kminus * math.exp((newest - post[n]) * minus) + 1.0
                newest, n = post[n], n + 1
            weight = rule.depressed(weight, kminus * math.exp((newest - meets) * minus))
            kplus, last = kplus * math.exp((last - spike) * plus) + 1.0, spike
        found.append(weight)
    return found


def factors(
    train: Sequence[int], U: float, u: float, x: float, tau_rec: float, tau_fac: float, resolution_ms: float
) -> list[float]:
    """Share x u of the weight that `tsodyks2_synapse` transmits at each presynaptic spike."""
    found = []
    for place, spike in enumerate(train):
        if place:
            ms = (spike - train[place - 1]) * resolution_ms
            recovery, facilitation = math.exp(-ms / tau_rec), math.exp(-ms / tau_fac) if tau_fac else 0.0
            x, u = 1.0 + (x - x * u - 1.0) * recovery, U + u * (1.0 - U) * facilitation
        found.append(x * u)
    return found
