"""SONATA networks on the command line: the commands of docs/sonata.md."""

import re
import shlex
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from sonata_files import edit_json

from benchnn.results.configuration import spike_configuration

PAGE = (Path(__file__).parents[4] / "docs" / "sonata.md").read_text()
QUICKLY = ("--threads", 1, "--backend", "oracle", "--precision", "float64")


def times_of(record):
    return record["time"]["model_time_ms"], record["time"]["warmup_ms"]


def test_the_example_runs_by_the_command_of_the_page(example, tmp_path, monkeypatch, benchnn):
    monkeypatch.chdir(tmp_path)
    program, *command = shlex.split(re.search(r"<!-- command -->\n```sh\n(.*?)```", PAGE, re.DOTALL)[1])
    command = [str(example.parent / word) if word.endswith(".json") else word for word in command]
    record = benchnn(*command, "--threads", 1, "--out", "run", "--json").record
    assert program == "benchnn" and times_of(record) == (1500.0, 0.0)
    assert record["spikes"] - round(record["mean_rate_hz"]["external"] * 150.0) == 18_767
    assert "fire 18,767 spikes in 1,500 ms" in PAGE
    first, second = record["model"]["notes"]
    assert first == "20,844 edges of external_to_internal have no delay; they use 1 ms"
    assert second.startswith("4,332 of 4,334 spikes of external are not on the time grid of 0.01 ms")
    with h5py.File("run/traces.V_m.h5") as file:
        assert file["report/internal/mapping/node_ids"][()].tolist() == [0, 80, 160, 240, 270]
        assert file["report/internal/data"].shape == (150_000, 5)


def test_float32_is_refused_at_the_step_of_the_example(example, benchnn):
    refused = benchnn("run", example / "simulation_config.json", "--threads", 1)
    assert refused.code == 2 and "float64" in refused.err


def test_options_go_before_what_the_configuration_states(config, tmp_path, monkeypatch, benchnn):
    monkeypatch.chdir(tmp_path)
    record = benchnn("run", "config.json", *QUICKLY, "--out", "one", "--json").record
    assert times_of(record) == (50.0, 0.0)
    assert (
        record["model"]["parameters"] == {"dt_ms": None, "missing_delay_ms": 1.0, "reports": True}
        and record["spikes"] > 4
    )
    record = benchnn("run", "config.json", *QUICKLY, "--time", 20, "--warmup", 10, "--out", "two", "--json").record
    assert times_of(record) == (20.0, 10.0)


def test_runs_are_known_by_the_content_of_all_files(config, tmp_path, monkeypatch, benchnn):
    def configuration(path):
        return spike_configuration(benchnn("run", path, *QUICKLY, "--time", 5, "--json").record)

    shutil.copytree(tmp_path, tmp_path / "other")
    monkeypatch.chdir(tmp_path)
    first = configuration("config.json")
    assert configuration("other/config.json") == first
    edit_json(tmp_path / "other" / "models" / "e.json", "C_m", value=201.0)
    assert configuration("other/config.json") != first


def test_a_network_is_listed(config, benchnn):
    listed = benchnn("models", config).out
    assert re.search(r"v1 +4 +iaf_psc_exp", listed) and re.search(r"lgn +3 +parrot_neuron .*source: 4 spikes", listed)


def test_the_network_lies_on_a_chip(config, benchnn):
    assert "config.json on loihi2: 7 neurons" in benchnn("map", config, "--chip", "loihi2").out


def test_a_json_file_of_something_else_is_refused(tmp_path, benchnn):
    (tmp_path / "other.json").write_text("{}")
    refused = benchnn("run", tmp_path / "other.json")
    assert refused.code == 2 and "is not the configuration of a SONATA network" in refused.err
    refused = benchnn("run", tmp_path / "none.json")
    assert refused.code == 2 and "none.json: No such file" in refused.err


def test_the_python_of_the_page_runs(example, tmp_path):
    blocks = re.findall(r"<!-- example -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    names = {}
    for block in blocks:
        exec(compile(block, "sonata.md", "exec"), names)  # noqa: S102 - the documents are ours
    assert PAGE.count("```python") == len(blocks) == 2
    again = names["write_and_read"](tmp_path / "net")
    assert again.n_neurons == 100 and again.expected_synapses() == 200
    spikes = names["first_spikes"](example / "config.json")
    assert np.count_nonzero(spikes.ids >= 300) > 10


@pytest.mark.parametrize("table", ["v1_types.csv", "lgn_types.csv"])
def test_the_table_of_types_may_have_lines_of_other_systems(config, table, benchnn):
    path = config.parent / "network" / table
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert benchnn("models", config).code == 0
