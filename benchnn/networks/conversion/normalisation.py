"""Scales of a trained network's activations: the activation of a layer that one spike per step represents."""

import numpy as np

from benchnn.networks.conversion.layers import FloatArray, ReluNetwork
from simcore.errors import InputError

BATCH = 500
"""Number of samples that are processed at a time."""


def percentile_scales(network: ReluNetwork, samples: FloatArray, percentile: float, fires: bool) -> list[float]:
    """A percentile of the activations of each stage over all samples, including zeros.

    A last stage that fires is treated as rectified; the scale of a last stage that only sums is 1. After
    Rueckauer et al. (2017), doi:10.3389/fnins.2017.00682.

    Parameters
    ----------
    samples
        Shape (samples, *input_shape).
    percentile
        Percentile in (0, 100].
    fires
        Whether the last stage fires.

    Raises
    ------
    InputError
        If the percentile of a stage is zero or not finite.
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
            cause = f"percentile {percentile} of the activations of weighted layer {number + 1} is {scale:g}"
            raise InputError(f"{cause} for the calibration data; use another percentile or other data", "percentile")
        scales.append(scale)
    return scales if fires else [*scales, 1.0]


def clip_scales(network: ReluNetwork, fires: bool) -> list[float]:
    """The clips that a network was trained with; 1 for a last stage that only sums.

    Parameters
    ----------
    fires
        Whether the last stage fires and therefore also needs a clip.

    Raises
    ------
    InputError
        If units that fire have no clip.
    """
    scales = []
    for number, stage in enumerate(network.stages if fires else network.stages[:-1]):
        if stage.relu is None or stage.relu.clip is None:
            raise InputError(
                f"weighted layer {number + 1} has no clip; train the network with clipped units, or use the "
                "method percentile",
                "method",
                "quantised",
            )
        scales.append(stage.relu.clip)
    return scales if fires else [*scales, 1.0]
