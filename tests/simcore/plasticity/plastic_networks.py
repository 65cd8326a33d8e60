"""Small networks with every plasticity rule, kind of delay, receptor and source."""

import numpy as np

from simcore.network import (
    AllToAll,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    Network,
    Normal,
    PairwiseBernoulli,
    Poisson,
    PoissonTrains,
    Population,
    Projection,
    SpikeRecorder,
    Stdp,
    StdpPowerLaw,
    TraceRecorder,
    Tsodyks2,
    Uniform,
)


def mixed():
    """Every rule; both signs; multapses, autapses, selections, several spikes of a source in a step."""
    e = Population("E", 61, params={"I_e": Normal(mean=430.0, std=60.0), "tau_minus": 15.0})
    i = Population("I", 23, "iaf_psc_alpha", params={"I_e": Normal(mean=450.0, std=60.0)}, tau_minus=33.0)
    s = Population("S", 9, source=PoissonTrains(rate_hz=60.0))
    r = Population("R", 4, "parrot_neuron")
    spread = Uniform(low=0.1, high=3.0)
    multapses = Explicit([0, 0, 0, 1, 2, 2, 60, 60], [0, 1, 1, 1, 5, 5, 22, 22])
    projections = [
        Projection("E", "E", FixedIndegree(12), Normal(mean=60.0, std=9.0), spread, None,
                   Stdp(lambda_=0.1, Wmax=120.0)),
        Projection("S", "E", PairwiseBernoulli(0.5), 50.0, 1.5, None, StdpPowerLaw(lambda_=0.3)),
        Projection("E", "I", FixedIndegree(6), Normal(mean=70.0, std=7.0), 0.5, None,
                   Tsodyks2(U=0.3, tau_rec=100.0, tau_fac=50.0)),
        Projection("I", "E", FixedOutdegree(5), -90.0, Normal(mean=1.0, std=0.5, low=0.1), None,
                   Stdp(lambda_=0.05, alpha=1.3, mu_plus=0.4, mu_minus=0.7, Wmax=-200.0)),
        Projection("R", "E", AllToAll(), 5.0, 0.3, None, Stdp(lambda_=0.2, mu_plus=0.0, mu_minus=0.0, Wmax=10.0)),
        Projection("E", "I", multapses, np.linspace(10.0, 80.0, 8), np.array([0.1, 0.2, 0.2, 6.0, 1.0, 1.0, 0.4, 0.4]),
                   None, Stdp(lambda_=0.3, Wmax=100.0, tau_plus=8.0)),
        Projection("R", "I", FixedIndegree(3), 6.0, Uniform(low=0.2, high=1.0), None, Tsodyks2(tau_rec=30.0)),
        Projection(e[10:30], i[3:20], FixedIndegree(4), 25.0, 0.7, None, StdpPowerLaw(mu=1.0)),
        Projection("E", "E", FixedIndegree(5), -40.0, spread),
        Projection("I", "I", FixedIndegree(5), -60.0, 0.4),
    ]  # fmt: skip
    recorders = [SpikeRecorder(), TraceRecorder("E", (0, 50), ("V_m", "I_syn_ex"))]
    return Network([e, i, s, r], projections, [Poisson("R", 4000.0, 1.0, 0.1)], recorders)


def bursting():
    """Neurons that fire in up to every step, with delays longer than the intervals between their spikes."""
    z = Population("Z", 19, "izhikevich", params={"c": -50.0, "d": 2.0, "I_e": 12.0}, tau_minus=5.0)
    d = Population("D", 11, "iaf_psc_delta", params={"t_ref": 0.1, "tau_m": 1.0, "I_e": 12000.0})
    projections = [
        Projection("Z", "Z", FixedIndegree(5), 0.5, Uniform(low=0.5, high=4.0), None, Stdp(lambda_=0.2, Wmax=1.0)),
        Projection("D", "Z", FixedIndegree(3), 0.02, 2.0, None, StdpPowerLaw(lambda_=0.05)),
        Projection("Z", "D", FixedIndegree(3), 0.3, Uniform(low=0.5, high=1.5), None, Stdp(lambda_=0.2, Wmax=1.0)),
    ]
    return Network([z, d], projections, recorders=[SpikeRecorder()])


def axonal():
    """Parts of the delays before the synapses: less and more than half of them."""
    e = Population("E", 47, params={"I_e": Normal(mean=450.0, std=60.0)})
    spread = Uniform(low=1.0, high=3.0)
    projections = [
        Projection("E", "E", FixedIndegree(9), 50.0, spread, None, Stdp(lambda_=0.1, axonal_delay_ms=axonal_ms))
        for axonal_ms in (0.4, 0.5, 0.7, 0.9)
    ]
    return Network([e], projections, recorders=[SpikeRecorder()])


def uniform_delay():
    """One delay of 15 steps, so that spikes are communicated every 15 steps."""
    e = Population("E", 83, params={"I_e": Normal(mean=420.0, std=60.0), "t_ref": 0.5})
    i = Population("I", 20, params={"I_e": Normal(mean=420.0, std=60.0)})
    projections = [
        Projection("E", "E", FixedIndegree(20), 40.0, 1.5, None, StdpPowerLaw(alpha=0.2, tau_plus=15.0)),
        Projection("E", "I", FixedIndegree(20), 40.0, 1.5),
        Projection("I", "E", FixedIndegree(5), -160.0, 1.5),
    ]
    return Network([e, i], projections, [Poisson("E", 2000.0, 40.0, 1.5)], [SpikeRecorder()])


def signs():
    """Resources with weights of both signs, weights of 0, bounds that no grid has, and no synapses at all."""
    a = Population("A", 12, params={"I_e": Normal(mean=560.0, std=50.0), "tau_syn_in": 4.0}, tau_minus=12.0)
    b = Population("B", 7, "iaf_psc_alpha", params={"I_e": Normal(mean=520.0, std=50.0), "tau_syn_in": 1.0})
    both, growing = np.linspace(-90.0, 75.0, 84), np.linspace(-33.3, 0.0, 84)
    growing[::3] = 0.0
    projections = [
        Projection("A", "B", AllToAll(), both, 0.7, None, Tsodyks2(U=0.4, tau_rec=60.0, tau_fac=40.0)),
        Projection("B", "A", AllToAll(), growing, Uniform(low=0.1, high=1.2), None,
                   Stdp(lambda_=0.3, alpha=0.01, mu_plus=0.3, Wmax=-33.3)),
        Projection("A", "A", FixedIndegree(4), 33.3, 0.4, None, Stdp(lambda_=0.2, alpha=1.2, Wmax=33.3)),
        Projection("B", "B", FixedIndegree(3), 20.0, 0.4, None, StdpPowerLaw(lambda_=0.9, alpha=0.02, ceiling=47.1)),
        Projection("A", "A", Explicit([], []), 1.0, 2.0, None, Stdp(axonal_delay_ms=1.7)),
    ]  # fmt: skip
    return Network([a, b], projections, recorders=[SpikeRecorder(), TraceRecorder("B", (0,), ("I_syn_ex", "I_syn_in"))])


NETWORKS = {
    "mixed": mixed,
    "bursting": bursting,
    "axonal": axonal,
    "uniform_delay": uniform_delay,
    "signs": signs,
}

# Network digest, spike digest and weight digest of 100 ms with seed 42 in float64.
GOLDEN = {
    "mixed": (
        "7a1d325e74a4e75dae3ef2a3cf7a66ec",
        "80e89a9d741ba5e3de8dc69f55d1b71e",
        "b1949c615b633104497827d0683de524",
    ),
    "bursting": (
        "15a9583c7da235e1c35a9ffc6a40dc93",
        "d8ab94e312d5c7e11d7b7e452a6fe432",
        "9d5024cab38c5e62c3ef5b04ce0de8e4",
    ),
    "axonal": (
        "a4b6a9dcd1520e844321f5adc7e2f80f",
        "4195702f68080807c97ff8b6a00ec1b2",
        "f4f7306a5d0a9f396fb358817e7515af",
    ),
    "uniform_delay": (
        "5fde5b8287f11a8b598fbfb963f1de89",
        "d7724536864ca1492c81ff21c234f8ed",
        "c0fff71a94d660ba2a30e506cad613c5",
    ),
    "signs": (
        "a44b64ef488e0f53990a6ff1c7ef0b5e",
        "7bc3accb4ae26be352f06472fb777da2",
        "5f48aee784a87ea7a4feae84bf2eb895",
    ),
}
