"""One source for each neuron, which loads the path from neuron to neuron."""

from collections.abc import Mapping
from typing import Any

from simcore.network import Network, OneToOne, Projection, SpikeRecorder

from .. import Declaration, WeakScaling
from .relays import counters, rates_passed_on, require_count, sources

MOST_NEURONS = 10**9
"""Upper limit, beyond the memory of any machine and within the range of ids."""


def micro_one_to_one(
    neurons: int = 1024,
    rate_hz: float = 10.0,
    delay_steps: int = 1,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe `neurons` sources, each of which makes its own neuron spike; each neuron has one synapse.

    Every spike of S causes a spike of T after the delay, at any rate, unless a spike is lost.

    Parameters
    ----------
    neurons
        Number of sources and of neurons.
    rate_hz
        Rate of each source, at most one spike per step.
    delay_steps
        Delay of all synapses, steps.
    record_spikes
        Add a `SpikeRecorder`.
    resolution_ms
        Time step.

    Returns
    -------
    Network
        Populations S (sources) and T (neurons).

    Raises
    ------
    InputError
        If a parameter is out of its range.

    Notes
    -----
    The model follows MaxInputOneToOne of SNABSuite, which injects spike trains and counts the spikes of the neurons.
    """
    require_count("neurons", neurons, MOST_NEURONS)
    return Network(
        [sources(neurons, rate_hz), counters(neurons, 1)],
        [Projection("S", "T", OneToOne(), 1.0, delay_steps * resolution_ms)],
        recorders=[SpikeRecorder()] if record_spikes else [],
        resolution_ms=resolution_ms,
    )


def grown(parameters: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Parameters of a network of `factor` times as many pairs."""
    return {"neurons": max(1, round(parameters["neurons"] * factor))}


DECLARATION = Declaration(
    WeakScaling("neurons", "neurons grows: more pairs of a source and a neuron", grown),
    rates_passed_on,
    "equal to rate_hz: every spike of a source causes a spike of its neuron",
)
"""Weak scaling and expected rates."""
