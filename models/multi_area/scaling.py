"""Connectomes with scaled weights between areas, or with scaled numbers of neurons and inputs."""

import math
from dataclasses import replace
from typing import cast

import numpy as np

from simcore.network import require

from ..pd14 import parameters as column
from .connectome import Connectome, FloatArray

MOST_NEURONS = 2**31 - 1
"""Maximum number of neurons of a population."""


def with_long_range_weights(connectome: Connectome, chi: float, chi_i: float) -> Connectome:
    """Multiply the weights between areas by `chi`, and those onto inhibitory neurons also by `chi_i`.

    Populations whose names end in I are inhibitory.
    """
    inhibitory = np.array([name.endswith("I") for name in connectome.names])[connectome.targets]
    factors = np.where(connectome.between_areas, np.where(inhibitory, chi * chi_i, chi), 1.0)
    weights, deviations = connectome.weights_pa * factors, connectome.weights_sd_pa * factors
    return replace(connectome, weights_pa=np.round(weights, 9), weights_sd_pa=np.round(deviations, 9))


def scaled(connectome: Connectome, n: float, k: float, k_far: float) -> tuple[Connectome, FloatArray]:
    """Scale neurons and inputs.

    Scaling inputs by k and weights by 1/sqrt(k) keeps the variance of the input, but only the share sqrt(k) of
    its mean; a direct current supplies the rest, computed with the stationary rates.

    Parameters
    ----------
    connectome
        Connectome at full scale.
    n, k, k_far
        Factors of neurons, of inputs from the same area and external inputs, and of inputs from other areas.

    Returns
    -------
    The scaled connectome, and the direct current into each neuron of each population, pA.

    Raises
    ------
    InputError
        If a population has no neurons or too many, the network has no synapses, or the
        stationary rates are needed but unknown.

    References
    ----------
    van Albada, Helias, Diesmann (2015), PLoS Comput. Biol. 11:e1004490.
    """
    most = MOST_NEURONS / int(connectome.sizes.max())
    require(
        n <= most, "neuron_scale", n, f"must be at most {most:.5g}: a population has at most {MOST_NEURONS} neurons"
    )
    sizes = np.round(n * connectome.sizes).astype(np.int64)
    smallest = int(np.argmin(connectome.sizes))
    allowed = f"it leaves {connectome.labels[smallest]} empty; must be above {0.5 / connectome.sizes[smallest]:.2g}"
    require(bool(sizes.min() > 0), "neuron_scale", n, allowed)
    factors = np.where(connectome.between_areas, k_far, k)
    synapses = n * factors * connectome.synapses
    left = not connectome.synapses.any() or bool(synapses.max() >= 0.5)
    require(left, "in_degree_scale", k, "it leaves no synapses")
    currents: FloatArray = np.zeros(len(sizes))
    if min(k, k_far) < 1.0:
        rates = connectome.rates_hz
        require(rates is not None, "in_degree_scale", min(k, k_far), "it requires rate_hz of all populations")
        missing = replace(
            connectome,
            synapses=connectome.synapses * (1.0 - np.sqrt(factors)),
            external_in_degrees=connectome.external_in_degrees * (1.0 - math.sqrt(k)),
        )
        currents = np.round(missing.input_pa(cast(FloatArray, rates), column.TAU_SYN_MS), 9)
    weights, deviations = (
        np.round(values / np.sqrt(factors), 9) for values in (connectome.weights_pa, connectome.weights_sd_pa)
    )
    return replace(
        connectome,
        sizes=sizes,
        synapses=synapses,
        weights_pa=weights,
        weights_sd_pa=deviations,
        external_in_degrees=k * connectome.external_in_degrees,
        external_weights_pa=np.round(connectome.external_weights_pa / math.sqrt(k), 9),
    ), currents
