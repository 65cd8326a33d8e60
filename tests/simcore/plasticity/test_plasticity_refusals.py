"""Rules that cannot be are refused with one sentence, before anything is built."""

import numpy as np
import pytest

from simcore.errors import InputError
from simcore.network import (
    AllToAll,
    FixedIndegree,
    Network,
    Normal,
    Population,
    Projection,
    Stdp,
    StdpPowerLaw,
    Tsodyks2,
)
from simcore.simulator import Simulator

E = Population("E", 10)


def network(rule, weight=50.0, delay_ms=1.0, target=E, resolution_ms=0.1):
    populations = [E] if target is E else [E, target]
    return Network(populations, [Projection("E", target.name, AllToAll(), weight, delay_ms, None, rule)],
                   resolution_ms=resolution_ms)  # fmt: skip


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Stdp(mu_plus=1.5), r"stdp_synapse.mu_plus = 1.5 is not allowed: must be in \[0, 1\]"),
        (lambda: Stdp(mu_minus=-0.1), "stdp_synapse.mu_minus"),
        (lambda: Stdp(lambda_=-0.1), "stdp_synapse.lambda_"),
        (lambda: Stdp(alpha=float("nan")), "stdp_synapse.alpha"),
        (lambda: Stdp(tau_plus=0.0), "stdp_synapse.tau_plus = 0.0 is not allowed: must be > 0"),
        (lambda: Stdp(Wmax=0.0), "stdp_synapse.Wmax"),
        (lambda: Stdp(Wmax="100"), "stdp_synapse.Wmax"),
        (lambda: Stdp(lambda_=[0.1, 0.2]), "use one number for all synapses of the projection"),
        (lambda: Stdp(lambda_=np.ones(3)), "use one number for all synapses of the projection"),
        (lambda: Stdp(axonal_delay_ms=-1.0), "stdp_synapse.axonal_delay_ms"),
        (lambda: Stdp(Wmaxx=1.0), "Stdp has no argument 'Wmaxx'; did you mean Wmax"),
        (lambda: StdpPowerLaw(ceiling=0.0), "stdp_pl_synapse_hom.ceiling"),
        (lambda: StdpPowerLaw(mu=2.0), "stdp_pl_synapse_hom.mu"),
        (lambda: Tsodyks2(U=1.1), r"tsodyks2_synapse.U = 1.1 is not allowed: must be in \[0, 1\]"),
        (lambda: Tsodyks2(tau_rec=0.0), "tsodyks2_synapse.tau_rec"),
        (lambda: Tsodyks2(tau_fac=-1.0), "tsodyks2_synapse.tau_fac"),
        (lambda: network("stdp_synapse"), r"E->E.plasticity = 'stdp_synapse' is not allowed: use a rule of"),
        (lambda: network(Stdp), "use a rule of simcore.plasticity"),
        (lambda: network(Stdp(Wmax=40.0)), r"E->E.weight = 50.0 is not allowed: .* between 0 and Wmax = 40"),
        (lambda: network(Stdp(), -1.0), r"E->E.weight = -1.0 is not allowed: .* between 0 and Wmax = 100"),
        (lambda: network(Stdp(Wmax=-40.0), 1.0), "between 0 and Wmax = -40"),
        (lambda: network(Stdp(), Normal(mean=0.0, std=1.0)), r"E->E.weight"),
        (lambda: network(StdpPowerLaw(), -1.0), "must be >= 0 for stdp_pl_synapse_hom"),
        (lambda: network(StdpPowerLaw(ceiling=20.0)), "at most the ceiling, 20"),
        (lambda: network(Stdp(axonal_delay_ms=1.0)), "axonal_delay_ms = 1.0 .* at least one step"),
        (lambda: network(Stdp(tau_plus=1e9)), r"plasticity.tau_plus = .*e\+09|plasticity.tau_plus = 1000000000.0"),
        (
            lambda: network(Stdp(), target=Population("R", 5, "parrot_neuron")),
            "synapses onto parrot_neuron have no weight",
        ),
        (lambda: Population("E", 10, params={"tau_minus": 0.0}), "population E.tau_minus = 0.0"),
        (lambda: Population("E", 10, tau_minus=[1.0] * 10), "population E.tau_minus"),
        (lambda: network(Stdp(), target=Population("T", 5, tau_minus=1e9)), "population T.tau_minus"),
    ],
)
def test_descriptions_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize("rule", [Stdp(), StdpPowerLaw(), Tsodyks2()])
def test_wide_weights_are_refused(rule):
    with pytest.raises(InputError, match=r"weight_bits with projection E->E.plasticity = 32 .* 8 or 16 bits"):
        Simulator(network(rule), weight_bits=32, backend="oracle")


def test_initial_weights_that_the_grid_moves_too_far_are_refused():
    # The grid reaches up to Wmax.
    with pytest.raises(InputError, match="weights would become 0"):
        Simulator(network(Stdp(Wmax=1e6), 1.0), backend="oracle")


def test_plasticity_does_not_change_what_a_static_network_is():
    static = Network([E], [Projection("E", "E", FixedIndegree(3), 50.0, 1.0)])
    named = Network([Population("E", 10, params={"tau_minus": 20.0})], static.projections)
    with Simulator(static, backend="oracle") as one, Simulator(named, backend="oracle") as other:
        assert one.network_digest == other.network_digest
        assert one.weight_digest is None


def test_other_parameters_are_another_network():
    digests = set()
    for rule in (None, Stdp(), Stdp(lambda_=0.02), Stdp(axonal_delay_ms=0.1), StdpPowerLaw(ceiling=100.0), Tsodyks2()):
        with Simulator(network(rule), backend="oracle") as simulator:
            digests.add(simulator.network_digest)
    with Simulator(network(Stdp(), target=Population("T", 5, tau_minus=19.0)), backend="oracle") as simulator:
        digests.add(simulator.network_digest)
    assert len(digests) == 7


def test_the_overview_of_a_network_names_its_rules():
    text = str(network(StdpPowerLaw()))
    assert "plasticity" in text and "stdp_pl_synapse_hom" in text
    assert "plasticity" not in str(network(None))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: network(Stdp(tau_plus=5e-324)), "plasticity.tau_plus = 5e-324"),
        (
            lambda: network(Tsodyks2(tau_rec=1e-9)),
            r"plasticity.tau_rec = 1e-09 is not allowed: must be in .*0.001 to 1048576 steps",
        ),
        (lambda: network(Stdp(), target=Population("T", 5, tau_minus=5e-324)), "population T.tau_minus"),
        (lambda: StdpPowerLaw(lambda_=1e200), "stdp_pl_synapse_hom.lambda_ = 1e"),
        (lambda: Stdp(alpha=1e308), "stdp_synapse.alpha = 1e"),
        (lambda: Population("E", 1, params={"tau_minus": 15.0}, tau_minus=33.0), "has 15; give it only once"),
    ],
)
def test_extreme_parameters_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_a_wmax_that_the_grid_does_not_hold_is_refused():
    both = [Projection("E", "E", AllToAll(), 0.0, 1.0, None, Stdp(Wmax=1e-3)), Projection("E", "E", AllToAll(), 100.0)]
    with pytest.raises(InputError, match=r"stdp_synapse.Wmax = 0.001 .* changes the value by more than 1 %"):
        Simulator(Network([E], both), backend="oracle")


def test_advice_on_weights_is_possible_with_plasticity():
    with pytest.raises(InputError, match="weights would become 0; use larger weights, or a smaller Wmax"):
        Simulator(network(Stdp(Wmax=1e9), 400.0), backend="oracle")
