"""Many sources for each neuron, which loads the input of a core."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simcore.network import Explicit, Network, Projection, SpikeRecorder

from .. import Declaration, WeakScaling
from .relays import MOST_SYNAPSES, counters, more_groups, require_count, require_synapses, sources

MOST_FAN_IN = 100_000
"""Largest fan-in; the potential of a neuron can count 131,071 arrivals in a step."""

RATES_HZ = {"S": 10.0, "T": 10.0}
"""Mean rates with the default parameters, 1/s, measured with this simulator; see `micro_fan_in`."""


def micro_fan_in(
    fan_in: int = 256,
    targets: int = 64,
    groups: int = 4,
    rate_hz: float = 10.0,
    delay_steps: int = 1,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe `targets` neurons that all receive every spike of the same `fan_in` sources (all-to-one, in parallel).

    A neuron spikes when as many spikes have arrived as it has sources, and loses excess spikes of the same step: its
    rate is equal to or slightly below the rate of a source.

    Parameters
    ----------
    fan_in
        Sources of each neuron; the axis of a sweep.
    targets
        Neurons that share these sources, like the neurons of a core.
    groups
        Number of such sets of sources and neurons, which are not connected with each other.
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
        Populations S (sources) and T (neurons), one group after the other.

    Raises
    ------
    InputError
        If a parameter is out of its range.

    Notes
    -----
    The model follows MaxInputAllToAll and MaxInputFixedInConnector of SNABSuite.
    """
    require_count("fan_in", fan_in, MOST_FAN_IN)
    require_count("targets", targets, MOST_SYNAPSES)
    require_count("groups", groups, MOST_SYNAPSES)
    require_synapses({"fan_in": fan_in, "targets": targets, "groups": groups})
    target, source = np.divmod(np.arange(groups * targets * fan_in), fan_in)
    source += target // targets * fan_in
    return Network(
        [sources(groups * fan_in, rate_hz), counters(groups * targets, fan_in)],
        [Projection("S", "T", Explicit(source, target), 1.0, delay_steps * resolution_ms)],
        recorders=[SpikeRecorder()] if record_spikes else [],
        resolution_ms=resolution_ms,
    )


def expected_rates_hz(parameters: Mapping[str, Any]) -> dict[str, float] | None:
    """The documented rates for the default fan-in, rate and step; otherwise None."""
    default = {"fan_in": 256, "rate_hz": 10.0, "resolution_ms": 0.1}
    return dict(RATES_HZ) if all(parameters[name] == value for name, value in default.items()) else None


DECLARATION = Declaration(
    WeakScaling("groups", "groups grows: more sources and neurons, with as many sources for each neuron", more_groups),
    expected_rates_hz,
    "simulated with simcore, see the docstring of the model",
)
"""Weak scaling and expected rates."""
