"""The multi-area model of macaque visual cortex as a network description, from a user's file or as a surrogate."""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, cast

import numpy as np

from simcore.network import (
    Dc,
    FixedTotalNumber,
    Network,
    Normal,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    require,
)

from .. import Declaration, WeakScaling
from ..pd14 import parameters as column
from . import parameters as p
from .connectome import Connectome, FloatArray
from .file import read_connectome
from .scaling import scaled, with_long_range_weights
from .surrogate import surrogate

SURROGATE_NOTE = (
    "multi_area: a surrogate with the published numbers of areas, populations, neurons and synapses; its wiring is "
    "random, and its rates are not those of the published model"
)


def multi_area(
    file: str = "",
    surrogate_seed: int = 1,
    areas: int = p.AREAS,
    state: Literal["ground", "metastable"] = "ground",
    chi: float = 0.0,
    neuron_scale: float = 1.0,
    in_degree_scale: float = 1.0,
    long_range_in_degree_scale: float = 0.0,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe the vision-related areas of macaque cortex [1, 2] from a user's file, or a random surrogate.

    Parameters
    ----------
    file
        Path of a JSON file that describes the published model (docs/multi_area.md); without it the network is a
        surrogate with the published counts.
    surrogate_seed
        Seed of the random choices of a surrogate.
    areas
        Number of areas of a surrogate, from 2 to 32; its neurons and synapses are proportional to this number.
    state
        State of a surrogate: the ground state, or the metastable state, in which weights between areas are larger by
        the factor 1.9, and those onto inhibitory neurons by 3.8 [2].
    chi
        Factor of the weights between areas, > 0; 0 for the factor of `state`. With "metastable", weights onto
        inhibitory neurons are larger by an additional factor of 2.
    neuron_scale
        Factor of the numbers of neurons, > 0; each neuron keeps its number of inputs.
    in_degree_scale
        Factor of the numbers of inputs, in (0, 1]. Larger weights keep the variance of the input, and a direct
        current keeps its mean at the stationary rates.
    long_range_in_degree_scale
        Factor of the numbers of inputs from other areas, in (0, 1]; 0 for `in_degree_scale`.
    record_spikes
        Add a `SpikeRecorder`.
    resolution_ms
        Time step.

    Returns
    -------
    Network
        One population for each area, layer and type, such as A01-L23E, which states its area; one projection for
        each pair of populations with synapses, sorted by target.

    Raises
    ------
    InputError
        If a parameter is out of its range, a factor leaves a population without neurons or the network without
        synapses, or the file is wrong.

    Notes
    -----
    Neurons, local weights and local delays are those of the cortical microcircuit (`pd14`). Delays between areas are
    distances divided by 3.5 m/s. The rule is `fixed_total_number` with autapses and multapses.

    References
    ----------
    [1] Schmidt et al. (2018), Brain Struct. Funct. 223:1409. [2] Schmidt et al. (2018), PLOS Comput. Biol. 14:e1006359.
    `parameters` lists all sources, and the assumptions of the surrogate.
    """
    require(state in p.STATES, "state", state, f"use {' or '.join(p.STATES)}")
    of_surrogates = {"surrogate_seed": (surrogate_seed, 1), "areas": (areas, p.AREAS), "state": (state, "ground")}
    for name, (value, default) in (of_surrogates | {"chi": (chi, 0.0)}).items():
        require(not file or value == default, name, value, "it applies only to a surrogate; omit it, or omit file")
    require(surrogate_seed >= 0, "surrogate_seed", surrogate_seed, "must be >= 0")
    require(2 <= areas <= p.AREAS, "areas", areas, f"must be in [2, {p.AREAS}]")
    allowed = f"must be in (0, {p.LARGEST_CHI:g}], or 0 for the factor of the state"
    require(0.0 <= chi <= p.LARGEST_CHI, "chi", chi, allowed)
    require(0.0 < neuron_scale < math.inf, "neuron_scale", neuron_scale, "must be > 0 and finite")
    require(0.0 < in_degree_scale <= 1.0, "in_degree_scale", in_degree_scale, "must be in (0, 1]")
    allowed = "must be in (0, 1], or 0 for in_degree_scale"
    far = long_range_in_degree_scale
    require(0.0 <= far <= 1.0, "long_range_in_degree_scale", far, allowed)
    connectome = read_connectome(file) if file else surrogate(areas, surrogate_seed)
    if not file:
        connectome = with_long_range_weights(connectome, chi or p.STATES[state][0], p.STATES[state][1])
    connectome, currents_pa = scaled(connectome, neuron_scale, in_degree_scale, far or in_degree_scale)
    return Network(
        _populations(connectome),
        _projections(connectome, resolution_ms),
        _drives(connectome, currents_pa),
        [SpikeRecorder()] if record_spikes else [],
        resolution_ms,
        [] if file else [SURROGATE_NOTE],
    )


def _populations(connectome: Connectome) -> list[Population]:
    params = {
        "C_m": column.C_M_PF,
        "tau_m": column.TAU_M_MS,
        "tau_syn_ex": column.TAU_SYN_MS,
        "tau_syn_in": column.TAU_SYN_MS,
        "t_ref": column.T_REF_MS,
        "E_L": column.E_L_MV,
        "V_reset": column.V_RESET_MV,
        "V_th": column.V_TH_MV,
    }
    mean, std = p.INITIAL_V_MV
    initial = {"V_m": Normal(mean=mean, std=std)}
    parts = zip(connectome.labels, connectome.sizes.tolist(), connectome.areas, strict=True)
    return [Population(label, size, "iaf_psc_exp", params, initial, area=area) for label, size, area in parts]


def _projections(connectome: Connectome, resolution_ms: float) -> list[Projection]:
    """One projection for each connection with synapses; equal weights or delays share a distribution."""

    @cache
    def weight(mean: float, std: float) -> float | Normal:
        low, high = (0.0, math.inf) if mean >= 0.0 else (-math.inf, 0.0)
        return Normal(mean=mean, std=std, low=low, high=high) if std > 0.0 else mean

    @cache
    def delay(mean: float, std: float) -> float | Normal:
        return Normal(mean=mean, std=std, low=0.5 * resolution_ms) if std > 0.0 else mean

    labels = connectome.labels
    columns = (
        connectome.sources,
        connectome.targets,
        np.round(connectome.synapses).astype(np.int64),
        connectome.weights_pa,
        connectome.weights_sd_pa,
        connectome.delays_ms,
        connectome.delays_sd_ms,
    )
    return [
        Projection(labels[source], labels[target], FixedTotalNumber(n), weight(w, w_sd), delay(d, d_sd))
        for source, target, n, w, w_sd, d, d_sd in zip(*(values.tolist() for values in columns), strict=True)
        if n > 0
    ]


def _drives(connectome: Connectome, currents_pa: FloatArray) -> list[Dc | Poisson]:
    drives: list[Dc | Poisson] = []
    columns = (currents_pa, np.round(connectome.external_in_degrees), connectome.external_weights_pa)
    for label, current, in_degree, weight in zip(connectome.labels, *(v.tolist() for v in columns), strict=True):
        if current != 0.0:
            drives.append(Dc(label, current))
        if in_degree > 0:
            drives.append(Poisson(label, connectome.external_rate_hz * in_degree, weight, p.EXTERNAL_DELAY_MS))
    return drives


def grown(parameters: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Parameters of a network with `factor` times as many neurons with the same in-degrees."""
    return {"neuron_scale": factor * parameters["neuron_scale"]}


def expected_rates_hz(parameters: Mapping[str, Any]) -> dict[str, float] | None:
    """The stationary rates of the surrogate in the ground state with all inputs; otherwise None."""
    altered = parameters["file"] or parameters["state"] != "ground" or parameters["chi"] not in (0.0, 1.0)
    scales = (
        parameters["neuron_scale"],
        parameters["in_degree_scale"],
        parameters["long_range_in_degree_scale"] or 1.0,
    )
    if altered or min(scales) < 1.0:
        return None
    connectome = surrogate(parameters["areas"], parameters["surrogate_seed"])
    return dict(zip(connectome.labels, cast(FloatArray, connectome.rates_hz).tolist(), strict=True))


DECLARATION = Declaration(
    WeakScaling("neuron_scale", "more neurons in each area, each with the same inputs and weights", grown),
    expected_rates_hz,
    "rates at which the surrogate is balanced in the diffusion approximation: those of the cortical microcircuit",
    measures="multi_area",
)
"""Weak scaling, expected rates, and protocol of comparisons."""
