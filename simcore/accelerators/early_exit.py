"""Costs of a network that stops after different numbers of steps, from the share of inputs that stop after each step.

With P_t the share of the inputs that stop after step t, and E(t) and L(t) energy and latency of t steps on an
accelerator::

    mean steps = sum_t P_t t        energy = sum_t P_t E(t)        latency = sum_t P_t L(t)

There are two energy-delay products, and papers do not always state which one they use: the mean of products ``sum_t P_t
E(t) L(t)``, and the product of means, energy times latency. They differ if costs grow with t, and the mean number of
steps does not determine the difference: `bounds_of_mean` computes bounds over all shares with the same mean steps.
DT-SNN's factor of 2.54 at 2.14 mean steps of 4 is within the bounds of the mean of products, 2.275 and 2.995, and is
not the product of means, 3.05, if E and L both grow as 1 + 0.7416 (t - 1).

Included: steps that are not run. Left out: the decision to stop (softmax and entropy of the outputs after each step),
and the wait for the slowest of several inputs that run together.

E(t) and L(t) assume that t is known before the first step. An array that batches steps (tick batching, as in SATA) runs
all T steps of a layer before the next layer starts. An exit after step t is known only when all T steps are complete,
so that the means are lower bounds, which leave out `TICK_BATCHED_EXIT`.

Sources: Li, Moitra, Geller, Panda, "Input-aware dynamic timestep spiking neural networks for efficient in-memory
computing", arXiv 2305.17346; Bhattacharjee, Yin, Moitra, Panda, arXiv 2309.03388, section IV. The bounds are ours.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from simcore.accelerators.answer import Answer
from simcore.errors import number, require

TICK_BATCHED_EXIT = "steps that a tick-batched array runs before an exit is known"
"""Part that means over exits leave out if the dataflow is tick-batched."""
TOLERANCE = 1e-6
"""Tolerance of the sum of shares, which are read from files with few digits."""


@dataclass(frozen=True)
class ExitCosts:
    """Mean costs of an input; unknown values are None, with the reason in `reasons`.

    Parameters
    ----------
    mean_steps
        Mean number of steps of an input.
    energy_j, latency_s
        Means over the inputs.
    mean_of_products_js, product_of_means_js
        The two energy-delay products, J s.
    reasons
        Key of a value that is None -> reason.
    """

    mean_steps: float
    energy_j: float | None
    latency_s: float | None
    mean_of_products_js: float | None
    product_of_means_js: float | None
    reasons: Mapping[str, str] = field(default_factory=dict)


def exit_costs(shares: Sequence[float], answers: Sequence[Answer]) -> ExitCosts:
    """Mean costs of an input, from the shares of inputs that stop after each step.

    Parameters
    ----------
    shares
        P_t for t = 1, 2, ...; their sum is 1.
    answers
        Answers of a model for 1, 2, ... steps, one for each share.

    Raises
    ------
    InputError
        If the shares are negative or their sum is not 1, or the lengths differ.
    """
    require(len(shares) > 0, "shares", shares, "use one share for each number of steps: 1, 2, 3, ...")
    for place, share in enumerate(shares):
        require(number(share, f"shares[{place}]") >= 0.0, f"shares[{place}]", share, "must be in [0, 1]")
    total = math.fsum(shares)
    require(abs(total - 1.0) <= TOLERANCE, "sum of shares", total, "must be 1")
    require(len(answers) == len(shares), "len(answers)", len(answers), f"must be {len(shares)}, the number of shares")
    reasons: dict[str, str] = {}
    energy = _mean(shares, [answer.energy_j for answer in answers])
    latency = _mean(shares, [answer.latency_s for answer in answers])
    for key, mean in (("energy_j", energy), ("latency_s", latency)):
        if mean is None:
            reasons[key] = _why(key, shares, answers)
    products = means = None
    if energy is None or latency is None:
        reasons |= dict.fromkeys(("mean_of_products_js", "product_of_means_js"), next(iter(reasons.values())))
    else:
        products = _mean(shares, [_product(answer) for answer in answers])
        means = energy * latency
    mean_steps = math.fsum(share * steps for steps, share in enumerate(shares, 1))
    return ExitCosts(mean_steps, energy, latency, products, means, reasons)


def _product(answer: Answer) -> float | None:
    """Energy times latency of an answer, J s."""
    energy, latency = answer.energy_j, answer.latency_s
    return None if energy is None or latency is None else energy * latency


def _mean(shares: Sequence[float], values: Sequence[float | None]) -> float | None:
    """Mean over shares; None if a value is not known for a number of steps with a share above 0."""
    terms = []
    for share, value in zip(shares, values, strict=True):
        if share > 0.0:
            if value is None:
                return None
            terms.append(share * value)
    return math.fsum(terms)


def _why(key: str, shares: Sequence[float], answers: Sequence[Answer]) -> str:
    """The reason of the first answer without a value."""
    lacking = [answer for share, answer in zip(shares, answers, strict=True) if share and getattr(answer, key) is None]
    return lacking[0].reasons.get(key, f"{lacking[0].accelerator} does not state it")


def bounds_of_mean(values: Sequence[float], mean_steps: float) -> tuple[float, float]:
    """Smallest and largest mean of a cost over all shares of 1 to T steps with the same mean number of steps.

    The shares satisfy two equations, for their sum and their mean, so that at most two numbers of steps have a share in
    a smallest or largest mean. All pairs are tried, and the result is exact up to rounding.

    Parameters
    ----------
    values
        Cost of t = 1, 2, ..., T steps, in any order.
    mean_steps
        Mean number of steps, from 1 to T.

    Raises
    ------
    InputError
        If there are no values, or no shares have this mean.
    """
    require(len(values) > 0, "values", values, "use one cost for each number of steps: 1, 2, 3, ...")
    costs = [number(value, f"values[{place}]") for place, value in enumerate(values)]
    most = len(costs)
    mean = number(mean_steps, "mean_steps")
    possible = 1.0 - TOLERANCE <= mean <= most * (1.0 + TOLERANCE)
    require(possible, "mean_steps", mean_steps, f"must be in [1, {most}], as there are {most} values")
    mean = min(max(mean, 1.0), float(most))
    found = []
    for low in range(1, math.floor(mean) + 1):
        for high in range(math.ceil(mean), most + 1):
            weight = (mean - low) / (high - low) if high > low else 0.0
            found.append((1.0 - weight) * costs[low - 1] + weight * costs[high - 1])
    return min(found), max(found)
