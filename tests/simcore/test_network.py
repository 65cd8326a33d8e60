"""Descriptions are validated when they are made: field, value, what is allowed."""

from enum import Enum

import numpy as np
import pytest

from simcore.distributions import Lognormal, Normal
from simcore.errors import InputError
from simcore.network import (
    AllToAll,
    Dc,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    Network,
    OneToOne,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    SpikeTrain,
    StepCurrent,
    TraceRecorder,
)
from simcore.neurons import neuron_models
from simcore.values import delay_steps

A, B = Population("A", 4), Population("B", 3)


def projected(rule=None, weight=1.0, delay_ms=1.0, source="A", target="B"):
    return Network([A, B], [Projection(source, target, rule or FixedIndegree(2), weight, delay_ms)])


def driven(drive):
    return Network([A, B, Population("P", 2, "parrot_neuron")], drives=[drive])


class Member(str, Enum):  # noqa: UP042 - StrEnum hashes as its value
    """Texts whose hash and str() are not those of their values."""

    EXCITATORY = "E"
    CAPACITANCE = "C_m"
    POTENTIAL = "V_m"


class Odd(str):
    """A text that does not compare as one."""

    __hash__ = str.__hash__

    def __eq__(self, other):
        return self is other


WRONG = [
    (lambda: Population("", 4), "population.name = ''"),
    (lambda: Population("a/b", 4), "population.name = 'a/b'"),
    *(
        (lambda name=name: Population(name, 4), "population.name = .*without control characters")
        for name in ("a\nb", "a\x1b[1m", "\0", "\u2028", "\ud800", "\u202ea")
    ),
    (lambda: Population("A", 0), "population A.size = 0"),
    (lambda: Population("A", -3), "population A.size = -3"),
    (lambda: Population("A", 2.5), "population A.size = 2.5"),
    (lambda: Population("A", True), "population A.size = True"),
    (lambda: Population("A", 2, params=None), "population A.params = None .*use a dictionary"),
    (lambda: Population("A", 4, params={"I_e": "100"}), "I_e = '100'"),
    (lambda: Population("A", 4, params={"I_e": 10**400}), "I_e = 1000"),
    (lambda: Population("A", 4, params={"I_e": 1e39}), "I_e = 1e[+]39 .*which float32 can represent"),
    (lambda: Population("A", 4, initial={"V_m": Lognormal(mean=0.0, std=3.0)}), "A.initial.V_m = Lognormal"),
    (lambda: Network([Population("A", 4, params={"t_ref": 1e9})]), "population A.t_ref = 1000000000.0 .*at most"),
    (lambda: Network(["A"]), "populations = 'A'"),
    (lambda: Network(A), "populations = Population.*use a list"),
    (lambda: Projection(["A"], "B", OneToOne(), 1.0), "source = .*name of a population"),
    (lambda: Network([A], resolution_ms="0.1"), "resolution_ms = '0.1' .*one finite number"),
    (lambda: projected(FixedIndegree(2.7)), "rule.indegree = 2.7 .*an integer >= 0"),
    (lambda: projected(FixedTotalNumber(10.5)), "rule.n = 10.5"),
    (lambda: projected(PairwiseBernoulli("0.1")), "rule.p = '0.1'"),
    (lambda: projected(PairwiseBernoulli(float("nan"))), "rule.p = nan"),
    (lambda: projected(weight="5"), "weight = '5'"),
    (lambda: driven(Poisson("A", "8", 1.0)), "rate_hz = '8'"),
    (lambda: SpikeTrain("A", ["a"], 1.0), "times_ms = .*list of numbers"),
    (lambda: Normal(mean="1", std=1.0), "mean = '1'"),
    (lambda: Network([A], recorders=[TraceRecorder("A", (1.5,))]), "recorder A.ids = 1.5"),
    (lambda: Network([A], recorders=[TraceRecorder("A", 1)]), "recorder A.ids = 1 .*use a list"),
    (
        lambda: Population("A", 4, "hodgkin_huxley"),
        "neuron model = 'hodgkin_huxley' is unknown; use iaf_psc_exp",
    ),
    (lambda: Population("A", 4, params={"tau": 1.0}), "population A.params = 'tau' .*C_m, tau_m"),
    (lambda: Population("A", 4, params={"tau_m": 0.0}), "population A.tau_m = 0.0 .*> 0 ms"),
    (lambda: Population("A", 4, params={"t_ref": -1.0}), "population A.t_ref = -1.0"),
    (lambda: Population("A", 4, params={"C_m": Normal(mean=1.0, std=1.0)}), "population A.C_m = -.*> 0 pF"),
    (lambda: Population("A", 4, params={"V_reset": -50.0}), "A.V_reset = -50.0 .*below V_th"),
    (lambda: Population("A", 2, params={"V_reset": [-65.0, -50.0], "V_th": [-55.0, -50.0]}), "V_reset = -50.0"),
    (lambda: Population("A", 2, params={"V_reset": Normal(mean=-65.0, std=9.0)}), "V_reset = -.*below V_th"),
    (lambda: Population("A", 4, params={"I_e": [1.0, 2.0]}), r"len\(population A.params.I_e\) = 2"),
    (lambda: Population("A", 4, params={"I_e": float("nan")}), "population A.params.I_e .*finite"),
    (lambda: Population("A", 4, params={"I_e": "much"}), "population A.params.I_e = 'much'"),
    (lambda: Population("A", 4, 5), "population A.model = 5"),
    (lambda: Population("A", 4, ["iaf_psc_exp"]), "population A.model = "),
    (lambda: Population("A", 4, initial={"V_m": 1e39}), "A.initial.V_m = 1e[+]39 .*which float32 can represent"),
    (lambda: Population("A", 2, initial={"V_m": [0.0, -1e31]}), "A.initial.V_m = -1e[+]31"),
    (lambda: Population("A", 4, initial={"V_m": Normal(mean=0.0, std=1e39)}), "A.initial.V_m = -"),
    (lambda: Population("A", 4, initial={"V_m": Lognormal(mean=800.0, std=0.1)}), "V_m = .*exceed float64's"),
    (lambda: projected(delay_ms=Lognormal(mean=700.0, std=1.0)), "delay_ms = Lognormal.*exceed float64's range"),
    (lambda: Network([Population("A", 4, params={"C_m": 1e-300})]), "population A.params .*p21_ex .*beyond float32"),
    (lambda: Network([Population("A", 2, params={"C_m": [250.0, 1e-45]})]), "population A.params .*C_m = 1e-45"),
    (
        lambda: Network([Population("A", 1, params={"C_m": 1e-12, "I_e": 1e28})]),
        "population A.params .*coefficient drift",
    ),
    (
        lambda: Network([Population("A", 1, params={"C_m": 1e-12})], drives=[Dc("A", 1e28)]),
        "population A.params .*coefficient drift",
    ),
    (
        lambda: Network([Population("A", 1, params={"C_m": 1e-12})], drives=[StepCurrent("A", [1.0], [-1e28])]),
        "population A.params .*coefficient drift",
    ),
    (lambda: Network([Population("A", 1, "aeif_cond_exp", {"C_m": 1e-60})]), "population A.params .*beyond float32"),
    (lambda: projected(FixedIndegree(2, allow_autapses="no")), "rule.allow_autapses = 'no' .*True or False"),
    (lambda: projected(FixedIndegree(2, allow_multapses=0)), "rule.allow_multapses = 0"),
    (lambda: projected(FixedOutdegree(2, allow_multapses=None)), "rule.allow_multapses = None"),
    (lambda: projected(FixedTotalNumber(2, allow_autapses=1)), "rule.allow_autapses = 1"),
    (lambda: projected(PairwiseBernoulli(0.1, allow_autapses="")), "rule.allow_autapses = ''"),
    (lambda: projected(AllToAll(allow_autapses="false")), "rule.allow_autapses = 'false'"),
    (lambda: Population("A", 4, initial={"W": 1.0}), "population A.initial = 'W' .*V_m"),
    (lambda: Network([]), "at least one population"),
    (lambda: Network([A, Population("A", 2)]), "population.name = 'A' .*unique"),
    (lambda: Network([A], resolution_ms=0.0), "resolution_ms = 0.0"),
    (lambda: Network([A], resolution_ms=0.00015), "resolution_ms = 0.00015"),
    (lambda: projected(source="C"), "source = 'C' .*use one of A, B"),
    (lambda: projected(target="C"), "target = 'C'"),
    (lambda: projected(rule="all"), "rule = 'all'"),
    (lambda: projected(delay_ms=0.04), r"A->B.delay_ms = 0.04 .*at least one step of 0.1 ms"),
    (lambda: projected(delay_ms=-1.0), r"A->B.delay_ms = -1.0"),
    (lambda: projected(delay_ms=Normal(mean=1.0, std=0.5)), r"delay_ms = -.*at least one step"),
    (lambda: projected(delay_ms=1001.0), r"delay_ms = 1001.0 .*at most 1000 ms"),
    (lambda: projected(weight=float("inf")), "weight"),
    (lambda: projected(weight=[1.0] * 6), "weight = 'array' .*fixed_indegree draws its edges"),
    (lambda: projected(AllToAll(), weight=[1.0] * 5), r"len\(projection A->B.weight\) = 5"),
    (lambda: projected(OneToOne()), "must equal the number of sources"),
    (lambda: projected(FixedTotalNumber(-5)), "rule.n = -5"),
    (lambda: driven(Poisson("A", -8.0, 1.0)), "drive poisson->A.rate_hz = -8.0"),
    (lambda: driven(Poisson("A", 1e9, 1.0)), "rate_hz = 1000000000.0 .*128 events per step"),
    (lambda: driven(Poisson("C", 8.0, 1.0)), "target = 'C'"),
    (lambda: driven(Poisson("A", 8.0, 1.0, delay_ms=0.01)), "delay_ms = 0.01"),
    (lambda: driven(Poisson("A", 8.0, Normal(mean=1.0, std=0.1))), "weight = .*one finite number"),
    (lambda: driven(Poisson("A", 8.0, 1.0, start_ms=5.0, stop_ms=2.0)), "stop_ms = 2.0 .*>= 5.0"),
    (lambda: driven(Poisson("A", 8.0, 1.0, start_ms=0.25)), "start_ms = 0.25 .*multiple of the resolution"),
    (lambda: driven(SpikeTrain("A", [0.0], 1.0)), "times_ms = 0.0 .*one step after 0"),
    (lambda: driven(SpikeTrain("A", [0.25], 1.0)), "times_ms = 0.25 .*multiple of the resolution"),
    (lambda: driven(Dc("A", float("nan"))), "amplitude_pa = nan"),
    (lambda: driven(Dc("P", 1.0)), "drive dc->P.target = 'P' .*no I_e"),
    (lambda: Network([A], recorders=[TraceRecorder("A", (4,))]), r"recorder A.ids = 4 .*\[0, 3\]"),
    (lambda: Network([A], recorders=[TraceRecorder("A", (0,), ("g",))]), "variables = 'g' .*V_m, I_syn_ex"),
]


@pytest.mark.parametrize(("make", "message"), WRONG)
def test_wrong_descriptions_name_field_value_and_what_is_allowed(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_a_network_is_frozen():
    network = projected()
    with pytest.raises(AttributeError):
        network.resolution_ms = 1.0
    with pytest.raises(ValueError, match="read-only"):
        Population("A", 2, params={"I_e": np.array([1.0, 2.0])}).params["I_e"][0] = 5.0


def test_numpy_integers_are_sizes_like_any_other():
    """They would wrap at their own width."""
    network = Network([Population("A", np.uint8(200)), Population("B", np.uint8(100)), Population("C", np.uint8(3))])
    assert network.first_ids == {"A": 0, "B": 200, "C": 300}
    assert network.n_neurons == 303


def test_global_ids_follow_the_order_of_the_populations():
    network = projected()
    assert network.first_ids == {"A": 0, "B": 4}
    assert network.n_neurons == 7
    assert network.expected_synapses() == 6


def test_reset_and_threshold_are_compared_neuron_by_neuron():
    Population("A", 2, params={"V_th": [-50.0, -58.0], "V_reset": [-58.0, -65.0]})


def test_initial_potential_is_the_resting_potential_unless_given():
    assert Population("A", 2, params={"E_L": -65.0}).initial_value("V_m") == -65.0
    assert Population("A", 2, initial={"V_m": -60.0}).initial_value("V_m") == -60.0


@pytest.mark.parametrize(
    ("delay_ms", "steps"),
    [(0.05, 1), (0.1, 1), (0.14, 1), (0.15, 2), (0.25, 3), (0.35, 4), (1.5, 15), (2.45, 25), (0.2496, 2)],
)
def test_delays_round_half_up(delay_ms, steps):
    assert delay_steps(delay_ms, 0.1) == steps


@pytest.mark.parametrize("name", [Member.EXCITATORY, np.str_("E"), Odd("E")])
def test_names_may_be_of_any_subclass_of_str(name):
    population = Population(name, 3, np.str_("iaf_psc_exp"), {Member.CAPACITANCE: 300.0}, {Member.POTENTIAL: -60.0})
    recorder = TraceRecorder(name, (1,), (Member.POTENTIAL,))
    network = Network([population], [Projection(name, name, OneToOne(), 1.0)], [Dc(name, 1.0)], [recorder])
    assert list(network.first_ids) == ["E"] and network.index("E") == 0
    assert network.population("E").value("C_m") == 300.0 and network.population("E").initial_value("V_m") == -60.0
    names = [population.name, population.model, *population.params, *population.initial, network.drives[0].target]
    names += [network.projections[0].source, network.projections[0].target, recorder.population, *recorder.variables]
    assert {type(text) for text in names} == {str}


@pytest.mark.parametrize(
    "name", ["L2/3".replace("/", "\u2044"), "\u0c05\u200d\u0c15", "\U0001f468\u200d\U0001f469", "a b\u00a0c"]
)
def test_names_may_have_any_visible_character(name):
    assert Network([Population(name, 3)]).first_ids == {name: 0}


@pytest.mark.parametrize("model", neuron_models.names())
def test_parameters_that_vary_widely_are_no_overflow(model):
    described = neuron_models.get(model)
    others = {"lif_discrete": "I_e", "lif_fixed_point": "bias", "izhikevich": "I_e", "parrot_neuron": None}
    varied = others.get(model, "C_m")
    params = {} if varied is None else {varied: np.array([1.0, 1e6 if varied == "C_m" else 1e3])}
    assert Network([Population("A", 2, model, params)]).n_neurons == 2 and described.name == model
