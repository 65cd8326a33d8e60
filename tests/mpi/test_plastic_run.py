"""``benchnn run`` of a plastic network on several ranks: the same weights in files, checkpoints and record."""

import json
from pathlib import Path

import pytest
from launch import benchnn, on_ranks

FAILING = Path(__file__).with_name("failing.py")
MODEL = '''
from simcore.network import FixedIndegree, Network, Poisson, Population, Projection, Uniform
from simcore.network import Stdp, StdpPowerLaw, Tsodyks2


def plastic():
    """Every kind of rule."""
    projections = [
        Projection("E", "E", FixedIndegree(9), 60.0, Uniform(low=0.5, high=3.0),
                   plasticity=Stdp(lambda_=0.1, Wmax=120.0)),
        Projection("E", "I", FixedIndegree(9), 60.0, 0.5, plasticity=Tsodyks2(tau_rec=50.0)),
        Projection("I", "E", FixedIndegree(5), -90.0, 1.0, plasticity=Stdp(lambda_=0.05, Wmax=-200.0)),
        Projection("E", "I", FixedIndegree(3), 30.0, 2.0, plasticity=StdpPowerLaw(lambda_=0.2)),
    ]
    drives = [Poisson("E", 8000.0, 90.0), Poisson("I", 6000.0, 90.0)]
    return Network([Population("E", 53), Population("I", 17)], projections, drives)
'''
COMMON = ("--time", 200, "--warmup", 20.5, "--threads", 1, "--meters", "none", "--checkpoint-every", 30)
RECORD = (
    "--record",
    "spikes",
    "--record",
    "weights:0:12.5",
    "--record",
    "weights:I->E:40",
    "--record",
    "weights:3:100",
)
SAME = ("spikes", "spike_digest", "weight_digest", "network_digest", "plasticity", "synaptic_events")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "plastic.py"
    path.write_text(MODEL)
    return f"{path}:plastic"


@pytest.fixture(scope="module")
def whole(model, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "out"
    finished = benchnn(1, "run", model, *COMMON, *RECORD, "--out", out)
    assert finished.returncode == 0, finished.stderr
    return left_in(out)


def left_in(out):
    record = json.loads((out / "result.json").read_text())
    files = {path.name: path.read_bytes() for path in out.iterdir() if path.name != "result.json"}
    return {key: record[key] for key in SAME}, files


@pytest.mark.parametrize(
    ("ranks", "options"), [(2, ("--exchange", "directed")), (3, ("--threads", 2, "--delivery", "by_source"))]
)
def test_any_ranks_leave_the_same_weights(tmp_path, model, whole, ranks, options):
    finished = benchnn(ranks, "run", model, *COMMON, *RECORD, *options, "--out", tmp_path / "out")
    assert finished.returncode == 0, finished.stderr
    assert left_in(tmp_path / "out") == whole
    record, files = whole
    assert sorted(files) == ["spikes.h5", "weights.h5"] and record["spikes"] > 100
    assert all(record["plasticity"][number]["facilitations"] > 100 for number in "023")


@pytest.mark.parametrize(
    ("fault", "rank", "before", "after"),
    [
        pytest.param("kill", 1, 3, 2, marks=pytest.mark.thorough),
        ("full-checkpoint", 0, 2, 3),
        pytest.param("full-weights", 0, 3, 1, marks=pytest.mark.thorough),
    ],
)
def test_a_run_goes_on_from_its_checkpoint_on_other_ranks(tmp_path, model, whole, fault, rank, before, after):
    out = tmp_path / "out"
    finished = on_ranks(before, FAILING, fault, rank, "run", model, *COMMON, *RECORD, "--out", out, timeout=90)
    assert finished.returncode != 0 and list((out / "checkpoints").iterdir()), finished.stderr
    assert not (out / "result.json").exists() and not list(out.rglob("*.partial"))
    finished = benchnn(after, "run", "--resume", out, "--threads", 2)
    assert finished.returncode == 0, finished.stderr
    assert left_in(out) == whole
