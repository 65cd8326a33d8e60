"""Scales of a trained network's activations: which activation of a layer one spike in each step stands for."""

import numpy as np

from benchnn.networks.conversion.layers import FloatArray, ReluNetwork
from simcore.errors import InputError

BATCH = 500
"""Samples that are computed at a time."""


def percentile_scales(network: ReluNetwork, samples: FloatArray, percentile: float, fires: bool) -> list[float]:
    """A percentile of the activations of each stage over samples, their zeros included.

    A last stage that fires counts as rectified; the scale of one that sums is 1. After
    Rueckauer et al. (2017), doi:10.3389/fnins.2017.00682.

    Parameters
    ----------
    samples
        Shape (samples, *input_shape).
    percentile
        In (0, 100].
    fires
        Whether the last stage fires.

    Raises
    ------
    InputError
        If that percentile of a stage is zero or not finite.
    """
    scales = []
    for number in range(len(network.stages) if fires else len(network.stages) - 1):
        found = []
        for first in range(0, len(samples), BATCH):
            x = samples[first : first + BATCH]
            for stage in network.stages[: number + 1]:
                x = stage.apply(x)
            found.append(np.maximum(x, 0.0).astype(np.float32).ravel())
        scale = float(np.percentile(np.concatenate(found), percentile))
        if not 0.0 < scale < np.inf:
            cause = f"percentile {percentile} of the activations of layer {number + 1} with weights is {scale:g}"
            raise InputError(f"{cause} on the calibration data: use another percentile or other data", "percentile")
        scales.append(scale)
    return scales if fires else [*scales, 1.0]


def clip_scales(network: ReluNetwork, fires: bool) -> list[float]:
    """The clips with which a network was trained; 1 for a last stage that sums.

    Parameters
    ----------
    fires
        Whether the last stage fires, and so needs a clip, too.

    Raises
    ------
    InputError
        If units that fire have no clip.
    """
    scales = []
    for number, stage in enumerate(network.stages if fires else network.stages[:-1]):
        if stage.relu is None or stage.relu.clip is None:
            raise InputError(
                f"layer {number + 1} with weights has no clip: train the network with clipped units, or use the "
                "method percentile",
                "method",
                "quantised",
            )
        scales.append(stage.relu.clip)
    return scales if fires else [*scales, 1.0]
