"""The cortical microcircuit of Potjans and Diesmann (2014) as a network description.

All pA values are rounded to 1e-9 pA, because the mathematical libraries of two machines may differ in the last bit of
a logarithm, and a current that differs in its last bit causes different spikes.
"""

import math
import warnings
from collections.abc import Mapping
from typing import Any, Literal

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
from . import parameters as p


def synapses_between(probability: float, n_source: int, n_target: int) -> float:
    """Number of randomly drawn synapses for which a pair is connected with a given probability, not rounded.

    K draws with replacement from the n = n_source n_target pairs miss a given pair with probability (1 - 1/n)**K.

    References
    ----------
    Potjans, Diesmann (2014), Cereb. Cortex 24:785, equation 1.
    """
    n_pairs = n_source * n_target
    # The more accurate log1p would change two of the 64 published numbers by one.
    return math.log(1.0 - probability) / math.log((n_pairs - 1.0) / n_pairs)


def psc_over_psp() -> float:
    """Peak of an exponential current (pA) over the peak of the postsynaptic potential (mV) that it causes.

    The current J exp(-t/s) into a membrane with time constant m and capacitance C causes the potential
    (J/C) m s/(m - s) (exp(-t/m) - exp(-t/s)), which is largest at t = m s/(m - s) ln(m/s), where it is
    (J/C) s (s/m)**(s/(m - s)).
    """
    m, s = p.TAU_M_MS, p.TAU_SYN_MS
    return p.C_M_PF / s * math.pow(m / s, s / (m - s))


def full_scale_synapses() -> list[list[float]]:
    """Numbers of recurrent synapses at full scale, not rounded; rows targets, columns sources."""
    return [
        [synapses_between(c, n_source, n_target) for c, n_source in zip(row, p.SIZES, strict=True)]
        for row, n_target in zip(p.CONNECTION_PROBABILITIES, p.SIZES, strict=True)
    ]


def full_scale_weights_pa(psp_mv: float = p.PSP_MV, g: float = p.G) -> list[list[float]]:
    """Mean weights at full scale, pA; rows targets, columns sources."""
    weight = psp_mv * psc_over_psp()
    weights = [[weight * (g if source.endswith("I") else 1.0) for source in p.POPULATIONS] for _ in p.POPULATIONS]
    weights[p.POPULATIONS.index("L23E")][p.POPULATIONS.index("L4E")] *= p.L4E_TO_L23E_FACTOR
    return weights


def direct_currents_pa(
    k_scaling: float, background: Literal["poisson", "dc"], psp_mv: float = p.PSP_MV, g: float = p.G
) -> list[float]:
    """Direct current into each neuron of each population, pA.

    A spike train of rate r through a weight w carries the mean current w r tau_syn. Scaling in-degrees by k and
    weights by 1/sqrt(k) keeps the variance of the input, but only the share sqrt(k) of its mean; the direct current
    supplies the rest, computed with the rates of the full-scale network.

    Parameters
    ----------
    k_scaling
        Factor of the in-degrees.
    background
        ``"dc"`` adds the mean of the whole background input, whose in-degree is then irrelevant.
    psp_mv, g
        See `pd14`.

    References
    ----------
    van Albada, Helias, Diesmann (2015), PLoS Comput. Biol. 11:e1004490. van Albada et al. (2018), Front. Neurosci.
    12:291.
    """
    missing = 1.0 - math.sqrt(k_scaling)
    seconds = p.TAU_SYN_MS * 1e-3
    external_weight = psp_mv * psc_over_psp()
    currents = []
    for weights, synapses, size, in_degree in zip(
        full_scale_weights_pa(psp_mv, g), full_scale_synapses(), p.SIZES, p.EXTERNAL_IN_DEGREES, strict=True
    ):
        inputs = zip(weights, synapses, p.FULL_MEAN_RATES_HZ, strict=True)
        recurrent = seconds * sum(weight * k / size * rate for weight, k, rate in inputs)
        external = seconds * external_weight * in_degree * p.EXTERNAL_RATE_HZ
        currents.append(missing * recurrent + (external if background == "dc" else missing * external))
    return [round(current, 9) for current in currents]


def pd14(
    scale: float = 1.0,
    n_scaling: float | None = None,
    k_scaling: float | None = None,
    input: Literal["poisson", "dc"] = "poisson",
    initial_v: Literal["optimised", "original"] = "optimised",
    thalamus: bool = False,
    thalamus_start_ms: float = p.THALAMUS_START_MS,
    thalamus_duration_ms: float = p.THALAMUS_DURATION_MS,
    thalamus_rate_hz: float = p.THALAMUS_RATE_HZ,
    psp_mv: float = p.PSP_MV,
    g: float = p.G,
    delay_factor: float = 1.0,
    t_ref_ms: float = p.T_REF_MS,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe the cortical microcircuit: 77,169 neurons, 298,880,968 synapses, 8 populations.

    Down-scaled networks keep mean and variance of each neuron's input, but not the correlations, and are meant for
    tests. With a direct current as background they may be silent, because part of the mean inhibition is also a direct
    current; a warning names the populations whose current does not reach the threshold.

    Parameters
    ----------
    scale
        Factor of the neuron numbers and of the in-degrees, in (0, 1].
    n_scaling
        Factor of the neuron numbers instead of `scale`. Above 1 the network has correspondingly more neurons
        with the same in-degrees, for benchmarks.
    k_scaling
        Factor of the in-degrees instead of `scale`, in (0, 1].
    input
        Background input: independent Poisson spike trains, or a direct current with the same mean.
    initial_v
        Initial membrane potentials: population-specific values without a synchronous start, or the values of 2014.
    thalamus
        Add 902 thalamic neurons that fire for a short time.
    thalamus_start_ms
        Time at which they start to fire, ms.
    thalamus_duration_ms
        Duration of their firing, ms.
    thalamus_rate_hz
        Rate of each of them, 1/s.
    psp_mv
        Peak of the mean excitatory postsynaptic potential, mV; all weights and direct currents are proportional to it.
    g
        Ratio of inhibitory to excitatory mean weight, negative. It also affects the direct current of a scaled network.
    delay_factor
        Factor of the means and standard deviations of the recurrent delays.
    t_ref_ms
        Refractory period, ms.
    record_spikes
        Add a `SpikeRecorder`.
    resolution_ms
        Time step.

    Returns
    -------
    Network
        Populations L23E, L23I, ... L6I (and TC), and one projection for each connected pair, sorted by target.

    Raises
    ------
    InputError
        If a parameter is out of its range, or a factor leaves a population without neurons or without input.

    Warns
    -----
    UserWarning
        If the network may be silent.

    Notes
    -----
    The rule is `fixed_total_number` with autapses and multapses. Weights and delays are normally distributed; weights
    are redrawn if their sign changes, and delays if they are below half a step. The reference implementation scales the
    number of thalamic synapses by `k_scaling` only, which leaves the thalamic in-degree unscaled when both factors are
    equal; here it is scaled by both factors, like all other numbers.

    References
    ----------
    Potjans, Diesmann (2014), Cereb. Cortex 24:785. All sources: `parameters`.
    """
    n_factor, n_name = (scale, "scale") if n_scaling is None else (n_scaling, "n_scaling")
    k_factor, k_name = (scale, "scale") if k_scaling is None else (k_scaling, "k_scaling")
    for name, value in (("scale", scale), (k_name, k_factor)):
        require(isinstance(value, (int, float)) and 0.0 < value <= 1.0, name, value, "must be in (0, 1]")
    possible = isinstance(n_factor, (int, float)) and 0.0 < n_factor < math.inf
    require(possible, n_name, n_factor, "must be > 0 and finite")
    require(input in ("poisson", "dc"), "input", input, "use 'poisson' or 'dc'")
    require(initial_v in ("optimised", "original"), "initial_v", initial_v, "use 'optimised' or 'original'")
    require(psp_mv > 0.0, "psp_mv", psp_mv, "must be > 0 mV")
    require(g < 0.0, "g", g, "must be < 0, because inhibition is negative")
    require(0.0 < delay_factor < math.inf, "delay_factor", delay_factor, "must be > 0 and finite")
    for name, size in zip(p.POPULATIONS, p.SIZES, strict=True):
        require(round(size * n_factor) > 0, n_name, n_factor, f"it leaves {name} empty; must be above {0.5 / size:.2g}")
    fewest = min(p.EXTERNAL_IN_DEGREES)
    allowed = f"it leaves no background input; must be above {0.5 / fewest:.2g}"
    require(input == "dc" or round(fewest * k_factor) > 0, k_name, k_factor, allowed)

    populations = [
        _population(index, round(size * n_factor), initial_v, t_ref_ms) for index, size in enumerate(p.SIZES)
    ]
    projections = [
        _projection(
            source, target, round(k * n_factor * k_factor), weight / math.sqrt(k_factor), delay_factor, resolution_ms
        )
        for target, numbers, weights in zip(
            p.POPULATIONS, full_scale_synapses(), full_scale_weights_pa(psp_mv, g), strict=True
        )
        for source, k, weight in zip(p.POPULATIONS, numbers, weights, strict=True)
    ]
    external_weight = psp_mv * psc_over_psp() / math.sqrt(k_factor)
    currents = direct_currents_pa(k_factor, input, psp_mv, g)
    rheobase = p.C_M_PF * (p.V_TH_MV - p.E_L_MV) / p.TAU_M_MS
    weak = [name for name, current in zip(p.POPULATIONS, currents, strict=True) if current < rheobase]
    if input == "dc" and weak:
        text = f"with input = 'dc' and {k_name} = {k_factor} the current into {', '.join(weak)} is below the rheobase"
        warnings.warn(f"{text} of {rheobase:g} pA: the network may be silent; use 'poisson'", stacklevel=2)
    drives: list[Dc | Poisson] = [
        Dc(name, current) for name, current in zip(p.POPULATIONS, currents, strict=True) if current != 0.0
    ]
    if input == "poisson":
        for name, in_degree in zip(p.POPULATIONS, p.EXTERNAL_IN_DEGREES, strict=True):
            rate_hz = p.EXTERNAL_RATE_HZ * round(in_degree * k_factor)
            drives.append(Poisson(name, rate_hz, round(external_weight, 9), p.EXTERNAL_DELAY_MS))
    if thalamus:
        populations.append(Population(p.THALAMUS, p.THALAMUS_SIZE, "parrot_neuron"))
        for target, size, c in zip(p.POPULATIONS, p.SIZES, p.THALAMUS_PROBABILITIES, strict=True):
            number = round(synapses_between(c, p.THALAMUS_SIZE, size) * n_factor * k_factor)
            projections.append(_projection(p.THALAMUS, target, number, external_weight, delay_factor, resolution_ms))
        stop_ms = thalamus_start_ms + thalamus_duration_ms
        # A drive's delay is at least one step; the generator itself adds none.
        drives.append(Poisson(p.THALAMUS, thalamus_rate_hz, 1.0, resolution_ms, thalamus_start_ms, stop_ms))
    return Network(
        populations,
        [projection for projection in projections if projection is not None],
        drives,
        [SpikeRecorder()] if record_spikes else [],
        resolution_ms,
    )


def _population(index: int, size: int, initial_v: str, t_ref_ms: float) -> Population:
    if initial_v == "original":
        mean, std = p.INITIAL_V_ORIGINAL_MV
    else:
        mean, std = p.INITIAL_V_OPTIMISED_MEAN_MV[index], p.INITIAL_V_OPTIMISED_STD_MV[index]
    params = {
        "C_m": p.C_M_PF,
        "tau_m": p.TAU_M_MS,
        "tau_syn_ex": p.TAU_SYN_MS,
        "tau_syn_in": p.TAU_SYN_MS,
        "t_ref": t_ref_ms,
        "E_L": p.E_L_MV,
        "V_reset": p.V_RESET_MV,
        "V_th": p.V_TH_MV,
    }
    return Population(p.POPULATIONS[index], size, "iaf_psc_exp", params, {"V_m": Normal(mean=mean, std=std)})


def _projection(
    source: str, target: str, number: int, weight: float, delay_factor: float, resolution_ms: float
) -> Projection | None:
    """The projection, or None if it has no synapses."""
    if number == 0:
        return None
    mean = round(weight, 9)
    std = round(abs(weight) * p.WEIGHT_RELATIVE_STD, 9)
    low, high = (0.0, math.inf) if mean > 0.0 else (-math.inf, 0.0)
    delay = delay_factor * (p.DELAY_IN_MS if source.endswith("I") else p.DELAY_EX_MS)
    return Projection(
        source,
        target,
        FixedTotalNumber(number),
        weight=Normal(mean=mean, std=std, low=low, high=high),
        delay_ms=Normal(mean=delay, std=delay * p.DELAY_RELATIVE_STD, low=0.5 * resolution_ms),
    )


def grown(parameters: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Parameters of a network of `factor` times as many neurons, whose number of inputs, weights and rates are kept."""
    n, k = (
        parameters["scale"] if parameters[name] is None else parameters[name] for name in ("n_scaling", "k_scaling")
    )
    return {"n_scaling": n * factor, "k_scaling": k}


AS_PUBLISHED = {"psp_mv": p.PSP_MV, "g": p.G, "delay_factor": 1.0, "t_ref_ms": p.T_REF_MS}
"""Parameters for which the rates of the full-scale network are known."""


def expected_rates_hz(parameters: Mapping[str, Any]) -> dict[str, float] | None:
    """The published rates for the full-scale network with Poisson input or a larger one with its in-degrees; else None.

    Twice as many neurons moved no rate by more than 3 % (1 s of model time). Fewer inputs do: with a tenth of them L23E
    fires half as often.
    """
    full = grown(parameters, 1.0)
    changed = [name for name, value in AS_PUBLISHED.items() if parameters[name] != value]
    if (
        changed
        or parameters["input"] != "poisson"
        or parameters["thalamus"]
        or full["n_scaling"] < 1.0
        or full["k_scaling"] < 1.0
    ):
        return None
    return dict(zip(p.POPULATIONS, p.FULL_MEAN_RATES_HZ, strict=True))


DECLARATION = Declaration(
    WeakScaling(
        "n_scaling",
        "n_scaling grows and k_scaling is fixed: more neurons, each with the same number of inputs and weights",
        grown,
    ),
    expected_rates_hz,
    "simulated rates of the full-scale network: INM-6/microcircuit-PD14-model, network_params.py, full_mean_rates",
)
"""Weak scaling and expected rates."""
