"""`iaf_psc_exp_reset` and the fly's brain in Brian2: named receptors, lists of edges, the trains of `simcore`."""

from dataclasses import replace

import numpy as np
import pytest

from benchnn.models import models
from benchnn.simulators import PeerJob, peers
from simcore.errors import InputError
from simcore.network import (
    BernoulliTrains,
    Column,
    EdgeFiles,
    FixedIndegree,
    InhomogeneousPoisson,
    Network,
    Normal,
    OneToOne,
    Poisson,
    PoissonTrains,
    Population,
    Projection,
    Silenced,
    SpikeRecorder,
    SpikeTrain,
    SpikeTrains,
    SurrogateConnectome,
    Uniform,
)
from simcore.simulator import Simulator
from simcore.synapses.edges import edges_in_memory

WHY_NOT = peers.unusable_because("brian2")
if WHY_NOT is not None:
    pytest.skip(WHY_NOT, allow_module_level=True)

# Brian2 calls deprecated functions of pyparsing, thousands of times.
pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("numpy_code")]
BRIAN2 = peers.get("brian2")
MODEL = "iaf_psc_exp_reset"
STEPS = 1000


def simulated(described, connectivity="exact", seed=5, steps=STEPS):
    asked = PeerJob(edges_in_memory(described), seed, 1, 0, steps, connectivity, mode="runtime")
    BRIAN2.check(asked)
    return BRIAN2.simulate(asked)


def assert_spikes_of_simcore(described, seed=5, steps=STEPS):
    """The same spikes in both; returns them."""
    found = simulated(described, seed=seed, steps=steps).spikes
    with Simulator(described, seed=seed, threads=1, precision="float64") as simulator:
        simulator.run(steps * described.resolution_ms)
        expected = simulator.spikes()
    np.testing.assert_array_equal(found.stamps, expected.stamps)
    np.testing.assert_array_equal(found.ids, expected.ids)
    return expected


def recurrent(n, drives=(), source=None):
    """Neurons of different periods that fire, and synapses of both signs on both receptors."""
    chance = np.random.default_rng(2)
    params = {"t_ref": chance.choice([0.0, 0.1, 0.2, 2.2], n), "C_m": Uniform(low=60.0, high=90.0), "I_e": 20.0}
    populations = [Population("N", n, MODEL, params, {"V_m": Normal(mean=-48.0, std=2.0, high=-45.5)})]
    projections = [
        Projection("N", "N", FixedIndegree(5), Uniform(low=10.0, high=90.0), Uniform(low=0.1, high=3.0), "syn"),
        Projection("N", "N", FixedIndegree(3), Uniform(low=-60.0, high=-10.0), 0.7, "syn"),
        Projection("N", "N", FixedIndegree(2), -15.0, 0.4, "jump"),
        Projection("N", "N", FixedIndegree(2), 25.0, 2.0, "jump"),
    ]
    if source is not None:
        populations.append(Population("S", n, source=source))
        projections.append(Projection("S", "N", OneToOne(), 120.0, 0.3, "jump"))
    return Network(populations, projections, drives, [SpikeRecorder()])


def test_every_receptor_takes_weights_of_both_signs():
    drives = [SpikeTrain("N", [1.0, 1.0, 30.0], 40.0, 0.3, "jump"), SpikeTrain("N", [9.0, 50.0], -90.0, 0.1, "syn")]
    spikes = assert_spikes_of_simcore(recurrent(60, drives))
    assert len(spikes) > 500 and len(np.unique(spikes.ids)) > 50


def test_a_bernoulli_source_sends_the_spikes_that_simcore_draws_from_the_first_step_on():
    described = recurrent(60, source=BernoulliTrains(900.0))
    spikes = assert_spikes_of_simcore(described, seed=11, steps=500)
    stamps, ids = spikes.of("S")
    assert stamps.min() == pytest.approx(0.1) and len(ids) > 1000


def test_a_given_spike_of_the_first_step_is_sent():
    described = recurrent(10, source=SpikeTrains([0.1, 0.2, 0.1, 7.0], [3, 3, 8, 9]))
    times, ids = assert_spikes_of_simcore(described, steps=300).of("S")
    assert list(zip(times.round(1).tolist(), ids.tolist(), strict=True)) == [(0.1, 3), (0.1, 8), (0.2, 3), (7.0, 9)]


@pytest.mark.parametrize("silenced", [(), (0, 3, 700)], ids=["whole", "silenced"])
def test_the_brain_of_the_fly_has_the_spikes_of_simcore(silenced):
    described = models.get("flywire")(scale=0.01, rate_hz=600.0)
    brain = described.projections[0]
    assert isinstance(brain.rule, SurrogateConnectome)
    if silenced:
        brain = replace(brain, rule=Silenced(brain.rule, silenced))
    described = replace(described, projections=[brain, *described.projections[1:]], recorders=[SpikeRecorder()])
    spikes = assert_spikes_of_simcore(described)
    # Not only those that are stimulated.
    assert len(np.unique(spikes.of("B")[1])) > 100


def test_edges_from_a_file_have_the_spikes_of_simcore(tmp_path):
    chance = np.random.default_rng(4)
    sources, targets = chance.integers(0, 40, (2, 600))
    path = str(tmp_path / "edges.npz")
    np.savez(path, source=sources, target=targets, weight=chance.integers(-60, 90, 600).astype(float))
    described = replace(
        recurrent(40, [SpikeTrain("N", [2.0, 40.0], 60.0, 0.1, "jump")]),
        projections=[Projection("N", "N", EdgeFiles(path), Column("weight"), 1.8, "syn")],
    )
    assert len(assert_spikes_of_simcore(described)) > 200


def test_statistical_drives_act_on_their_receptor():
    """Poisson input through the current or the potential: rates near those of `simcore`."""
    drives = [
        Poisson("N", 4000.0, 4.0, 0.5, receptor="syn"),
        Poisson("N", 1500.0, 6.0, 0.5, receptor="jump"),
        InhomogeneousPoisson("N", [0.0, 50.0], [0.0, 4000.0], -3.0, 0.5, receptor="jump"),
    ]
    described = Network([Population("N", 400, MODEL)], [], drives, [SpikeRecorder()])
    found = len(simulated(described, "statistical").spikes)
    with Simulator(described, seed=6, threads=1) as simulator:
        expected = sum(simulator.run(STEPS * 0.1).spikes.values())
    assert expected > 1000 and found == pytest.approx(expected, rel=0.08)


def test_statistical_sources_drive_the_brain():
    described = replace(models.get("flywire")(scale=0.01, rate_hz=600.0), recorders=[SpikeRecorder()])
    run = simulated(described, "statistical")
    spikes = assert_spikes_of_simcore(described)
    assert len(run.spikes.of("B")[0]) == pytest.approx(len(spikes.of("B")[0]), rel=0.15)
    assert any("S are silent in the first step" in difference for difference in run.differences)


def test_poisson_sources_stay_refused_with_exact_connectivity():
    with pytest.raises(InputError, match=r"S.source = 'poisson' .*exact connectivity"):
        simulated(recurrent(10, source=PoissonTrains(5.0)))


def test_nest_refuses_the_model_by_its_name():
    if peers.unusable_because("nest") is not None:
        pytest.skip(str(peers.unusable_because("nest")))
    job = PeerJob(recurrent(10), 5, 1, 0, 10)
    with pytest.raises(
        InputError, match=r"N.model = 'iaf_psc_exp_reset' .*NEST has no neuron model 'iaf_psc_exp_reset'"
    ):
        peers.get("nest").check(job)


def test_the_standalone_program_frees_only_variables_of_its_synapses():
    """Of those of neurons with the same names it has no vectors, and would not compile."""
    from benchnn.simulators.brian2.description import describe, given_edges
    from benchnn.simulators.brian2.module import apply_settings
    from benchnn.simulators.brian2.standalone import describe_runs, standalone_device

    populations = [Population("N", 5, MODEL), Population("I", 5, "izhikevich")]
    projections = [
        Projection("N", "N", FixedIndegree(2), Uniform(low=10.0, high=20.0), 1.0, "syn"),
        Projection("N", "I", FixedIndegree(2), Uniform(low=10.0, high=20.0), 1.0),
    ]
    job = PeerJob(Network(populations, projections), 1, 1, 0, 10, mode="standalone")
    with standalone_device(1) as device:
        apply_settings(job, default_flags=True)
        describe_runs(describe(job, None, given_edges(job, None)), job)
        freed = [line for line in device.code_lines["before_end"] if line.endswith(".clear();")]
    assert len(freed) == 6 and all("_synapses_" in line for line in freed)
