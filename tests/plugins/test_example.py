"""The package of docs/extending.md: each of its plug-ins is found, listed, run and recorded."""

import hashlib
import json
import re
from functools import cache

import pytest
from packages import OWN_FILE, OWN_FILES, PAGE, ROOT, shown_files

from benchnn.running.launcher import mpi_launcher
from simcore.errors import UnavailableError

RUN = ("run", "ticking", "--time", 40, "--warmup", 5, "--threads", 2, "--json", "--meters", "none")
KINDS = {
    "neuron models": "perfect_integrator",
    "drives": "periodic",
    "chips": "toy_chip",
    "accelerators": "toy_array",
    "mappers": "backwards",
    "energy meters": "board",
    "peer simulators": "plain_numpy",
    "networks": "ticking",
}


def plug_ins(record):
    return {(part["kind"], part["name"]): part for part in record["plug_ins"]}


def test_every_block_of_python_and_toml_is_a_file_that_is_installed():
    assert len(re.findall(r"```(?:python|toml|cpp)\n", PAGE)) == len(shown_files())


def test_doctor_lists_every_plug_in_with_its_origin(benchnn):
    done = benchnn("doctor")
    assert done.code == 0, done.err
    topics = {block.splitlines()[0]: block for block in done.out.split("\n\n")}
    for topic, name in KINDS.items():
        lines = [line for line in topics[topic].splitlines() if line.split()[0] == name]
        assert len(lines) == 1 and "plug-in of benchnn-example 1.0" in lines[0], topics[topic]


def test_models_chips_and_accelerators_list_them(benchnn):
    models, chips = benchnn("models"), benchnn("chips")
    assert "ticking: Perfect integrators under periodic input" in models.out
    assert "(plug-in of benchnn-example 1.0)\n  n " in models.out
    assert "\ntoy_chip  " in chips.out
    assert "made up" in benchnn("chips", "show", "toy_chip").out
    assert "\ntoy_array  " in benchnn("accelerators").out
    assert "made up" in benchnn("accelerators", "show", "toy_array").out
    assert "100 neurons" in benchnn("models", "ticking").out


def test_workloads_stand_on_accelerators_of_plug_ins(benchnn):
    for command in (("accelerate", "vgg9"), ("roofline",)):
        done = benchnn(*command, "--on", "toy_array")
        assert done.code == 0, done.err
        assert "toy_array" in done.out


@pytest.fixture(scope="module")
def record_of(python, example, tmp_path_factory):
    """Record of a run with a precision on a backend."""

    @cache
    def record(precision, backend):
        options = ("--precision", precision, "--backend", backend, "--threads", 3 if backend == "cpu" else 1)
        done = python("-m", "benchnn", *RUN, *options, sites=[example], folder=tmp_path_factory.mktemp("record"))
        assert done.code == 0, done.err
        return json.loads(done.out)

    return record


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_neuron_model_and_the_drive_are_the_same_on_all_backends(record_of, precision):
    records = [record_of(precision, backend) for backend in ("oracle", "cpu")]
    assert records[0]["spikes"] > 100 and records[0]["synaptic_events"] > 1000
    assert len({record["spike_digest"] for record in records}) == 1
    assert len({record["network_digest"] for record in records}) == 1


PERFECT = """
import numpy as np
from benchnn_example.drive import Periodic
from simcore.network import Network, Population, SpikeRecorder, StepCurrent, TraceRecorder, Uniform
from simcore.simulator import Simulator

def simulated(population, drives, ms, backend="cpu", precision="float64"):
    recorders = [SpikeRecorder(), TraceRecorder("A", range(population.size))]
    with Simulator(
        Network([population], [], drives, recorders), backend=backend, threads=2, precision=precision
    ) as simulator:
        simulator.run(ms)
        return simulator.spikes(), np.array(list(simulator.traces().values()))

def times(population, drives, ms=200.0):
    return simulated(population, drives, ms)[0].times_ms.tolist()

# 15 mV at 250 pA / 250 pF = 1 mV/ms.
found = times(Population("A", 1, "perfect_integrator", {"I_e": 250.0}), [])
assert np.allclose(np.diff(found), 15.0, atol=0.11) and len(found) == 13, found
# 4 events of 4 mV every 10 ms pass 15 mV; the first is stamped 10 ms and arrives 2 ms later.
found = times(Population("A", 2, "perfect_integrator"), [Periodic("A", 10.0, 4.0, 2.0)])
assert found == [42.0, 42.0, 82.0, 82.0, 122.0, 122.0, 162.0, 162.0], found
# Currents that change act, too, from the delay of 1 ms on.
found = times(Population("A", 1, "perfect_integrator"), [StepCurrent("A", [30.0], [250.0])], ms=60.0)
assert len(found) == 1 and abs(found[0] - 46.0) < 0.11, found

# The same bits on both backends.
varied = {"I_e": np.linspace(0.0, 900.0, 30), "V_th": Uniform(low=-60.0, high=-50.0)}
drives = [Periodic("A", 3.0, 2.5), Periodic("A", 7.0, -1.0), StepCurrent("A", [25.0], [99.0])]
for parameters in (varied, {"I_e": 123.0}):
    for precision in ("float32", "float64"):
        described = Population("A", 30, "perfect_integrator", parameters)
        (spikes, traces), (expected, exactly) = (
            simulated(described, drives, 50.0, backend, precision) for backend in ("cpu", "oracle")
        )
        assert spikes.stamps.tolist() == expected.stamps.tolist() and spikes.ids.tolist() == expected.ids.tolist()
        assert len(spikes) > 100 and np.array_equal(traces, exactly)
"""


def test_the_equations_are_those_that_are_stated(python, example, tmp_path):
    done = python("-c", PERFECT, sites=[example], folder=tmp_path)
    assert done.code == 0, done.err


def test_the_record_names_distribution_version_and_sources(record_of, example):
    parts = plug_ins(record_of("float32", "cpu"))
    assert list(parts) == [("drive", "periodic"), ("model", "ticking"), ("neuron model", "perfect_integrator")]
    sha = hashlib.sha256()
    for path in sorted((example / "benchnn_example").glob("*.*"), key=lambda path: path.name):
        if path.suffix in (".py", ".toml"):
            content = path.read_bytes()
            sha.update(f"benchnn_example/{path.name}\0{len(content)}\0".encode() + content)
    for part in parts.values():
        assert (part["distribution"], part["version"]) == ("benchnn-example", "1.0")
        assert part["source_sha256"] == sha.hexdigest()


def test_chip_and_mapper_are_used_and_recorded(benchnn):
    done = benchnn(*RUN, "--chip", "toy_chip", "--mapper", "backwards")
    assert done.code == 0, done.err
    record = json.loads(done.out)
    assert (record["chip"]["name"], record["chip"]["mapper"], record["chip"]["cores"]) == ("toy_chip", "backwards", 4)
    assert {("chip", "toy_chip"), ("mapper", "backwards")} < set(plug_ins(record))


def test_the_meter_is_read_and_recorded_where_it_is_named(benchnn, tmp_path):
    (tmp_path / "run/board").mkdir(parents=True)
    (tmp_path / "run/board/power_w").write_text("50.0\n")
    named = benchnn(*RUN, "--meters", "board", "--idle", 0, "--out", "named", BENCHNN_SYSTEM_ROOT=tmp_path)
    assert named.code == 0, named.err
    record = json.loads(named.out)
    assert record["energy"]["mean_power_w"] == pytest.approx(50.0, rel=0.2)
    assert ("meter", "board") in plug_ins(record)
    auto = benchnn(*RUN, "--meters", "auto", "--idle", 0, "--out", "auto", BENCHNN_SYSTEM_ROOT=tmp_path)
    assert json.loads(auto.out)["energy"] is None


def test_the_peer_simulates_the_same_network(benchnn, record_of):
    own = record_of("float64", "cpu")
    done = benchnn(*RUN, "--simulator", "plain_numpy", "--connectivity", "exact", "--out", "peer")
    assert done.code == 0, done.err
    peer = json.loads(done.out)
    assert peer["simulator"]["name"] == "plain_numpy" and peer["spikes"] == own["spikes"] > 0
    assert peer["spike_digest"] == own["spike_digest"]
    assert ("simulator", "plain_numpy") in plug_ins(peer)


def test_unknown_names_are_answered_with_those_of_plug_ins(benchnn):
    assert "plain_numpy" in benchnn("run", "ticking", "--simulator", "plain_nunpy").refusal
    assert "ticking; for your own model, use FILE.py:FUNCTION" in benchnn("run", "tickling").refusal
    assert "board" in benchnn("run", "ticking", "--meters", "bored").refusal
    assert "backwards" in benchnn("run", "ticking", "--chip", "toy_chip", "--mapper", "forwards").refusal
    assert "toy_chip" in benchnn("run", "ticking", "--chip", "joy_chip").refusal


def test_a_gpu_kernel_that_is_not_there_is_reported(python, example, tmp_path):
    code = """
from benchnn_example.drive import Periodic
from benchnn_example.network import ticking
from simcore.backends.gpu.source import check_kernels
from simcore.errors import InputError
from simcore.network import Network, Population

for network in (ticking(), Network([Population("B", 1)], drives=[Periodic("B", 5.0, 1.0)])):
    try:
        check_kernels(network)
    except InputError as error:
        print(error)
"""
    done = python("-c", code, sites=[example], folder=tmp_path)
    model, drive = done.out.splitlines()
    assert "population A.model = 'perfect_integrator'" in model and "no GPU kernel" in model
    assert "drive periodic->B.name = 'periodic'" in drive and "no GPU kernel" in drive


def test_a_file_of_ones_own_runs_from_every_folder(benchnn, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / OWN_FILE).write_text(shown_files()[OWN_FILE])
    (tmp_path / "my_mapper.py").write_text("from mappers_of_mine import deal\n")
    (tmp_path / "mappers_of_mine.py").write_text(
        shown_files()["benchnn_example/mapper.py"].replace("map_backwards", "deal")
    )
    records = []
    for backend in ("cpu", "oracle"):
        chip = ("--chip", "toy_chip", "--mapper", "my_mapper.py:deal")
        command = ("run", f"elsewhere/{OWN_FILE}:counting", *RUN[2:], "--backend", backend, "--out", backend, *chip)
        done = benchnn(*command)
        assert done.code == 0, done.err
        records.append(json.loads(done.out))
    assert records[0]["spikes"] == 400
    assert records[0]["spike_digest"] == records[1]["spike_digest"]
    parts = plug_ins(records[0])
    assert set(parts) == {("chip", "toy_chip"), ("mapper", "my_mapper.py:deal"), ("neuron model", "mine.py:COUNTER")}
    assert parts["neuron model", "mine.py:COUNTER"]["distribution"] is None


EMULATED = """
import sys
sys.path.append(sys.argv[1])
import emulation
from benchnn.model_source import describe_network, find_model
from simcore.backends import backends
from simcore.registry import Entry
from simcore.simulator import Simulator

if emulation.COMPILER is None:
    sys.exit("there is no g++")
backends._entries["gpu"] = Entry("emulation:BACKEND")
network = describe_network(find_model("mine.py:counting"), {"n": 7})
for backend in ("gpu", "oracle"):
    with Simulator(network, backend=backend, threads=1) as simulator:
        print(simulator.run(30.0).spike_digest, simulator.network_digest)
"""


def test_a_gpu_kernel_beside_a_file_of_ones_own_gives_the_same_bits(python, tmp_path):
    for name in OWN_FILES:
        (tmp_path / name).write_text(shown_files()[name])
    done = python("-c", EMULATED, ROOT / "tests" / "gpu", folder=tmp_path)
    if "there is no g++" in done.err:
        pytest.skip("gpu: there is no g++ to emulate one")
    assert done.code == 0, done.err
    first, second = done.out.splitlines()
    assert first == second and not first.startswith("0" * 32)


def test_ranks_share_a_plug_in(python, record_of, example, tmp_path):
    try:
        launcher, environment = mpi_launcher()
    except UnavailableError as error:
        pytest.skip(f"MPI: {error}")
    words = " ".join(launcher).format(ranks=2).split()
    code = f"import subprocess, sys; sys.exit(subprocess.call({words} + [sys.executable] + sys.argv[1:]))"
    done = python("-c", code, "-m", "benchnn", *RUN, "--threads", 1, sites=[example], folder=tmp_path, **environment)
    assert done.code == 0, done.err
    record = json.loads(done.out)
    assert record["layout"]["ranks"] == 2
    assert record["spike_digest"] == record_of("float32", "cpu")["spike_digest"]
