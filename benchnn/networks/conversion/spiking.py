"""A network of integrate-and-fire neurons in place of a trained one's units, and which classes it finds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchnn.networks.conversion.layers import (
    FloatArray,
    Linear,
    ReluNetwork,
    Shape,
    Stage,
    Weighted,
)
from simcore.errors import InputError

THRESHOLD = 1.0
V_INITIAL = THRESHOLD / 2.0
"""Rounds instead of cutting: after T steps a neuron that gets x has fired floor(T x + 1/2) times."""


@dataclass(frozen=True)
class IfNetwork:
    """Neurons that integrate their input, fire above 1, and are reset by subtracting 1.

    Parameters
    ----------
    input_shape
        Of one sample, which acts as a constant current.
    stages
        Linear layers and the shape of the neurons that they drive; without units.
    fires
        Whether the neurons of the last stage fire; otherwise they integrate only, from 0.
    """

    input_shape: Shape
    stages: tuple[Stage, ...]
    fires: bool


def converted(network: ReluNetwork, scales: Sequence[float], fires: bool) -> IfNetwork:
    """The spiking network in which a spike in each step stands for the activation `scales` of its stage.

    Weights of a stage are multiplied by the scale of the stage before and divided by its own, biases are divided by its
    own. Weights are rounded to 32 bits, as they are written.

    Raises
    ------
    InputError
        If a scaled weight does not fit 32 bits.
    """
    stages, before = [], 1.0
    for stage, scale in zip(network.stages, scales, strict=True):
        stages.append(Stage(_scaled(stage.layers, before, scale), None, stage.shape))
        before = scale
    return IfNetwork(network.input_shape, tuple(stages), fires)


def _scaled(layers: Sequence[Linear], before: float, own: float) -> tuple[Linear, ...]:
    """Linear layers for inputs that are `before` times smaller, with outputs that are `own` times smaller."""
    scaled: list[Linear] = []
    factor = before / own
    for layer in layers:
        if not isinstance(layer, Weighted):
            scaled.append(layer)
            continue
        scaled.append(replace(layer, weight=_single(layer.weight * factor), bias=_single(layer.bias / own)))
        factor = 1.0
    return tuple(scaled)


def _single(values: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    if not np.isfinite(single).all():
        raise InputError("weights are not allowed: scaled, they exceed the largest number of 32 bits", "weights")
    return single.astype(np.float64)


@dataclass(frozen=True)
class Found:
    """Classes after a number of steps.

    Parameters
    ----------
    steps
        That number.
    classes
        Of each sample: the largest count of spikes or potential, the lowest class of equal ones.
    spikes
        Of all neurons and samples.
    """

    steps: int
    classes: npt.NDArray[np.int64]
    spikes: int


def classes_over_steps(network: IfNetwork, x: FloatArray, steps: Sequence[int]) -> list[Found]:
    """Run a batch of samples; what it finds after each of some numbers of steps, which must ascend.

    In a step all stages act one after the other: a spike reaches the next stage in its own step. Where each stage takes
    a step, the same spikes come later by the depth of the stage.
    """
    first, *others = network.stages
    current = first.input(x)
    potentials = [np.full((len(x), *stage.shape), V_INITIAL) for stage in network.stages]
    if not network.fires:
        potentials[-1][:] = 0.0
    counts = np.zeros((len(x), *network.stages[-1].shape))
    spikes, found = 0, []
    for step in range(1, steps[-1] + 1):
        fired = current
        for number, potential in enumerate(potentials):
            potential += fired if number == 0 else others[number - 1].input(fired)
            if number == len(others) and not network.fires:
                break
            fired = (potential > THRESHOLD).astype(np.float64)
            potential -= fired
            spikes += int(fired.sum())
        if network.fires:
            counts += fired
        if step in steps:
            read = counts if network.fires else potentials[-1]
            found.append(Found(step, read.argmax(axis=1), spikes))
    return found
