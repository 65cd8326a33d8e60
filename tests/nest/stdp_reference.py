"""NEST's pair-based plasticity and `tsodyks2_synapse` in a few lines of float64, one synapse at a time.

Trains are ascending steps; delays are whole steps and dendritic. Weights are magnitudes in any unit. A rule is two
functions of the weight and a trace, its facilitation and its depression, with the time constant of the source's trace.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Change = Callable[[float, float], float]


@dataclass(frozen=True)
class PairRule:
    """What a pair of spikes does to a weight, and tau_plus in ms."""

    facilitated: Change
    depressed: Change
    tau_plus: float


def stdp(tau_plus: float, lambda_: float, alpha: float, mu_plus: float, mu_minus: float, Wmax: float) -> PairRule:
    """The rule of `stdp_synapse` and `stdp_synapse_hom`."""
    return PairRule(
        lambda w, k: min(w / Wmax + lambda_ * (1.0 - w / Wmax) ** mu_plus * k, 1.0) * Wmax,
        lambda w, k: max(w / Wmax - alpha * lambda_ * (w / Wmax) ** mu_minus * k, 0.0) * Wmax,
        tau_plus,
    )


def stdp_pl(tau_plus: float, lambda_: float, alpha: float, mu: float, ceiling: float = math.inf) -> PairRule:
    """The rule of `stdp_pl_synapse_hom`, which has no ceiling."""
    return PairRule(
        lambda w, k: min(w + lambda_ * w**mu * k, ceiling),
        lambda w, k: max(w - lambda_ * alpha * w * k, 0.0),
        tau_plus,
    )


def trace(spikes: Sequence[int], at: int, per_step: float) -> float:
    """The trace that grows by 1 at each spike, from the spikes strictly before a step."""
    return sum(math.exp((spike - at) * per_step) for spike in spikes if spike < at)


def weights_after(
    pre: Sequence[int],
    post: Sequence[int],
    delay: int,
    weight: float,
    rule: PairRule,
    tau_minus: float,
    resolution_ms: float,
    settled_to: int | None = None,
) -> list[float]:
    """The weight that each presynaptic spike transmits.

    With `settled_to`, the last step of the simulation, one more weight: that with every facilitation up to then, which
    NEST applies at the next presynaptic spike only.
    """
    plus, minus = resolution_ms / rule.tau_plus, resolution_ms / tau_minus
    found: list[float] = []
    kplus, last = 0.0, -1
    for spike in pre if settled_to is None else (*pre, settled_to):
        for q in post if last >= 0 else ():
            if last - delay < q <= spike - delay:
                weight = rule.facilitated(weight, kplus * math.exp((last - (q + delay)) * plus))
        if settled_to is None or len(found) < len(pre):
            weight = rule.depressed(weight, trace(post, spike - delay, minus))
            kplus = kplus * math.exp((last - spike) * plus) + 1.0
            last = spike
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
