"""One source for many neurons, which loads the fan-out of a core."""

import numpy as np

from simcore.network import Explicit, Network, Projection, SpikeRecorder

from .. import Declaration, WeakScaling
from .relays import MOST_SYNAPSES, counters, more_groups, rates_passed_on, require_count, require_synapses, sources


def micro_fan_out(
    fan_out: int = 256,
    groups: int = 64,
    rate_hz: float = 10.0,
    delay_steps: int = 1,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe `groups` sources, each of which makes its own `fan_out` neurons spike (one-to-all, in parallel).

    Every spike of S causes `fan_out` spikes of T after the delay, at any rate, unless a spike is lost.

    Parameters
    ----------
    fan_out
        Neurons of each source; the axis of a sweep.
    groups
        Number of sources.
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
        Populations S (sources) and T (neurons; those of source k follow each other).

    Raises
    ------
    InputError
        If a parameter is out of its range.

    Notes
    -----
    The model follows SingleMaxFreqToGroup (a neuron that sends to a group) and MaxInputFixedOutConnector of SNABSuite.
    """
    require_count("fan_out", fan_out, MOST_SYNAPSES)
    require_count("groups", groups, MOST_SYNAPSES)
    require_synapses({"fan_out": fan_out, "groups": groups})
    target = np.arange(groups * fan_out)
    return Network(
        [sources(groups, rate_hz), counters(groups * fan_out, 1)],
        [Projection("S", "T", Explicit(target // fan_out, target), 1.0, delay_steps * resolution_ms)],
        recorders=[SpikeRecorder()] if record_spikes else [],
        resolution_ms=resolution_ms,
    )


DECLARATION = Declaration(
    WeakScaling("groups", "groups grows: more sources, each with the same number of neurons", more_groups),
    rates_passed_on,
    "equal to rate_hz: every spike of a source causes a spike of each of its neurons",
)
"""Weak scaling and expected rates."""
