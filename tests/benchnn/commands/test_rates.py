"""``benchnn rates``: neurons ranked over trials, two experiments compared, and folders that are refused."""

import csv
import io
import json
import shutil

import numpy as np
import pytest

from benchnn.models.flywire import ids
from benchnn.statistics.trial_folders import read_trials
from simcore.recording.sonata import read_spikes
from tests.benchnn.trial_experiments import COMMON, MODEL, call, make_experiments


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_experiments(tmp_path_factory.mktemp("trials"))


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_rates_are_those_of_the_spike_files(made):
    code, out, _ = call("rates", made / "whole", "--csv")
    assert code == 0
    found = {int(row["neuron"]): row for row in rows(out)}
    each = [read_spikes(made / "whole" / f"seed-{seed}" / "spikes.h5").of("N")[1] for seed in range(1, 7)]
    rates = np.array([np.bincount(own, minlength=9) for own in each]) / 0.4
    assert sorted(found) == np.flatnonzero(rates.any(axis=0)).tolist() == [0, 1, 2, 3, 5, 6, 7]
    for neuron, row in found.items():
        own = rates[:, neuron]
        assert float(row["mean_hz"]) == pytest.approx(own.mean())
        assert float(row["sd_hz"]) == pytest.approx(own.std(ddof=1))
        half = 2.5705818 * own.std(ddof=1) / np.sqrt(6)
        assert float(row["high_hz"]) - float(row["low_hz"]) == pytest.approx(2.0 * half)
        assert float(row["fired_share"]) == (own > 0).mean()
    means = [float(row["mean_hz"]) for row in rows(out)]
    assert means == sorted(means, reverse=True)
    assert out.count("\r\n") == 8


def test_text_names_trials_and_neurons(made):
    code, out, _ = call("rates", made / "whole")
    assert code == 0
    assert "6 trials (seeds 1 to 6) of 400 ms, 7 neurons fired" in out
    assert "95 % interval" in out


def test_the_target_of_a_silenced_neuron_is_found(made):
    code, out, _ = call("rates", made / "whole", made / "silent", "--csv")
    assert code == 0
    first, *others = rows(out)
    assert (first["population"], first["neuron"], first["marked"], first["second_hz"]) == ("N", "7", "true", "0.0")
    assert float(first["high_hz"]) < 0.0
    assert all((row["difference_hz"], row["p"], row["marked"]) == ("0.0", "1.0", "false") for row in others)
    text = call("rates", made / "whole", made / "silent")[1]
    assert "Trials with the same seed are paired: their sources send the same trains" in text
    assert "**" in text
    assert "up to 0.35 are expected by chance" in text


def test_other_trains_are_not_paired(made):
    text = call("rates", made / "whole", made / "slow")[1]
    assert "have different trains of sources; intervals use Welch's t" in text


def test_other_seeds_are_not_paired(made, tmp_path):
    shutil.copytree(made / "whole", tmp_path / "five")
    shutil.rmtree(tmp_path / "five" / "seed-3")
    text = call("rates", made / "whole", tmp_path / "five")[1]
    assert "The trials have different seeds; intervals use Welch's t" in text


def test_experiments_without_sources_are_compared_with_those_that_have_some(made):
    text = call("rates", made / "none", made / "whole")[1]
    assert "Trials with the same seed are paired; intervals" in text
    assert "no neuron fired" in text
    assert "**" in text


def test_a_trial_that_was_stopped_is_left_out(made, tmp_path):
    folder = shutil.copytree(made / "whole", tmp_path / "copy")
    path = folder / "seed-2" / "result.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"interrupted": True}))
    assert "5 trials" in (text := call("rates", folder)[1])
    assert "interrupted and omitted: seed-2" in text


def changed(edit, folder):
    path = folder / "seed-2" / "result.json"
    record = json.loads(path.read_text())
    edit(record)
    path.write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: shutil.rmtree(folder), "must contain a folder seed-N"),
        (lambda folder: [shutil.rmtree(path) for path in folder.iterdir()], "must contain a folder seed-N"),
        (lambda folder: (folder / "seed-2" / "spikes.h5").unlink(), "lacks spikes.h5"),
        (lambda folder: [path.unlink() for path in folder.glob("*/spikes.h5")], "does not contain spikes"),
        (lambda folder: (folder / "seed-2" / "spikes.h5").write_bytes(b"no"), "cannot read"),
        (lambda folder: changed(lambda record: record["model"].update(name="other"), folder), "model.name is 'other'"),
        (lambda folder: changed(lambda record: record["time"].update(model_time_ms=500.0), folder), "model_time_ms is"),
        (
            lambda folder: changed(lambda record: record["model"]["parameters"].update(rate_hz=30.0), folder),
            "parameter rate_hz is 30.0, but in seed-1 it is 80.0; use one folder for each experiment",
        ),
        (lambda folder: changed(lambda record: record["model"].update(populations=[]), folder), "populations"),
    ],
)
def test_folders_that_are_no_trials_are_refused(made, tmp_path, spoil, message):
    folder = shutil.copytree(made / "whole", tmp_path / "copy")
    spoil(folder)
    code, out, err = call("rates", folder)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_other_networks_are_not_compared(made, tmp_path):
    (tmp_path / "small.py").write_text(MODEL.replace('Population("N", 9)', 'Population("N", 8)'))
    run = ("run", f"{tmp_path / 'small.py'}:relay", "--trials", 1, *COMMON, "--out", tmp_path / "small")
    assert call(*run)[0] == 0
    code, _, err = call("rates", made / "whole", tmp_path / "small")
    assert code == 2
    assert "their populations differ: {'N': 9} and {'N': 8}" in err
    assert call("rates", *[made / "whole"] * 3)[0] == 2


@pytest.mark.parametrize("option", ["--time", "--warmup"])
def test_other_times_are_not_compared(made, tmp_path, option):
    run = ("run", f"{made / 'relay.py'}:relay", "--trials", 2, *COMMON, option, 300, "--out", tmp_path / "other")
    assert call(*run)[0] == 0
    code, _, err = call("rates", made / "whole", tmp_path / "other")
    assert code == 2
    assert f"time.{'model_time' if option == '--time' else 'warmup'}_ms differs: " in err


def test_no_table_is_shown_where_no_neuron_fired(made):
    code, out, _ = call("rates", made / "none")
    assert (code, out.count("\n")) == (0, 1)
    assert "400 ms, no neuron fired" in out
    code, out, _ = call("rates", made / "none", made / "none")
    assert (code, out.count("\n")) == (0, 2)


def test_neurons_that_were_not_recorded_are_not_taken_for_silent(made, tmp_path):
    some = [word for word in COMMON if word not in ("--record", "spikes")]
    run = ("run", f"{made / 'relay.py'}:relay", "--trials", 2, *some)
    for name, request in (("some", "spikes:N:0-7"), ("others", "spikes:N:0-6"), ("all", "spikes:N:0-8")):
        assert call(*run, "--record", request, "--out", tmp_path / name)[0] == 0
    assert [row["neuron"] for row in rows(call("rates", tmp_path / "some", "--csv")[1])]
    for name in ("others", "all"):
        code, _, err = call("rates", tmp_path / "some", tmp_path / name)
        assert code == 2
        assert "different neurons were recorded" in err
    # Whether the sources were recorded, too, does not matter.
    text = call("rates", tmp_path / "all", tmp_path / "all")[1]
    assert "Trials with the same seed are paired; intervals" in text
    shutil.copytree(made / "whole" / "seed-1", tmp_path / "two" / "seed-1")
    shutil.copytree(made / "whole" / "seed-2", tmp_path / "two" / "seed-2")
    assert call("rates", tmp_path / "two", tmp_path / "all")[0] == 0


def test_neurons_have_the_root_ids_of_the_file_that_the_run_was_given(made, tmp_path, monkeypatch):
    folder = shutil.copytree(made / "whole", tmp_path / "copy")
    completeness = tmp_path / "completeness.csv"
    completeness.write_text("id,Completed\n" + "".join(f"{720575940600000000 + 7 * n},True\n" for n in range(9)))

    for seed in range(1, 7):
        path = folder / f"seed-{seed}" / "result.json"
        record = json.loads(path.read_text())
        record["model"].update(name="flywire", parameters={"completeness": str(completeness)})
        path.write_text(json.dumps(record))
    assert "neurons are identified by number: completeness" in call("rates", folder)[1]
    monkeypatch.setattr(ids, "COMPLETENESS_SHA256", ids.hashlib.sha256(completeness.read_bytes()).hexdigest())
    monkeypatch.setattr("benchnn.statistics.neuron_names.BRAIN", "N")
    found = rows(call("rates", folder, "--csv")[1])
    assert {row["neuron"]: row["root_id"] for row in found}["7"] == "720575940600000049"


def test_trials_are_read_in_the_order_of_their_seeds(made, tmp_path):
    for seed, number in ((1, 10), (2, 9)):
        shutil.copytree(made / "whole" / f"seed-{seed}", tmp_path / f"seed-{number}")
    (tmp_path / "seed-x").mkdir()
    (tmp_path / "seed-3").mkdir()
    assert read_trials(tmp_path).seeds == (9, 10)
