"""Sources and counting neurons, the parts of the networks for input, fan-in and fan-out."""

import math
from collections.abc import Mapping
from typing import Any

from simcore.network import BernoulliTrains, Population, require

COUNTER = {"decay_u": 4096.0, "decay_v": 0.0, "refract_delay": 1.0}
"""Parameters of `lif_fixed_point` for counting: the current lasts one step, and the potential does not leak."""


MOST_SYNAPSES = 10**8
"""Maximum number of synapses of networks that list them, 16 bytes each."""


def sources(size: int, rate_hz: float) -> Population:
    """Population S: sources that spike in each step with the same probability, at most once."""
    return Population("S", size, source=BernoulliTrains(rate_hz))


def counters(size: int, arrivals: int) -> Population:
    """Population T: neurons that spike in the step in which the last of `arrivals` spikes of weight 1 arrives.

    Additional spikes in the same step are lost, because a spike sets the potential to 0. Counts are exact.
    """
    return Population("T", size, "lif_fixed_point", {**COUNTER, "vth": float(arrivals - 1)})


def require_count(field: str, value: Any, most: int) -> None:
    """Refuse values that are not whole numbers in [1, `most`]."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    require(whole and 1 <= value <= most, field, value, f"must be a whole number in [1, {most}]")


def require_synapses(factors: Mapping[str, int]) -> None:
    """Refuse counts whose product, the number of synapses, exceeds `MOST_SYNAPSES`."""
    allowed = f"this number of synapses must be at most {MOST_SYNAPSES}"
    product = math.prod(factors.values())
    require(product <= MOST_SYNAPSES, " x ".join(factors), product, allowed)


def more_groups(parameters: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Parameters of a network of `factor` times as many groups."""
    return {"groups": max(1, round(parameters["groups"] * factor))}


def rates_passed_on(parameters: Mapping[str, Any]) -> dict[str, float]:
    """Mean rates of S and T, 1/s, if every spike of a source causes a spike of each of its neurons."""
    return dict.fromkeys("ST", float(parameters["rate_hz"]))
