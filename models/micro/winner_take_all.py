"""Two populations that excite themselves and inhibit each other, so that one wins and the other is nearly silent."""

from collections.abc import Mapping
from typing import Any

from simcore.network import (
    FixedIndegree,
    Network,
    PoissonTrains,
    Population,
    Projection,
    SpikeRecorder,
)

from .. import Declaration, WeakScaling
from .relays import require_count

NEURON = {
    "C_m": 200.0,
    "g_L": 200.0,
    "E_L": -70.0,
    "V_reset": -80.0,
    "V_th": -60.0,
    "t_ref": 1.0,
    "tau_syn_ex": 2.0,
    "tau_syn_in": 5.0,
    "E_ex": 0.0,
    "E_in": -70.0,
}
"""Parameters of `iaf_cond_exp` [1]; E_in and tau_syn_in, which [1] does not set, are PyNN's defaults."""
WEIGHTS_NS = {"input": 15.0, "self": 7.0, "other": -10.0}
"""Weights onto a population from its sources, from itself and from the other population, nS [1]."""
SIZE = 10
"""Number of neurons of a population, and of its sources [1]."""
IN_DEGREE = 8
"""Inputs of a neuron from each of the three; the mean in [1], where the connection probability is 0.8."""
RATE_HZ = 80.0
"""Rate of each source, 1/s [1]."""
DELAY_MS = 1.0
"""Delay of all synapses, ms (ours)."""
MOST_NEURONS = 10**8
"""Upper limit, beyond the memory of any machine and within the range of ids."""

RATES_HZ = {"winner": 514.0, "loser": 30.0}
"""Mean rates with the default parameters, 1/s, measured with this simulator; see `micro_winner_take_all`."""


def micro_winner_take_all(
    size: int = SIZE,
    in_degree: int = IN_DEGREE,
    rate_hz: float = RATE_HZ,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe two populations of `size` neurons that compete under Poisson input: the winner-take-all of SNABSuite.

    The winner depends on the seed. It fires at 514 and the other population at 30 spikes/s (means of 20 seeds, 2 s
    after 0.5 s; ranges 308 to 543 and 4 to 230), because in some networks the winner changes.

    Parameters
    ----------
    size
        Number of neurons of each population, and of its sources.
    in_degree
        Inputs of a neuron from each of its sources, its own population and the other population.
    rate_hz
        Rate of each source.
    record_spikes
        Add a `SpikeRecorder`.
    resolution_ms
        Time step.

    Returns
    -------
    Network
        Populations A and B, and their sources SA and SB.

    Raises
    ------
    InputError
        If a parameter is out of its range.

    Notes
    -----
    Differences from [1]: every neuron has the same number of inputs, drawn with replacement; delays of 1 ms.

    References
    ----------
    [1] SimpleWTA of SNABSuite with its parameters for NEST: github.com/hbp-unibi/SNABSuite, config/SimpleWTA.json.
    """
    require_count("size", size, MOST_NEURONS)
    require_count("in_degree", in_degree, MOST_NEURONS)
    rule = FixedIndegree(in_degree)
    projections = []
    for own, other in ("AB", "BA"):
        for source, weight in ((f"S{own}", "input"), (own, "self"), (other, "other")):
            projections.append(Projection(source, own, rule, WEIGHTS_NS[weight], DELAY_MS))
    return Network(
        [
            *(Population(name, size, "iaf_cond_exp", NEURON) for name in "AB"),
            *(Population(f"S{name}", size, source=PoissonTrains(rate_hz)) for name in "AB"),
        ],
        projections,
        recorders=[SpikeRecorder()] if record_spikes else [],
        resolution_ms=resolution_ms,
    )


def grown(parameters: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Parameters of a network of `factor` times as many neurons with the same in-degrees."""
    return {"size": max(1, round(parameters["size"] * factor))}


def expected_rates_hz(parameters: Mapping[str, Any]) -> dict[str, float] | None:
    """For the default network the mean of winner and loser, because the winner depends on the seed; otherwise None."""
    default = {"size": SIZE, "in_degree": IN_DEGREE, "rate_hz": RATE_HZ, "resolution_ms": 0.1}
    if any(parameters[name] != value for name, value in default.items()):
        return None
    return {**dict.fromkeys("AB", sum(RATES_HZ.values()) / 2), "SA": RATE_HZ, "SB": RATE_HZ}


DECLARATION = Declaration(
    WeakScaling("size", "size grows: larger populations, each neuron with the same inputs and weights", grown),
    expected_rates_hz,
    "simulated with simcore, see the docstring of the model",
)
"""Weak scaling and expected rates."""
