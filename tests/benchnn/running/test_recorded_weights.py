"""Runs of plastic networks: when weights are recorded, what the record says of them, and runs that are stopped."""

import json
import signal
from types import SimpleNamespace

import numpy as np
import pytest

import benchnn as package
from benchnn.record.plasticity import RULE_WITHOUT_WEIGHTS, UPDATES
from benchnn.running import slices
from benchnn.running.requests import recorded_weights
from benchnn.running.storage import Storage
from benchnn.running.weights import WeightStorage
from simcore.errors import InputError
from simcore.network import FixedIndegree, Network, Population, Projection, Stdp, Tsodyks2
from simcore.recording.weights_file import read_weights
from simcore.simulator import Simulator
from simcore.synapses.plastic import PlasticWeights
from tests.simcore.neuromorphic.ranks_in_threads import Ranks

MODEL = '''
from simcore.network import FixedIndegree, Network, Poisson, Population, Projection, Stdp, StdpPowerLaw, Tsodyks2


def plastic(rules: bool = True):
    """Every kind of rule onto E, whose neurons are driven."""
    def rule(chosen):
        return chosen if rules else None

    projections = [
        Projection("E", "I", FixedIndegree(4), 200.0, 0.5),
        Projection("E", "E", FixedIndegree(5), 200.0, 1.5, plasticity=rule(Stdp(lambda_=0.2, Wmax=300.0))),
        Projection("I", "E", FixedIndegree(3), -300.0, 1.0,
                   plasticity=rule(Stdp(lambda_=0.1, mu_plus=0.0, mu_minus=0.0, Wmax=-320.0))),
        Projection("E", "I", FixedIndegree(2), 150.0, 1.0, plasticity=rule(Tsodyks2())),
        Projection("E", "E", FixedIndegree(2), 20.0, 1.0, plasticity=rule(StdpPowerLaw(lambda_=0.5, ceiling=21.0))),
    ]
    drives = [Poisson("E", 9000.0, 200.0), Poisson("I", 7000.0, 200.0)]
    return Network([Population("E", 20, tau_minus=30.0), Population("I", 6)], projections, drives)
'''
WARMUP_STEPS, STEPS = 45, 150
COMMON = ("plastic.py:plastic", "--backend", "oracle", "--meters", "none", "--warmup", 4.5, "--time", 15)
RECORD = ("--record", "weights:E->E:2", "--record", "weights:I->E:1.5", "--record", "spikes")
REQUESTS = ("--record", "weights:1:2", "--record", "weights:2:1.5", "--record", "spikes")
SAME = ("spikes", "spike_digest", "weight_digest", "plasticity", "synaptic_events")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plastic.py").write_text(MODEL)
    return tmp_path


@pytest.fixture
def run(benchnn, home):
    """Run the network into a folder."""

    def call(*arguments, out="out"):
        return benchnn("run", *COMMON, "--out", out, "--json", *arguments)

    return call


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "result.json"}


# --- the file ----------------------------------------------------------------------------------------------------


def test_weights_are_those_of_a_simulator_at_these_times(run, home):
    assert run(*REQUESTS).code == 0
    recorded = read_weights(home / "out" / "weights.h5")
    assert {number: one.times_ms.tolist() for number, one in recorded.items()} == {
        1: [6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0],
        2: [4.5, 6.0, 7.5, 9.0, 10.5, 12.0, 13.5, 15.0, 16.5, 18.0, 19.5],
    }
    with Simulator(described(), backend="oracle") as simulator:
        for time_ms in (6.0, 7.5):
            simulator.run(time_ms - simulator.time_ms)
            for number, one in recorded.items():
                if time_ms not in one.times_ms:
                    continue
                own = simulator.weights(number)
                row = one.times_ms.tolist().index(time_ms)
                assert np.array_equal(one.integers[row], own.units)
                np.testing.assert_allclose(one.weights[row], own.weights, rtol=1e-15)
                first_source = simulator.network.first_ids[one.source]
                assert np.array_equal(one.sources + first_source, own.sources)
                assert np.array_equal(one.targets, own.targets) and (one.target, one.unit) == ("E", "pA")
                np.testing.assert_allclose(one.delays_ms, own.delays_ms)
    assert not np.array_equal(recorded[1].integers[0], recorded[1].integers[-1])


def test_an_interval_in_which_nothing_is_recorded_is_refused(run, home):
    done = run("--record", "weights:1:1000")
    assert done.code == 2 and "it must have a multiple between" in done.err
    assert not (home / "out").exists()


def described(**parameters):
    space = {}
    exec(MODEL, space)  # noqa: S102 - the text above
    return space["plastic"](**parameters)


def test_recording_changes_nothing(run, home):
    recorded, plain = run(*REQUESTS).record, run("--record", "spikes", out="plain").record
    assert {key: recorded[key] for key in SAME} == {key: plain[key] for key in SAME}
    assert (home / "out" / "spikes.h5").read_bytes() == (home / "plain" / "spikes.h5").read_bytes()
    assert sorted(files(home / "out")) == ["spikes.h5", "weights.h5"]
    assert sorted(files(home / "plain")) == ["spikes.h5"]


def test_without_a_warm_up_the_weights_of_the_description_come_first(run, home):
    assert run("--record", "weights:1:5", "--warmup", 0, "--time", 12).code == 0
    one = read_weights(home / "out" / "weights.h5")[1]
    assert one.times_ms.tolist() == [0.0, 5.0, 10.0]
    assert set(one.weights[0]) == {200.0} and len(set(one.weights[2])) > 10


def test_python_reads_what_it_recorded(home):
    options = {"backend": "oracle", "meters": "none", "progress": False, "time_ms": 4, "warmup_ms": 0}
    left = package.run("plastic.py:plastic", record="weights:1:2", **options)
    assert left.weights[1].integers.shape == (3, 100)
    left = package.run("plastic.py:plastic", record="spikes", **options)
    with pytest.raises(
        InputError, match="does not contain weights; record them with record='weights:PROJECTION:EVERY_MS'"
    ):
        _ = left.weights


def test_an_earlier_file_is_replaced_or_removed(run, home):
    run("--record", "weights:1:5", "--time", 1)
    assert "already contains a result" in run("--time", 1).refusal
    (home / "out" / "result.json").unlink()
    assert "already contains a result" in run("--time", 1).refusal
    assert run("--overwrite", "--time", 1).code == 0
    assert files(home / "out") == {}


# --- what is asked for -------------------------------------------------------------------------------------------


def two_alike():
    kinds = [Stdp(Wmax=9.0), None, Stdp(Wmax=9.0), Tsodyks2()]
    projections = [Projection("A", "A", FixedIndegree(1), 1.0, plasticity=kind) for kind in kinds]
    return Network([Population("A", 3), Population("B->C", 2)], projections)


def test_requests_name_projections():
    network = described()
    assert recorded_weights(network, ["weights:2:2.5", "spikes", "V_m:E:0"]) == {2: 25}
    assert recorded_weights(network, ["weights:I->E:1e1", "weights:2:10.0"]) == {2: 100}
    assert recorded_weights(two_alike(), ["weights:2:0.1", "weights:0:1"]) == {2: 1, 0: 10}


@pytest.mark.parametrize(
    ("network", "request_", "message"),
    [
        (two_alike(), "weights:A->A:1", r"the plastic projections are 0 \(A->A\), 2 \(A->A\)"),
        (two_alike(), "weights:1:1", "the plastic projections are 0"),
        (two_alike(), "weights:3:1", "the plastic projections are 0"),
        (two_alike(), "weights:-1:1", "the plastic projections are 0"),
        (two_alike(), "weights:0", "must be weights:PROJECTION:EVERY_MS"),
        (two_alike(), "weights:0:", "must be weights:PROJECTION:EVERY_MS"),
        (two_alike(), "weights:0:inf", "must be weights:PROJECTION:EVERY_MS"),
        (two_alike(), "weights:0:0", r"must be in \[0\.1, 1e9\] ms"),
        (two_alike(), "weights:0:1e30", r"must be in|multiple"),
        (two_alike(), "weights:0:0.25", "must be a multiple of the resolution 0.1 ms"),
        (described(rules=False), "weights:0:1", "this network does not have plastic weights"),
    ],
)
def test_requests_that_cannot_be_met_are_refused(network, request_, message):
    with pytest.raises(InputError, match=f"record = '{request_}'.*{message}"):
        recorded_weights(network, [request_])


def test_a_projection_has_one_interval():
    with pytest.raises(InputError, match="must have the same interval"):
        recorded_weights(two_alike(), ["weights:0:1", "weights:0:2"])


def test_peers_record_no_weights(benchnn, home):
    pytest.importorskip("nest")
    asked = ("plastic.py:plastic", "--simulator", "nest", "--record", "weights:1:1", "--out", "out")
    assert "only simcore records weights" in benchnn("run", *asked).refusal


# --- the record --------------------------------------------------------------------------------------------------


def test_the_record_tells_of_every_plastic_projection(run, home):
    record = run("--record", "weights:1:0.5", "--record", "weights:2:0.5", "--record", "weights:4:0.5").record
    with Simulator(described(), backend="oracle") as simulator:
        simulator.run(4.5)
        before = {number: simulator.plastic_counts(number) for number in (1, 2, 4)}
        simulator.run(15.0)
        assert record["weight_digest"] == simulator.weight_digest
        after = {number: simulator.plastic_counts(number) for number in (1, 2, 4)}
    assert list(record["plasticity"]) == ["1", "2", "3", "4"]
    for number, one in read_weights(home / "out" / "weights.h5").items():
        entry, last = record["plasticity"][str(number)], one.weights[-1]
        assert one.times_ms[-1] == 19.5
        assert (entry["synapses"], entry["weight_unit"]) == (len(last), "pA")
        assert entry["lsb"] == one.factor * 2**15
        for name, value in {"mean": last.mean(), "sd": last.std(), "min": last.min(), "max": last.max()}.items():
            assert entry[name] == pytest.approx(value, rel=1e-12), name
        updates = {name: getattr(after[number], name) - getattr(before[number], name) for name in UPDATES}
        assert {name: entry[name] for name in UPDATES} == updates
        assert updates["facilitations"] > 0 < updates["depressions"]
    assert record["plasticity"]["2"]["clipped"] > 0 == record["plasticity"]["2"]["saturated"]
    assert record["plasticity"]["4"]["saturated"] > 0
    first = record["plasticity"]["1"]
    assert (first["projection"], first["rule"]) == ("E->E", "stdp_synapse")
    assert (first["parameters"]["lambda_"], first["parameters"]["tau_minus"]) == (0.2, 30.0)
    resources = record["plasticity"]["3"]
    assert (resources["rule"], resources["parameters"]["tau_rec"]) == ("tsodyks2_synapse", 800.0)
    for name in ("mean", "sd", "min", "max", *UPDATES):
        assert resources[name] is None and RULE_WITHOUT_WEIGHTS in record["reasons"][f"plasticity.3.{name}"]


def test_a_static_network_has_no_plasticity(run):
    record = run("--param", "rules=false").record
    assert record["weight_digest"] is None is record["plasticity"]
    for key in ("weight_digest", "plasticity"):
        assert record["reasons"][key] == "the network does not have plastic projections"


def test_the_summary_has_a_line_for_each_projection(benchnn, home):
    lines = benchnn("run", *COMMON, "--out", "out").out.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("plastic projection"))
    assert [line.split()[:2] for line in lines[start + 1 : start + 5]] == [
        ["E->E", "stdp_synapse"],
        ["I->E", "stdp_synapse"],
        ["E->I", "tsodyks2_synapse"],
        ["E->E", "stdp_pl_synapse_hom"],
    ]
    assert "clipped" in lines[start + 2] and "saturated" in lines[start + 4]
    assert any(line.startswith("weight digest") for line in lines)


# --- runs that are stopped ---------------------------------------------------------------------------------------


@pytest.fixture
def stop_at(run, monkeypatch):
    """Run, and send itself a signal after some step."""

    def call(step, *arguments, run=run, **named):
        after_slice = Storage.after_slice

        def then_signal(self, reached):
            after_slice(self, reached)
            if self._simulator.step == step:
                signal.raise_signal(signal.SIGTERM)

        with monkeypatch.context() as patched:
            patched.setattr(slices, "FIRST_SLICE_STEPS", 1)
            patched.setattr(slices, "SLICE_S", 0.0)
            patched.setattr(Storage, "after_slice", then_signal)
            return run(*arguments, **named)

    return call


@pytest.mark.parametrize("step", [1, WARMUP_STEPS, 60, 61, WARMUP_STEPS + STEPS - 1])
def test_a_stopped_run_resumes_to_the_same_files_and_counts(stop_at, run, benchnn, home, step):
    whole = run(*REQUESTS, out="whole").record
    assert stop_at(step, *REQUESTS).code == 1
    assert "weights.parts" in files_and_folders(home / "out")
    recorded = read_weights(home / "out" / "weights.h5")
    assert all(time_ms <= step * 0.1 + 1e-9 for one in recorded.values() for time_ms in one.times_ms)
    record = benchnn("run", "--resume", "out", "--json").record
    assert {key: record[key] for key in SAME} == {key: whole[key] for key in SAME}
    assert files(home / "out") == files(home / "whole")


def files_and_folders(folder):
    return sorted(path.name for path in folder.iterdir())


def test_weights_recorded_after_the_checkpoint_are_recorded_again(stop_at, run, benchnn, home):
    run(*REQUESTS, out="whole")
    stop_at(130, *REQUESTS, "--checkpoint-every", 7)
    (home / "out" / "checkpoints" / "step-000000000130.h5").unlink()
    part = home / "out" / "weights.parts" / "weights-000001-000000000080.part"
    assert part.exists()
    assert benchnn("run", "--resume", "out").code == 0
    assert files(home / "out") == files(home / "whole")


@pytest.mark.parametrize("damage", ["weights-000001-000000000060.part", "synapses-000002.part"])
def test_a_run_whose_recorded_weights_are_lost_is_not_resumed(stop_at, benchnn, home, damage):
    stop_at(100, *REQUESTS)
    path = home / "out" / "weights.parts" / damage
    path.write_bytes(path.read_bytes()[:-1] + b"\0\0")
    assert damage in benchnn("run", "--resume", "out").refusal
    path.unlink()
    assert damage in benchnn("run", "--resume", "out").refusal


@pytest.mark.parametrize("updates", [3, {"1": 3}, {"x": {}}, {"1": dict.fromkeys(UPDATES, -1)}])
def test_crafted_counts_of_a_checkpoint_are_refused(updates):
    from benchnn.running.plasticity import updates_of

    with pytest.raises(InputError, match="the checkpoint c: plasticity"):
        updates_of(json.loads(json.dumps(updates)), "the checkpoint c: plasticity")


# --- ranks -------------------------------------------------------------------------------------------------------


def storage_on(comm, folder, in_degree=3):
    """A `WeightStorage` of one rank over weights that are made up."""
    network = Network(
        [Population("A", 4), Population("B", 11)],
        [Projection("A", "B", FixedIndegree(in_degree), 1.0, plasticity=Stdp(Wmax=2.0))],
    )
    targets = np.repeat(np.arange(4, 15), in_degree)
    own = targets % comm.size == comm.rank
    numbers = np.arange(len(targets), dtype=np.int32)
    weights = PlasticWeights((numbers % 4).astype(np.int64)[own], targets[own], numbers[own] + 1, numbers[own] * 1000)
    with Simulator(network, backend="oracle") as real:
        tables = real.plan.tables
    engine = SimpleNamespace(weights=lambda projection: weights)
    plan = SimpleNamespace(tables=tables)
    simulator = SimpleNamespace(comm=comm, network=network, engine=engine, plan=plan, step=0)
    return WeightStorage(folder, simulator, {0: 10}, 0), simulator


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_any_ranks_write_the_same_file(tmp_path, ranks):
    def on_rank(comm):
        storage, simulator = storage_on(comm, tmp_path)
        problems = [storage.begin()]
        for simulator.step in range(1, 31):
            problems.append(storage.record())
        if comm.rank == 0:
            storage.write(tmp_path / "weights.h5")
        return problems

    assert not any(problem for problems in Ranks(ranks).run(on_rank) for problem in problems)
    one = read_weights(tmp_path / "weights.h5")[0]
    assert one.times_ms.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert one.targets.tolist() == np.repeat(np.arange(11), 3).tolist()
    assert one.integers.tolist() == [[1000 * number for number in range(33)]] * 4


def test_all_ranks_hear_that_rank_0_cannot_write(tmp_path):
    (tmp_path / "weights.parts").write_text("in the way")
    problems = Ranks(3).run(lambda comm: storage_on(comm, tmp_path)[0].begin())
    assert all("cannot" in str(problem) and "weights.parts" in str(problem) for problem in problems)
