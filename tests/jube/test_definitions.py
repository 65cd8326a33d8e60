"""JUBE runs the definitions on this machine, and its tables say what the records say."""

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ready import ready_python

from benchnn.chips.bottlenecks import AXES, read_state_map
from tests.jube import quick_jube

JUBE = Path(__file__).parents[2] / "jube"
DEFINITIONS = (
    "strong_scaling",
    "weak_scaling",
    "layouts",
    "simulators",
    "chips",
    "bottlenecks",
    "micro",
    "accelerators",
)

pytestmark = pytest.mark.skipif(shutil.which("jube") is None, reason="JUBE: jube is not installed")


@pytest.fixture(scope="module", autouse=True)
def programs(tmp_path_factory):
    """Programs on the path: ``benchnn`` in forks of one interpreter, and ``mpiexec`` of this one."""
    command = tmp_path_factory.mktemp("programs") / "benchnn"
    command.write_text(f'#!/bin/sh\nexec {shlex.join(ready_python(os.environ, kernels=True))} -m benchnn "$@"\n')
    command.chmod(0o755)
    with pytest.MonkeyPatch.context() as patched:
        for folder in (Path(sys.executable).parent, command.parent):
            patched.setenv("PATH", str(folder), prepend=os.pathsep)
        yield


def jube(folder, *arguments, timeout=300, command=None):
    """Run JUBE in a folder."""
    as_root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    environment = {**os.environ, **as_root, "PYTHONPATH": str(JUBE.parent)}
    command = [*(command or quick_jube.command()), *[str(argument) for argument in arguments]]
    options = {"capture_output": True, "text": True, "check": False, "timeout": timeout}
    return subprocess.run(command, cwd=folder, env=environment, **options)


def ran(folder, definition, *arguments):
    """Run a definition to its end; returns the rows of result.csv and the records of the runs by run_id."""
    done = jube(folder, "run", definition, "--hide-animation", "--result", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    (runs,) = definition.parent.glob("*_runs")
    (table,) = runs.glob("000000/result/result.dat")
    records = [json.loads(path.read_text()) for path in runs.rglob("result.json")]
    return list(csv.DictReader(io.StringIO(table.read_text()))), {record["run_id"]: record for record in records}


def edited(folder, name, *changes):
    """A copy of a definition, changed so that it takes seconds; the files that it includes are in the same folder."""
    shutil.copytree(JUBE, folder / "jube")
    path = folder / "jube" / f"{name}.yaml"
    replace((path, folder / "jube" / "benchnn.yaml"), changes)
    return path


def replace(paths, changes):
    """Replace texts in files; each must be in one of them."""
    for old, new in changes:
        texts = {path: path.read_text() for path in paths}
        assert any(old in text for text in texts.values()), old
        for path, text in texts.items():
            path.write_text(text.replace(old, new))


TINY = [('"--param scale=0.05"', '"--param scale=0.01"'), ('_: "500"}', '_: "50"}'), ('_: "100"}', '_: "10"}')]
# A network of few steps needs less time on the reference than the compiled kernels need to be loaded.
ORACLE = ("_: cpu}", "_: oracle}")


def test_strong_scaling_gives_one_digest_and_the_numbers_of_the_records(tmp_path):
    rows, records = ran(tmp_path, edited(tmp_path, "strong_scaling", *TINY, ('"1,2,3"', '"2"')))
    assert [(row["taskspernode"], row["seed"]) for row in rows] == [("1", "2"), ("2", "2")]
    assert rows[0]["digest"] == rows[1]["digest"]
    for row in rows:
        record = records[row["run_id"]]
        assert record["layout"]["ranks"] == int(row["taskspernode"]) and record["seed"] == int(row["seed"])
        assert float(row["real_time_factor"]) == pytest.approx(record["real_time_factor"], rel=1e-5)
        assert float(row["construction_s"]) == pytest.approx(record["wall_s"]["construction"]["max"], rel=1e-5)
        assert int(row["synapses"]) == record["model"]["synapses"]
        assert record["spike_digest"].startswith(row["digest"])
        rate = record["spikes"] / (record["model"]["neurons"] * record["time"]["model_time_ms"] * 1e-3)
        assert float(row["mean_rate_hz"]) == pytest.approx(rate, abs=6e-5)
        assert row["energy_uj"] == ""


def test_weak_scaling_grows_the_network_with_the_cores(tmp_path):
    changes = [('_: "500"}', '_: "20"}'), ('_: "100"}', '_: "0"}'), ('"1,2,3"', '"1"')]
    rows, _ = ran(tmp_path, edited(tmp_path, "weak_scaling", *changes))
    sizes = [int(row["neurons"]) for row in rows]
    assert len(rows) == 2 and sizes[1] == pytest.approx(2 * sizes[0], rel=1e-2)


def test_every_chip_is_a_row_that_says_what_the_record_says(tmp_path):
    changes = [*TINY, ('"in_order,round_robin"', '"round_robin"'), ('"loihi1,loihi1_sanafe"', '"loihi1,spinnaker1"')]
    changes.append(('"16,64"', '"64"'))
    rows, records = ran(tmp_path, edited(tmp_path, "chips", *changes))
    sizes = [(row["chip"], row["neurons_per_core"]) for row in rows]
    assert sizes == [("loihi1", "64"), ("spinnaker1", "64")]
    for row in rows:
        chip = records[row["run_id"]]["chip"]
        assert (chip["name"], chip["mapper"]) == (row["chip"], row["mapper"])
        assert int(row["cores"]) == chip["cores"] and row["state"] == chip["floorline"]["state"]
        assert int(row["messages"]) == chip["network_on_chip"]["messages_in"]
        # What is unknown has an empty cell.
        time_s = (chip["step_time_s"] or {}).get("mean")
        for shown, known in (
            (row["step_time_s"], time_s),
            (row["synaptic_event_pj"], chip["energy_per_synaptic_event_pj"]),
        ):
            assert shown == "" if known is None else float(shown) == pytest.approx(known, rel=1e-5)
    assert rows[0]["step_time_s"] != "" and rows[1]["step_time_s"] == ""


@pytest.mark.thorough
def test_micro_networks_show_at_which_rate_steps_of_a_chip_are_late(tmp_path):
    networks = '"one_to_one,fan_in,fan_out,saturating,winner_take_all"'
    changes = [*TINY, ORACLE, (networks, '"fan_in"')]
    rows, records = ran(tmp_path, edited(tmp_path, "micro", *changes))
    assert [(row["chip"], row["rate_hz"]) for row in rows] == [
        ("loihi1", "1000"), ("loihi1", "10000"), ("none", "1000"), ("none", "10000"),
    ]  # fmt: skip
    assert [row["late_steps"] for row in rows] == ["0", "100", "", ""]
    for row in rows:
        record = records[row["run_id"]]
        assert record["model"]["name"] == "micro_fan_in" and record["model"]["synapses"] == 256 * 256
        assert float(row["events_per_s"]) == pytest.approx(record["synaptic_events_per_s"], rel=1e-5)
        chip = record["chip"]
        assert (row["cores"], row["step_max_s"]) == ("", "") if chip is None else int(row["cores"]) == chip["cores"]


@pytest.mark.thorough
def test_the_map_of_bottlenecks_has_a_place_for_every_run(tmp_path):
    changes = [
        ORACLE,
        ('time_ms, type: float, _: "100"', 'time_ms, type: float, _: "20"'),
        ('"1.0,20.0,500.0"', '"1.0,500.0"'),
        ("prune:0,prune:0.9:random,", "prune:0,"),
        ('"8,128"', '"128"'),
    ]
    definition = edited(tmp_path, "bottlenecks", *changes, ('"in_order,round_robin"', '"in_order"'), ('"512"', '"128"'))
    rows, records = ran(tmp_path, definition)
    assert [(row["transform"], row["rate_hz"]) for row in rows] == [
        *(("prune:0", "1.0"), ("prune:0", "500.0"), ("prune:0.99:random", "1.0"), ("prune:0.99:random", "500.0"))
    ]
    for row in rows:
        record = records[row["run_id"]]
        assert row["state"] == record["chip"]["floorline"]["state"]
        assert record["provenance"]["options"]["transform"] == row["transform"]
    found = read_state_map([definition.parent / "bottlenecks_runs"], AXES)
    assert {(place.x, place.y): place.state for place in found.places} == {
        (x, y): rows[2 * y + x]["state"] for x in (0, 1) for y in (0, 1)
    }


def test_every_dataflow_is_a_row_of_accelerators(tmp_path):
    dataflows = ("tick_batched,output_stationary,weight_stationary", "tick_batched,weight_stationary")
    changes = [dataflows, ("vgg9", "vgg5"), ('"1,4"', '"4"'), ('"0.1,0.5"', '"0.1"')]
    definition = edited(tmp_path, "accelerators", *changes)
    rows, _ = ran(tmp_path, definition)
    cases = [(row["dataflow"], row["steps"], row["density"]) for row in rows]
    assert cases == [("tick_batched", "4", "0.1"), ("weight_stationary", "4", "0.1")]
    records = [json.loads(path.read_text()) for path in (tmp_path / "jube").rglob("accelerators.json")]
    found = {(one["options"]["dataflow"], one["rows"][0]["steps"], one["options"]["density"]): one for one in records}
    for row in rows:
        (own,) = found[row["dataflow"], int(row["steps"]), float(row["density"])]["rows"]
        for key in ("energy_j", "latency_s", "energy_delay_js"):
            assert float(row[key]) == pytest.approx(own[key], rel=1e-5), key
        assert float(row["cycles"]) == own["counts"]["cycles"]


def test_a_run_that_fails_leaves_the_rows_of_the_others(tmp_path):
    path = edited(tmp_path, "layouts", *TINY, ('"1,2,3"', '"1,-1"'), ('tag: "!full+!gpu", _: "1,2"', '_: "1"'))
    done = jube(tmp_path, "run", path, "--hide-animation")
    (runs,) = path.parent.glob("*_runs")
    jube(tmp_path, "result", runs)
    (table,) = runs.glob("000000/result/result.dat")
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert "-1" in {row["seed"] for row in rows} or "error" in (done.stdout + done.stderr).lower()
    assert [row["digest"] != "" for row in rows if row["seed"] == "1"] == [True]


def test_a_run_that_fails_is_reported_and_no_row(tmp_path):
    path = edited(tmp_path, "layouts", *TINY, ('"1,2,3"', '"1"'), ("_: pd14}", "_: no_such_model}"))
    # JUBE as users start it.
    done = jube(tmp_path, "run", path, "--hide-animation", command=["jube"])
    (log, *_) = sorted(tmp_path.rglob("job.err"))
    assert "no_such_model" in log.read_text()
    assert list(tmp_path.rglob("error")) and not list(tmp_path.rglob("ready"))
    assert "error" in (done.stdout + done.stderr).lower()


SHORT = (
    ('"1,2,3"', '"1"'),
    ('"1,2,4,8"', '"1,8"'),
    ('"1,2,4,8,16,32,64,128"', '"1,128"'),
    ('"1.0,20.0,500.0"', '"1.0"'),
    ('"0.5,2.0,10.0,50.0,200.0,800.0"', '"0.5"'),
    ('"prune:0,prune:0.9:random,prune:0.99:random"', '"prune:0"'),
    ('"prune:0,prune:0.5:random,prune:0.9:random,prune:0.97:random,prune:0.99:random"', '"prune:0"'),
    ('"8,128"', '"8"'),
    ('"loihi1,loihi1_sanafe"', '"loihi1"'),
    ('"none,loihi1"', '"loihi1"'),
    ('"none,loihi1,loihi2"', '"loihi1"'),
    ('"16,64"', '"16"'),
    ('"1000,10000"', '"1000"'),
    ('"0.1,0.5"', '"0.1"'),
    ('"0.05,0.1,0.5"', '"0.1"'),
)
"""Sweeps of definitions, and shorter ones: JUBE needs a tenth of a second for each run that it only reads."""


@pytest.mark.parametrize("tags", [(), ("gpu",), ("full",), ("slurm", "full", "gpu")])
def test_every_definition_is_understood_with_every_tag(tmp_path, tags):
    """Read and expanded, without running anything."""
    shutil.copytree(JUBE, tmp_path / "jube")
    paths = [tmp_path / "jube" / f"{name}.yaml" for name in DEFINITIONS]
    replace([*paths, tmp_path / "jube" / "benchnn.yaml"], SHORT)
    arguments = ["--tag", *tags] if tags else []
    done = jube(tmp_path, "--debug", "run", *paths, *arguments, "--hide-animation", "-o", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    read = re.findall(r"benchmark: (\w+)[\s\S]*?simulate", done.stdout)
    assert read == list(DEFINITIONS), done.stdout
