"""Weights and delays as stored on a chip, with fewer bits and a shorter range."""

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from simcore.distributions import Distribution, Tabulated
from simcore.network import Network
from simcore.quantisation import adaptations, weight_grid, weight_values
from simcore.space.values import OverDistances
from simcore.values import Value, delay_steps

FloatArray = npt.NDArray[np.float64]
FEWEST_BITS, MOST_BITS = 2, 32
"""Limits of the width of a weight: one bit is the sign, and no simulation uses more bits."""


@dataclass(frozen=True)
class WeightChange:
    """The effect of fewer bits on the weights of a projection.

    Parameters
    ----------
    source, target
        Populations.
    synapses
        Expected number of synapses whose weight changes.
    mean, sd
        Relative change of mean and standard deviation. The change of the mean is relative to the mean or the standard
        deviation, whichever is larger. 0 if weights have no spread before and after.
    """

    source: str
    target: str
    synapses: float
    mean: float
    sd: float


def bits_needed(network: Network) -> int:
    """Fewest bits that change no mean or standard deviation of a projection's weights by over 1 %, and round none to 0.

    The weights are integers in units of a power of two, one unit per population and receptor. The result is 33 if no
    width suffices. Weights of drives are not considered.
    """
    synapses = _without_drives(network)
    widths = range(FEWEST_BITS, MOST_BITS + 1)
    return next((bits for bits in widths if not adaptations(synapses, weight_grid(synapses, bits))), MOST_BITS + 1)


def with_weight_bits(network: Network, bits: int) -> tuple[Network, list[WeightChange]]:
    """The network with weights rounded to `bits`; the same object if no weight changes.

    A weight is an integer of `bits` bits, including its sign, in units of a power of two. Each population and receptor
    has one unit, the smallest with which its largest synaptic weight fits.
    """
    grid = weight_grid(_without_drives(network), bits)
    made: dict[object, Value | OverDistances] = {}
    projections, changes = [], []
    for index, projection in enumerate(network.projections):
        population = network.index(projection.target)
        if population in grid.relaying:
            projections.append(projection)
            continue
        value = cast(Value, projection.value("weight"))
        weights = weight_values(value, "weight")
        receptors = network.receptors(projection)
        codes = grid.quantise(weights, population, receptors)
        held = grid.value(codes, population, receptors)
        if projection.plasticity is not None and projection.plasticity.changes_weights:
            # Of two neighbours on the grid, the rule may allow only the smaller one. No weight becomes 0 for this
            # reason.
            low, high = projection.plasticity.largest_weight(float(weights.min()), float(weights.max()))
            beyond = ((held < low) | (held > high)) & (np.abs(codes) > 1)
            held = np.clip(grid.value(codes - np.sign(codes) * beyond, population, receptors), low, high)
        moved = int(np.count_nonzero(held != weights))
        if moved:
            key = (value if isinstance(value, Distribution) else index, *grid.lsb[population])
            projections.append(replace(projection, weight=made.setdefault(key, _like(projection.weight, held))))
            synapses = _share(network, index, moved, len(weights))
            changes.append(WeightChange(projection.source, projection.target, synapses, *_moved(weights, held)))
        else:
            projections.append(projection)
    return (replace(network, projections=projections) if changes else network), changes


def with_delays_up_to(network: Network, steps: int) -> tuple[Network, float]:
    """The network with longer delays shortened to `steps`, and the expected number of synapses with such delays.

    The network is the same object if there are none.
    """
    longest_ms = steps * network.resolution_ms
    projections, clamped = [], 0.0
    for index, projection in enumerate(network.projections):
        value = cast(Value, projection.value("delay_ms"))
        delays = weight_values(value, "delay_ms")
        long = delay_steps(delays, network.resolution_ms) > steps
        if long.any():
            projections.append(replace(projection, delay_ms=_like(projection.delay_ms, np.minimum(delays, longest_ms))))
            clamped += _share(network, index, int(np.count_nonzero(long)), len(delays))
        else:
            projections.append(projection)
    return (replace(network, projections=projections) if clamped else network), clamped


def _without_drives(network: Network) -> Network:
    """The network without drives, whose weights are not stored in cores."""
    return replace(network, drives=())


def _like(value: Any, values: FloatArray) -> Value | OverDistances:
    """A description of `values` in the form of `value`: a number, a distribution, an array or a kernel."""
    if isinstance(value, OverDistances):
        return replace(value, held=values)
    if isinstance(value, Distribution):
        return Tabulated(values=values)
    return values if isinstance(value, np.ndarray) else float(values[0])


def _share(network: Network, index: int, part: int, whole: int) -> float:
    """Expected number of synapses of projection `index` with `part` of `whole` equally likely values."""
    return network.projections[index].rule.expected_synapses(network.wiring(index)) * part / whole


def _moved(weights: FloatArray, held: FloatArray) -> tuple[float, float]:
    mean, sd = float(np.mean(weights)), float(np.std(weights))
    size = max(abs(mean), sd)
    spread = sd > 1e-9 * abs(mean)
    return (
        (float(np.mean(held)) - mean) / size if size else 0.0,
        (float(np.std(held)) - sd) / sd if spread else 0.0,
    )
