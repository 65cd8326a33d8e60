"""Which version of a plug-in made a result: a checkpoint of another one is refused, with both stated."""

import json

import pytest
from packages import OWN_FILES, install, shown_files

STOPPED = """
import signal, sys
from benchnn.cli import main
from benchnn.running import slices
from benchnn.running.storage import Storage

slices.FIRST_SLICE_STEPS, slices.SLICE_S = 1, 0.0
after_slice = Storage.after_slice

def then_stop(self, reached):
    after_slice(self, reached)
    if self._simulator.step == 137:
        signal.raise_signal(signal.SIGTERM)

Storage.after_slice = then_stop
sys.exit(main(sys.argv[1:]))
"""
RUN = ("run", "ticking", "--time", 30, "--warmup", 5, "--threads", 1, "--backend", "oracle", "--meters", "none")


@pytest.fixture
def package(tmp_path):
    """Install the package of the page with one file changed: ``package("pyproject.toml", "1.0", "1.1")``."""

    def changed(name, *change):
        site = tmp_path / "site-of-another"
        for path, content in shown_files().items():
            if path not in OWN_FILES:
                (tmp_path / "other" / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / "other" / path).write_text(content.replace(*change) if path == name else content)
        install(tmp_path / "other", site)
        return site

    return changed


@pytest.fixture
def resume(python, example, tmp_path):
    """Stop a run, and return a function that resumes it with the packages of a folder."""
    stopped = python("-c", STOPPED, *RUN, "--out", "out", sites=[example], folder=tmp_path)
    assert stopped.code == 1 and (tmp_path / "out/checkpoints").exists(), stopped.err
    command = ("-m", "benchnn", "run", "--resume", "out", "--json")
    return lambda site: python(*command, sites=[site], folder=tmp_path)


def test_a_run_resumes_with_the_same_plug_ins(resume, example, benchnn):
    whole = json.loads(benchnn(*RUN, "--out", "whole", "--json").out)
    resumed = resume(example)
    assert resumed.code == 0, resumed.err
    record = json.loads(resumed.out)
    assert record["spike_digest"] == whole["spike_digest"] and record["spikes"] > 0
    assert record["plug_ins"] == whole["plug_ins"] and len(whole["plug_ins"]) == 3


def test_another_version_of_a_plug_in_is_refused(resume, package):
    refusal = resume(package("pyproject.toml", 'version = "1.0"', 'version = "1.1"')).refusal
    assert "'benchnn-example 1.0, sources " in refusal and "'benchnn-example 1.1, sources " in refusal


def test_other_sources_of_the_same_version_are_refused(resume, package):
    refusal = resume(package("benchnn_example/mapper.py", "Fills the cores", "Fills all cores")).refusal
    before, now = refusal.split("is from a run with ")[1].split(", but this run has ")
    assert before.split("'")[1] != now.split("'")[1]
    assert "benchnn-example 1.0" in before and "benchnn-example 1.0" in now


OWN_NETWORK = """
from simcore.network import Network, Population
from simcore.neurons.izhikevich.model import Izhikevich

class Mine(Izhikevich):
    name = "mine"

MINE = Mine()

def net():
    return Network([Population("A", 2, f"{__file__}:MINE", params={"I_e": 10.0}), Population("B", 1, "izhikevich")])
"""


def test_the_folder_of_a_neuron_model_is_no_part_of_a_result(benchnn, tmp_path):
    records = []
    for name in ("a folder", "another:one"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.py").write_text(OWN_NETWORK)
        short = ("--time", 30, "--warmup", 0, "--backend", "oracle", "--meters", "none", "--json")
        done = benchnn("run", f"{name}/mine.py:net", *short, "--out", f"{name}/out")
        assert done.code == 0, done.err
        records.append(json.loads(done.out))
    first, second = records
    assert first["model"]["populations"] == second["model"]["populations"]
    assert first["model"]["populations"]["A"]["neuron_model"] == first["plug_ins"][0]["name"] == "mine.py:MINE"
    assert first["model"]["populations"]["B"]["neuron_model"] == "izhikevich"
    compared = benchnn("results", "compare", "a folder/out", "another:one/out")
    assert compared.code == 0 and "neuron_model" not in compared.out, compared.err


def test_a_dry_run_records_its_plug_ins_too(benchnn, tmp_path):
    run = ("run", "ticking", "--time", 5, "--warmup", 0, "--threads", 1, "--json")
    dry = benchnn(*run, "--dry-run-ranks", 1, "--dry-run-rate", 5, "--out", "dry")
    assert dry.code == 0, dry.err
    plug_ins = json.loads(dry.out)["plug_ins"]
    assert [part["kind"] for part in plug_ins] == ["drive", "model", "neuron model"]
    assert plug_ins == json.loads(benchnn(*run, "--out", "run").out)["plug_ins"]
