"""The network of integrate-and-fire neurons that replaces a trained network, and the classes that it finds."""

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
"""Initial potential that rounds instead of truncating: after T steps with input x, a neuron has fired
floor(T x + 1/2) times."""


@dataclass(frozen=True)
class IfNetwork:
    """Neurons that integrate their input, fire when they exceed 1, and are reset by subtracting 1.

    Parameters
    ----------
    input_shape
        Shape of one sample, which acts as a constant current.
    stages
        Linear layers and the shapes of the neurons that they drive, without units.
    fires
        Whether the neurons of the last stage fire; otherwise they only integrate, starting at 0.
    """

    input_shape: Shape
    stages: tuple[Stage, ...]
    fires: bool


def converted(network: ReluNetwork, scales: Sequence[float], fires: bool) -> IfNetwork:
    """The spiking network in which one spike per step represents the activation `scales` of its stage.

    Weights of a stage are multiplied by the scale of the previous stage and divided by its own scale; biases are
    divided by its own scale. Weights are rounded to float32, the type in which they are written.

    Raises
    ------
    InputError
        If a scaled weight exceeds the range of float32.
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
        raise InputError("scaled weights exceed the range of 32-bit numbers", "weights")
    return single.astype(np.float64)


@dataclass(frozen=True)
class Found:
    """Classes of samples after a number of steps.

    Parameters
    ----------
    steps
        Number of steps.
    classes
        Class of each sample: the output with the most spikes or the largest potential; the lowest index among equals.
    spikes
        Number of spikes of all neurons for all samples.
    """

    steps: int
    classes: npt.NDArray[np.int64]
    spikes: int


def classes_over_steps(network: IfNetwork, x: FloatArray, steps: Sequence[int]) -> list[Found]:
    """Run a batch of samples, and return the classes after each number of steps in `steps`, which must ascend.

    Within a step all stages act one after another: a spike reaches the next stage in the same step. If each stage takes
    one step, the same spikes occur later by the depth of the stage.
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
