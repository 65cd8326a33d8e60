"""Every neuron model gives the same bits on every backend, on any number of threads; golden digests pin them."""

import numpy as np
import pytest

from simcore.errors import InputError
from simcore.network import (
    FixedIndegree,
    Network,
    Normal,
    Poisson,
    Population,
    Projection,
    SpikeRecorder,
    TraceRecorder,
    Uniform,
)
from simcore.neurons import neuron_models
from simcore.simulator import Simulator

LAYOUTS = [
    ("oracle", "auto", 1),
    ("gpu", "auto", 1),
    *(("cpu", delivery, threads) for delivery in ("just_in_time", "by_source") for threads in (1, 2, 3)),
    ("cpu", "calendar", 2),
    ("cpu", "just_in_time", 16),
]
PRECISIONS = ["float32", "float64"]
N_VARIED = 37

# Scale of the weights (excitatory; inhibitory ones are four times as strong), parameters of all neurons, parameters and
# initial values that vary between neurons.
MODELS = {
    "iaf_psc_alpha": (
        60.0,
        {"tau_syn_ex": 0.5, "V_min": -72.0},
        {
            "V_th": Normal(mean=-54.0, std=1.0),
            "V_min": np.linspace(-90.0, -70.0, N_VARIED),
            "t_ref": Uniform(low=0.0, high=3.0),
            "tau_syn_in": np.linspace(9.9, 10.1, N_VARIED),
        },
        {"V_m": Normal(mean=-60.0, std=6.0), "dI_syn_ex": Uniform(low=0.0, high=100.0)},
    ),
    "iaf_psc_delta": (
        0.5,
        {"V_min": -71.0},
        {
            "refractory_input": np.arange(N_VARIED) % 2,
            "tau_m": Uniform(low=5.0, high=20.0),
            "t_ref": Uniform(low=0.0, high=3.0),
            "V_min": np.linspace(-90.0, -70.0, N_VARIED),
        },
        {"V_m": Normal(mean=-60.0, std=6.0)},
    ),
    "iaf_psc_exp_reset": (
        0.6,
        {"I_e": 10.0},
        {
            "C_m": Uniform(low=60.0, high=90.0),
            "tau_m": np.linspace(5.0, 12.0, N_VARIED),
            "tau_syn": np.linspace(1.0, 20.0, N_VARIED),
            "t_ref": np.arange(N_VARIED) % 5 * 0.1,
            "V_th": Normal(mean=-45.0, std=1.0),
            "V_reset": np.linspace(-60.0, -50.0, N_VARIED),
        },
        {"V_m": Normal(mean=-50.0, std=5.0), "I_syn": Uniform(low=-20.0, high=60.0)},
    ),
    "iaf_cond_exp": (
        6.0,
        {"I_e": 120.0},
        {
            "C_m": Uniform(low=5.0, high=300.0),
            "E_in": np.linspace(-95.0, -65.0, N_VARIED),
            "tau_syn_ex": np.linspace(0.02, 2.0, N_VARIED),
            "t_ref": Uniform(low=0.0, high=3.0),
        },
        {"V_m": Normal(mean=-60.0, std=6.0), "g_ex": Uniform(low=0.0, high=500.0), "g_in": 3.0},
    ),
    "aeif_cond_exp": (
        6.0,
        {"I_e": 200.0},
        {
            "C_m": Uniform(low=50.0, high=300.0),
            "Delta_T": np.arange(N_VARIED) % 4,
            "I_e": np.linspace(300.0, 1000.0, N_VARIED),
            "V_peak": np.linspace(-50.0, 20.0, N_VARIED),
            "t_ref": np.arange(N_VARIED) % 3 * 0.3,
            "tau_w": np.linspace(1.0, 200.0, N_VARIED),
        },
        {"V_m": Normal(mean=-60.0, std=6.0), "g_ex": Uniform(low=0.0, high=3000.0), "w": Normal(mean=0.0, std=50.0)},
    ),
    "izhikevich": (
        1.0,
        {"I_e": 4.0, "V_min": -80.0},
        {"a": Uniform(low=0.02, high=0.1), "c": np.linspace(-65.0, -50.0, N_VARIED), "d": Uniform(low=2.0, high=8.0)},
        {"V_m": Normal(mean=-65.0, std=20.0), "U_m": Normal(mean=-13.0, std=5.0)},
    ),
    "lif_discrete": (
        0.3,
        {"a": 0.6, "b": 0.95, "c": 0.08, "I_e": 0.01},
        {
            "a": np.linspace(0.0, 1.0, N_VARIED) ** 2 * 0.9,
            "b": Uniform(low=0.5, high=0.98),
            "c": np.linspace(0.1, 0.4, N_VARIED),
            "V_th": Normal(mean=1.5, std=0.1),
            "V_reset": np.linspace(-1.0, 0.5, N_VARIED),
            "E_L": np.linspace(-0.5, 0.5, N_VARIED),
            "subtract": np.arange(N_VARIED) % 2,
        },
        {"V_m": Normal(mean=0.0, std=0.5), "I_syn": Uniform(low=-0.5, high=0.5)},
    ),
    "lif_fixed_point": (
        40.0,
        {"bias": 70.0, "refract_delay": 10.0},
        {
            "decay_u": np.arange(N_VARIED) * 100,
            "decay_v": 4096 - np.arange(N_VARIED) * 100,
            "vth": np.arange(N_VARIED) * 10,
            "weight_exponent": np.arange(N_VARIED) % 14 - 6,
            "refract_delay": 1 + np.arange(N_VARIED),
        },
        {"v": Normal(mean=0.0, std=50_000.0), "u": Uniform(low=-1e4, high=1e4)},
    ),
}

# Network digest, spike digests in float32 and float64 of 50 ms with seed 42. A change of any of them changes what a
# seed means: it needs a reason and a new minor version.
GOLDEN = {
    "iaf_psc_alpha": (
        "7cf966ff774eed17bf0258b56a294c5e",
        "407854c668aa97e259d0be31b436ddd7",
        "407854c668aa97e259d0be31b436ddd7",
    ),
    "iaf_psc_delta": (
        "91e7a9bb720dc2ee4f1110af4c731ea9",
        "9f50da9f873acd7ff829541f30cccba7",
        "9f50da9f873acd7ff829541f30cccba7",
    ),
    "iaf_psc_exp_reset": (
        "171ee0c03cb6e7ef3c4092ce98ccefdf",
        "b7f0e577ce1d1c862d0b262b9b0bfb4d",
        "b7f0e577ce1d1c862d0b262b9b0bfb4d",
    ),
    "iaf_cond_exp": (
        "6730068da57301f2d0c091f8f83fabf0",
        "cfcf921e0b0f1da44dd470da3406fac5",
        "cfcf921e0b0f1da44dd470da3406fac5",
    ),
    "aeif_cond_exp": (
        "20424cdd3ce7b31ef949952614141925",
        "787242798a527a443e13607bc7a61f81",
        "787242798a527a443e13607bc7a61f81",
    ),
    "izhikevich": (
        "9f0bf01b19b3c9f592e3fbc33b4fa250",
        "b3066c83806001bc3d78464c38704a83",
        "b3066c83806001bc3d78464c38704a83",
    ),
    "lif_discrete": (
        "5a67321ff612792fd790b80ae0a4d0be",
        "95c6449e54a0e2927dea49106f3c90eb",
        "95c6449e54a0e2927dea49106f3c90eb",
    ),
    "lif_fixed_point": (
        "ba1dec7c1efd60f02a6071c822a16c22",
        "ba56659e146278d7f3b3d946eddebdbf",
        "ba56659e146278d7f3b3d946eddebdbf",
    ),
}


def network_of(model):
    """More neurons than a block has, with common parameters, and some with their own; all variables recorded."""
    weight, params, varied, initial = MODELS[model]
    common = Population("C", 600, model, params)
    own = Population("V", N_VARIED, model, {**params, **varied}, initial)
    described = common.neuron_model
    first, last = (None, None) if described.sign_chooses_receptor else (described.receptors[0], described.receptors[-1])
    weights = Normal(mean=weight, std=weight / 4, low=weight / 8)
    projections = [
        Projection("C", "V", FixedIndegree(20), weights, Uniform(low=0.1, high=2.0), first),
        Projection("C", "C", FixedIndegree(10), -4.0 * weight, 0.7, first),
        Projection("V", "C", FixedIndegree(5), 2.0 * weight, 0.1, last),
    ]
    drives = [
        Poisson("C", 10_000.0, weight, receptor=first),
        Poisson("V", 9_000.0, weight, 0.3, receptor=first),
        Poisson("V", 500.0, -weight, 0.3, receptor=last),
    ]
    variables = [variable.name for variable in described.variables]
    recorders = [TraceRecorder("C", (0, 511, 512, 599), variables), TraceRecorder("V", range(N_VARIED), variables)]
    return Network([common, own], projections, drives, [SpikeRecorder(), *recorders])


@pytest.fixture(scope="module")
def expected():
    """Spikes and traces of the oracle by (model, precision), each simulated once."""
    cache = {}

    def run(model, precision):
        if (model, precision) not in cache:
            with Simulator(network_of(model), seed=42, backend="oracle", precision=precision) as simulator:
                result = simulator.run(50.0)
                recorded = simulator.traces(), simulator.suppressed_spikes
                cache[model, precision] = simulator.network_digest, result, *recorded
        return cache[model, precision]

    return run


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(("backend", "delivery", "threads"), LAYOUTS)
@pytest.mark.parametrize("model", MODELS)
def test_every_layout_gives_the_golden_bits(expected, model, backend, delivery, threads, precision):
    network_digest, result, traces, suppressed = expected(model, precision)
    assert (network_digest, result.spike_digest) == (GOLDEN[model][0], GOLDEN[model][1 + PRECISIONS.index(precision)])
    options = {"backend": backend, "delivery": delivery, "threads": threads, "precision": precision}
    with Simulator(network_of(model), seed=42, **options) as simulator:
        found = simulator.run(50.0)
        assert (simulator.network_digest, found.spike_digest) == (network_digest, result.spike_digest)
        assert found.spikes == result.spikes
        assert simulator.suppressed_spikes == suppressed
        assert min(found.spikes.values()) > 20
        for recorded, values in simulator.traces().items():
            assert np.array_equal(traces[recorded], values), recorded


def test_every_registered_model_is_pinned():
    elsewhere = {"iaf_psc_exp", "iaf_psc_exp_multisynapse", "parrot_neuron"}  # test_backends_agree.py
    assert set(neuron_models.names()) == set(MODELS) | elsewhere and set(GOLDEN) == set(MODELS)


WRONG = [
    (("iaf_psc_alpha", {"V_reset": -50.0}), "population A.V_reset = -50.0 .*below V_th"),
    (("iaf_psc_alpha", {"tau_syn_in": 0.0}), "population A.tau_syn_in = 0.0 .*> 0 ms"),
    (("iaf_psc_alpha", {"t_ref": 1e9}), "population A.t_ref = 1000000000.0 .*at most"),
    (("iaf_psc_delta", {"V_reset": -50.0}), "population A.V_reset = -50.0 .*below V_th"),
    (("iaf_psc_delta", {"t_ref": 1e9}), "population A.t_ref = 1000000000.0 .*at most"),
    (("iaf_psc_delta", {"refractory_input": 0.5}), "population A.refractory_input = 0.5 .*0 or 1"),
    (("iaf_psc_delta", {"refractory_input": [0.0, 2.0]}), "population A.refractory_input = 2.0"),
    (("iaf_psc_delta", {"refractory_input": Uniform(low=0.0, high=1.0)}), "refractory_input = Uniform.*use 0, 1"),
    (("iaf_psc_exp_reset", {"V_reset": -45.0}), "population A.V_reset = -45.0 .*below V_th"),
    (("iaf_psc_exp_reset", {"tau_syn": 0.0}), "population A.tau_syn = 0.0 .*> 0 ms"),
    (("iaf_psc_exp_reset", {"t_ref": 1e9}), "population A.t_ref = 1000000000.0 .*at most"),
    (("iaf_cond_exp", {"V_reset": -50.0}), "population A.V_reset = -50.0 .*below V_th"),
    (("iaf_cond_exp", {"tau_syn_ex": 0.0}), "population A.tau_syn_ex = 0.0 .*> 0 ms"),
    (("iaf_cond_exp", {"g_L": -1.0}), "population A.g_L = -1.0 .*nS"),
    (("iaf_cond_exp", {"t_ref": 1e9}), "population A.t_ref = 1000000000.0 .*at most"),
    (("aeif_cond_exp", {"V_reset": [-60.0, 5.0]}), "population A.V_reset = 5.0 .*below V_peak = 0.0"),
    (("aeif_cond_exp", {"V_reset": -50.0, "Delta_T": [0.0, 2.0]}), "population A.V_reset = -50.0 .*below V_th"),
    (("aeif_cond_exp", {"V_reset": Uniform(low=-60.0, high=1.0)}), "population A.V_reset = 0.99.* .*below V_peak"),
    (("aeif_cond_exp", {"V_peak": [-40.0, -51.0]}), "population A.V_peak = -51.0 .*not be below V_th = -50.4"),
    (("aeif_cond_exp", {"V_th": Uniform(low=-50.0, high=1.0)}), "population A.V_peak = 0.0 .*not be below V_th"),
    (("aeif_cond_exp", {"Delta_T": -1.0}), "population A.Delta_T = -1.0 .*mV"),
    (("aeif_cond_exp", {"tau_w": 0.0}), "population A.tau_w = 0.0 .*> 0 ms"),
    (("aeif_cond_exp", {"t_ref": 1e9}), "population A.t_ref = 1000000000.0 .*at most"),
    (("lif_discrete", {"V_reset": 1.0}), "population A.V_reset = 1.0 .*below V_th"),
    (("lif_discrete", {"b": 1.5}), r"population A.b = 1.5 .*\[0.0, 1.0\]"),
    (("lif_discrete", {"a": Uniform(low=-0.5, high=0.5)}), "population A.a = -0.*"),
    (("lif_discrete", {"subtract": [0.0, 0.5]}), "population A.subtract = 0.5 .*0 or 1"),
    (("lif_discrete", {"subtract": Uniform(low=0.0, high=1.0)}), "subtract = Uniform.*use 0, 1"),
    (("izhikevich", {"consistent_integration": 0.0}), "population A.params = 'consistent_integration' .*has a, b"),
]


@pytest.mark.parametrize(("described", "message"), WRONG)
def test_wrong_parameters_are_named(described, message):
    with pytest.raises(InputError, match=message):
        Network([Population("A", 2, *described)])
