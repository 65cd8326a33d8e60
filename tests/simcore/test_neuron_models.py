"""Every neuron model gives the same bits on every backend, on any number of threads; golden digests pin them."""

from functools import cache

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

PRECISIONS = ["float32", "float64"]
# The update of a model depends on the precision, the delivery algorithm does not depend on the model.
LAYOUTS = [
    *(("gpu", "auto", 1, precision) for precision in PRECISIONS),
    *(("cpu", "just_in_time", threads, "float32") for threads in (1, 3, 16)),
    ("cpu", "by_source", 2, "float32"),
    ("cpu", "calendar", 2, "float32"),
    ("cpu", "just_in_time", 2, "float64"),
    ("cpu", "by_source", 3, "float64"),
]
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

# Model time in ms; the oracle integrates `aeif_cond_exp` in the substeps of its fastest neuron.
TIMES = dict.fromkeys(MODELS, 20.0) | {"iaf_psc_exp_reset": 30.0, "aeif_cond_exp": 10.0}

# Network digest, spike digests in float32 and float64 of this time with seed 42. A change of any of them changes what a
# seed means: it needs a reason and a new minor version.
GOLDEN = {
    "iaf_psc_alpha": (
        "7cf966ff774eed17bf0258b56a294c5e",
        "97aa53c98deb2fb3046a8aa220972785",
        "97aa53c98deb2fb3046a8aa220972785",
    ),
    "iaf_psc_delta": (
        "91e7a9bb720dc2ee4f1110af4c731ea9",
        "cd196918c87dc53904e119bc27478757",
        "cd196918c87dc53904e119bc27478757",
    ),
    "iaf_psc_exp_reset": (
        "171ee0c03cb6e7ef3c4092ce98ccefdf",
        "0a17716844f48c98b86f089066822e35",
        "0a17716844f48c98b86f089066822e35",
    ),
    "iaf_cond_exp": (
        "6730068da57301f2d0c091f8f83fabf0",
        "43416bba560964278009d85318d36dbe",
        "43416bba560964278009d85318d36dbe",
    ),
    "aeif_cond_exp": (
        "20424cdd3ce7b31ef949952614141925",
        "9c78515e900b85e266db7bce6c52d783",
        "9c78515e900b85e266db7bce6c52d783",
    ),
    "izhikevich": (
        "9f0bf01b19b3c9f592e3fbc33b4fa250",
        "801cfb57e23d57913bc323ca91ffedae",
        "801cfb57e23d57913bc323ca91ffedae",
    ),
    "lif_discrete": (
        "5a67321ff612792fd790b80ae0a4d0be",
        "db596c5ed5095a709c68f8a6e6ae0976",
        "db596c5ed5095a709c68f8a6e6ae0976",
    ),
    "lif_fixed_point": (
        "ba1dec7c1efd60f02a6071c822a16c22",
        "9f78e446954803ec8e767393bd86c1e2",
        "9f78e446954803ec8e767393bd86c1e2",
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
def oracle():
    """Results of the oracle by (model, precision), each simulated once."""
    return cache(lambda model, precision: simulated(model, backend="oracle", precision=precision))


def simulated(model, **options):
    with Simulator(network_of(model), seed=42, **options) as simulator:
        result = simulator.run(TIMES[model])
        return simulator.network_digest, result, simulator.traces(), simulator.suppressed_spikes


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("model", MODELS)
def test_the_oracle_gives_the_golden_bits(oracle, model, precision):
    network_digest, result, *_ = oracle(model, precision)
    assert (network_digest, result.spike_digest) == (GOLDEN[model][0], GOLDEN[model][1 + PRECISIONS.index(precision)])
    assert min(result.spikes.values()) > 20


@pytest.mark.parametrize(("backend", "delivery", "threads", "precision"), LAYOUTS)
@pytest.mark.parametrize("model", MODELS)
def test_every_layout_gives_the_bits_of_the_oracle(oracle, model, backend, delivery, threads, precision):
    options = {"backend": backend, "delivery": delivery, "threads": threads, "precision": precision}
    network_digest, result, traces, suppressed = simulated(model, **options)
    expected = oracle(model, precision)
    assert (network_digest, result.spike_digest) == (expected[0], expected[1].spike_digest)
    assert result.spikes == expected[1].spikes
    assert suppressed == expected[3]
    assert traces.keys() == expected[2].keys()
    for recorded, values in expected[2].items():
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
    (("izhikevich", {"consistent_integration": 0.0}), "population A.params = 'consistent_integration' .* are a, b"),
]


@pytest.mark.parametrize(("described", "message"), WRONG)
def test_wrong_parameters_are_named(described, message):
    with pytest.raises(InputError, match=message):
        Network([Population("A", 2, *described)])
