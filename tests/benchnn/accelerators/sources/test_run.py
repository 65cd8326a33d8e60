"""Workloads of inferences: densities, exits, costs on chips, and records that cannot be used."""

import json

import numpy as np
import pytest

from benchnn.accelerators.sources.run import measured_run
from benchnn.accelerators.sources.source import find_workload
from simcore.errors import InputError
from tests.benchnn.inference.test_input_densities import values, write_stack


@pytest.fixture
def infer(benchnn, home):
    """Run a small network; the folder."""

    def infer(*options):
        write_stack(home / "net.nir")
        labels = np.arange(len(values())) % 4
        np.savez(home / "x.npz", x=values(), y=labels)
        words = ("--param", "dt_ms=1", "--param", "reset=subtract", "--data", "x.npz", "--coding", "rate", "--out", "r")
        done = benchnn("infer", "net.nir", *words, "--overwrite", *options)
        assert done.code == 0, done.err
        return home / "r"

    return infer


def test_a_workload_has_the_measured_densities_of_the_row_with_most_steps(infer):
    folder = infer("--steps", "3,6", "--noise", "0.5,0", "--exit-entropy", "0.95", "--weight-bits", 8)
    record = json.loads((folder / "inference.json").read_text())
    (row,) = [one for one in record["rows"] if (one["steps"], one["noise"], one["exit_entropy"]) == (6, 0.0, None)]
    run = measured_run(folder)
    workload = run.workload
    assert (workload.name, workload.measured, workload.steps) == ("net.nir", True, 6)
    assert [layer.name for layer in workload.layers] == ["z_conv", "fc"] and workload.why_not_chained is None
    assert all(layer.weight_bits == 8 for layer in workload.layers)
    assert {layer.name: list(layer.input_density) for layer in workload.layers} == row["input_densities"]
    assert run.accuracy == row["accuracy"] and run.exits(6) == tuple(row["exits"])
    assert run.exit_shares(6) is None and run.on_chip("loihi1", 6) is None
    found = find_workload(str(folder))
    assert found.origin == "inference" and found.workload == workload and found.run == run
    assert find_workload(str(folder / "inference.json")).workload == workload


def test_an_early_exit_has_shares_of_exits_and_ends_with_the_last(infer):
    folder = infer("--steps", "3,7", "--exit-entropy", "0.95,1")
    record = json.loads((folder / "inference.json").read_text())
    for entropy in (0.95, 1.0):
        rows = {row["steps"]: row for row in record["rows"] if row["exit_entropy"] == entropy}
        run, exits = measured_run(folder, entropy), rows[7]["exits"]
        steps = run.workload.steps
        assert exits[steps - 1] > 0 and sum(exits[:steps]) == len(values())
        shares = run.exit_shares(steps)
        assert shares == tuple(count / len(values()) for count in exits[:steps])
        assert sum(step * share for step, share in enumerate(shares, 1)) == pytest.approx(rows[7]["mean_steps"])
        assert run.accuracy == rows[7]["accuracy"]
        assert run.exits(3) == tuple(rows[3]["exits"])
    for ask in (run.exits, run.exit_shares):
        with pytest.raises(InputError, match="steps = 5 is not allowed: the steps in the record are 3, 7"):
            ask(5)
    with pytest.raises(InputError, match=r"exit_entropy = 0.5 is not allowed: the thresholds in .* are 0.95, 1"):
        measured_run(folder, 0.5)


def test_chips_have_the_costs_of_the_run(infer):
    chips = ("--chip", "loihi1,truenorth", "--chip-weight-bits", 3, "--on-violation", "adapt")
    folder = infer("--steps", "3,6", *chips)
    record = json.loads((folder / "inference.json").read_text())
    run = measured_run(folder)
    for row in (row for row in record["rows"] if row["chip"] is not None):
        found = run.on_chip(row["chip"]["name"], row["steps"])
        assert found.network == row["network"] and found.accuracy == row["accuracy"]
        assert found.costs == {key: row["chip"][key] for key in found.costs}
        assert found.mean_steps == row["steps"]
        assert {key for key, value in found.costs.items() if value is None} == set(found.reasons)
        assert found.lower_bounds == row["chip"]["lower_bounds"]
    assert run.on_chip("loihi1", 6).costs["energy_j"] > run.on_chip("loihi1", 3).costs["energy_j"] > 0.0
    assert run.on_chip("loihi1", 4) is None and run.on_chip("spinnaker1", 6) is None


def without(*keys):
    def change(record):
        for key in keys:
            del record[key]

    return change


def of_row(**values):
    def change(record):
        record["rows"][0] |= values

    return change


def of_layer(**values):
    def change(record):
        record["weighted_layers"][0] |= values

    return change


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (without("weighted_layers"), "it has no layers of weights: an older version wrote it"),
        (lambda record: record.update(weighted_layers=None, reasons={"weighted_layers": "it is so"}), "it is so"),
        (without("rows"), "no row of the original network with neither noise nor early exit"),
        (without("model"), "model is missing"),
        (of_row(network="adapted"), "no row of the original network"),
        (of_row(noise=None), "rows.0: noise is missing"),
        (of_row(exits=None), "rows.0: exits is missing"),
        (of_row(exits=[0, 9]), "rows.0: exits must be the numbers of answered"),
        (of_row(exits=[0, 0, 0]), "rows.0: exits must be the numbers of answered"),
        (of_row(input_densities=None), "input_densities.z_conv must be known for 3 steps"),
        (of_row(input_densities={"z_conv": [0.5, 0.5]}), "input_densities.z_conv must be known for 3 steps"),
        (of_row(input_densities={"z_conv": [0.5, None, 0.5]}), "input_densities.z_conv must be known"),
        (of_row(input_densities={"z_conv": [0.5, 1.5, 0.5]}), "rows.0.input_densities.z_conv.1"),
        (of_layer(kernel=[9, 9]), "layer z_conv: kernel"),
        (of_layer(stride=[1]), "layer z_conv: stride"),
        (of_layer(groups=None), "groups is missing"),
        (of_layer(name="fc"), "use a different name for each layer"),
    ],
)
def test_records_that_cannot_be_used_are_refused(stored, change, refusal):
    folder, record = stored
    changed = json.loads(json.dumps(record))
    change(changed)
    (folder / "inference.json").write_text(json.dumps(changed))
    with pytest.raises(InputError) as caught:
        measured_run(folder)
    assert "inference.json" in str(caught.value) and refusal in str(caught.value)


def test_steps_that_no_sample_reaches_are_none_of_the_workload(stored):
    folder, record = stored
    densities = {"z_conv": [0.5, 0.25, None], "fc": [0.0, 0.25, None]}
    early = {"exit_entropy": 0.5, "mean_steps": 1.5, "exits": [2, 2, 0], "input_densities": densities}
    record["rows"].append(record["rows"][0] | early | {"chip": {"name": "loihi1", "energy_j": 1.0}})
    (folder / "inference.json").write_text(json.dumps(record))
    run = measured_run(folder, 0.5)
    assert run.workload.steps == 2
    assert [layer.input_density for layer in run.workload.layers] == [(0.5, 0.25), (0.0, 0.25)]
    assert run.exit_shares(2) == (0.5, 0.5) and run.exit_shares(3) == (0.5, 0.5, 0.0)
    assert run.on_chip("loihi1", 2) == run.on_chip("loihi1", 3)
    assert run.on_chip("loihi1", 2).costs["energy_j"] == 1.0 and run.on_chip("loihi1", 2).mean_steps == 1.5


def test_a_latency_code_says_for_which_steps_its_densities_are(stored):
    folder, record = stored
    assert measured_run(folder).workload.note is None
    (folder / "inference.json").write_text(json.dumps(record | {"coding": "latency"}))
    assert "apply to 3 steps only" in measured_run(folder).workload.note


@pytest.fixture
def stored(tmp_path):
    """A folder with a record of three steps that can be used, and that record."""
    usual = {
        "input_size": [1, 1], "kernel": [1, 1], "stride": [1, 1], "padding": [0, 0], "groups": 1, "pooling": 1,
        "weight_bits": 16, "input_bits": 1, "weight_density": 1.0,
    }  # fmt: skip
    conv = {**usual, "name": "z_conv", "kind": "convolution", "channels": 1, "filters": 2, "input_size": [4, 4]}
    fc = {**usual, "name": "fc", "kind": "linear", "channels": 32, "filters": 4}
    densities = {"z_conv": [0.5, 0.25, 0.5], "fc": [0.0, 0.25, 0.5]}
    row = {
        "network": "original", "steps": 3, "exit_entropy": None, "noise": 0.0, "accuracy": None, "mean_steps": 3.0,
        "chip": None, "exits": [0, 0, 9], "input_densities": densities, "reasons": {},
    }  # fmt: skip
    record = {
        "schema_version": 1, "model": {"name": "net.nir"}, "data": {"file": "x.npz"}, "coding": "rate",
        "weighted_layers": [conv, fc], "rows": [row],
    }  # fmt: skip
    (tmp_path / "inference.json").write_text(json.dumps(record))
    assert measured_run(tmp_path).workload.steps == 3
    return tmp_path, record


def test_a_latency_code_stands_for_its_own_steps_only(infer, benchnn):
    folder = infer("--steps", "6", "--coding", "latency", "--weight-bits", 8)
    own = ("accelerate", folder, "--on", "spikesim_65nm")
    assert benchnn(*own, "--steps", "6").code == 0
    assert "latency coding extends over all steps" in benchnn(*own, "--steps", "3").refusal
