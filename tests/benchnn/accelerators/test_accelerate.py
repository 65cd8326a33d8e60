"""``benchnn accelerate``: rows are answers of the models, nulls have reasons, and wrong input is refused."""

import json
import math
import os
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from benchnn.accelerators.sources.source import find_workload
from benchnn.report.making import _section
from benchnn.report.picture import Picture
from benchnn.report.sources import read_source
from benchnn.report.style import drawing
from simcore.accelerators.answer import ModelOptions
from simcore.accelerators.sheets.parser import FOLDER as SHEETS
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.systolic.inference import systolic_inference
from simcore.accelerators.workloads.reader import FOLDER as WORKLOADS
from simcore.accelerators.workloads.reader import load_workload
from tests.benchnn.inference.test_input_densities import values, write_stack

PAGE = Path(__file__).parents[3] / "docs" / "accelerators.md"
MNIST = Path(__file__).parent / "mnist"
ALL = "sata,sata_2024,spikesim_65nm,estimate_28nm,eyeriss,tpu_v1,tpu_v2,loihi1"


def record(benchnn, *arguments):
    done = benchnn("accelerate", *arguments, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_rows_are_what_the_models_answer(benchnn, home):
    found = record(benchnn, "vgg9", "--on", "sata", "--steps", "2,20", "--density", "0.09")
    assert [(row["accounting"], row["steps"]) for row in found["rows"]] == [
        *(("as published", 2), ("as published", 20), ("corrected", 2), ("corrected", 20))
    ]
    for row in found["rows"]:
        options = ModelOptions(row["steps"], as_published=row["accounting"] == "as published")
        own = systolic_inference(load_workload("vgg9"), load_accelerator("sata"), options)
        assert (row["energy_j"], row["latency_s"], row["area_m2"]) == (own.energy_j, own.latency_s, own.area_m2)
        assert row["energy_parts_j"] == own.energy_parts_j and row["counts"] == own.counts
        assert row["energy_delay_js"] == row["energy_delay_of_means_js"] == row["energy_j"] * row["latency_s"]


def assert_whole(row):
    """Energies are sums of their parts; a value is null if and only if it has a reason, and only others have bounds."""
    if row["energy_j"] is not None and row["accounting"]:
        assert row["energy_j"] == pytest.approx(math.fsum(row["energy_parts_j"].values()), rel=1e-12)
    keys = ("energy_j", "latency_s", "area_m2", "energy_delay_js", "energy_delay_of_means_js")
    for key in keys:
        assert (row[key] is None) == (key in row["reasons"]), (row["on"], key)
        assert row[key] is not None or key not in row["lower_bounds"], (row["on"], key)
    factors = {"energy_j", "latency_s"} & set(row["lower_bounds"])
    for key in keys[3:]:
        assert (row[key] is not None and bool(factors)) == (key in row["lower_bounds"]), (row["on"], key)


def test_energies_are_sums_of_their_parts_and_nulls_have_reasons(benchnn, home):
    found = record(benchnn, "vgg9", "--on", ALL, "--density", "0.2")
    assert len(found["rows"]) == 12
    for row in found["rows"]:
        assert_whole(row)
    chip = found["rows"][-1]
    assert chip["on"] == "loihi1" and "benchnn infer --chip" in chip["reasons"]["energy_j"]
    tpu = next(row for row in found["rows"] if row["on"] == "tpu_v1")
    assert tpu["energy_j"] is None and tpu["latency_s"] > 0.0 and tpu["accounting"] == "corrected"


def test_rows_of_different_models_come_with_the_sentence_that_they_are_not_to_be_ranked(benchnn, home):
    of_one_model = benchnn("accelerate", "vgg9", "--on", "sata,sata_2024").out
    assert "do not rank" not in of_one_model
    both = " ".join(benchnn("accelerate", "vgg9", "--on", "sata,spikesim_65nm").out.split())
    assert "do not rank accelerators by the ratio of their rows" in both
    assert "two regimes, not one machine" in both
    assert "does not use sparsity" in both


def test_options_reach_the_models(benchnn, home):
    def energy(*arguments):
        rows = record(benchnn, "vgg9", "--on", "sata", "--accounting", "corrected", *arguments)["rows"]
        assert [row["accounting"] for row in rows] == ["corrected"]
        return rows[0]["energy_j"]

    usual = energy()
    changed = {
        option: energy(option, value)
        for option, value in (
            ("--dataflow", "output_stationary"),
            ("--lif-sharing", "4"),
            ("--membrane-bits", "4"),
            ("--density", "0.3"),
            ("--steps", "4"),
        )
    }
    assert len({usual, *changed.values()}) == 6
    assert changed["--lif-sharing"] < usual and changed["--membrane-bits"] < usual and changed["--steps"] < usual
    assert changed["--density"] > usual and changed["--dataflow"] > usual


def test_activities_of_another_simulator_replace_densities(benchnn, home):
    (home / "a.csv").write_text("layer,density\nconv1,0.5\nconv2,0.01\n")
    own = record(benchnn, "vgg9", "--on", "estimate_28nm", "--accounting", "corrected", "--steps", "2")
    given = record(
        benchnn, *("vgg9", "--on", "estimate_28nm", "--accounting", "corrected", "--steps", "2", "--activity", "a.csv")
    )
    before, after = (
        {layer["name"]: layer["input_density"] for layer in one["workload"]["layers"]} for one in (own, given)
    )
    assert after == before | {"conv1": 0.5, "conv2": 0.01}
    assert given["rows"][0]["energy_j"] != own["rows"][0]["energy_j"]


@pytest.fixture
def run(benchnn, home):
    """A small network that was inferred on two chips, with an early exit."""
    write_stack(home / "net.nir")
    np.savez(home / "x.npz", x=values(), y=np.arange(len(values())) % 4)
    done = benchnn(
        "infer", "net.nir", "--param", "dt_ms=1", "--param", "reset=subtract", "--data", "x.npz", "--coding", "rate",
        "--steps", "3,6", "--weight-bits", "8", "--exit-entropy", "0.95", "--chip", "loihi1,truenorth",
        "--on-violation", "adapt", "--out", "r",
    )  # fmt: skip
    assert done.code == 0, done.err
    return json.loads((home / "r" / "inference.json").read_text())


def test_a_trained_network_stands_on_all_models_and_chips_in_one_table_with_measured_densities(benchnn, run):
    on = ("--on", "sata,spikesim_65nm,estimate_28nm,loihi1,truenorth", "--accounting", "corrected")
    found = record(benchnn, "r", *on)
    (longest,) = [
        row for row in run["rows"] if (row["network"], row["steps"], row["exit_entropy"]) == ("original", 6, None)
    ]
    densities = {name: math.fsum(one) / 6 for name, one in longest["input_densities"].items()}
    assert {layer["name"]: layer["input_density"] for layer in found["workload"]["layers"]} == densities
    assert found["workload"]["measured"] and found["accuracy"] == longest["accuracy"]
    rows = {row["on"]: row for row in found["rows"]}
    assert all(row["energy_j"] > 0.0 and row["steps"] == 6 for row in rows.values())
    for chip in ("loihi1", "truenorth"):
        (own,) = [
            row["chip"]
            for row in run["rows"]
            if row["steps"] == 6 and row["exit_entropy"] is None and (row["chip"] or {}).get("name") == chip
        ]
        for key in ("energy_j", "latency_s", "energy_delay_js"):
            assert rows[chip][key] == own[key]
    for row in found["rows"]:
        assert_whole(row)
    text = " ".join(benchnn("accelerate", "r", *on).out.split())
    assert "do not rank accelerators" in text and "Rows of chips follow from the spikes of the run" in text


def test_an_early_exit_gives_the_mean_over_the_steps_after_which_samples_are_answered(benchnn, run):
    on = ("r", "--on", "sata,loihi1", "--accounting", "corrected")
    (row, chip) = record(benchnn, *on, "--exit-entropy", "0.95")["rows"]
    (exits,) = [
        one["exits"][: row["steps"]]
        for one in run["rows"]
        if (one["network"], one["steps"], one["exit_entropy"]) == ("original", 6, 0.95)
    ]
    shares = [count / sum(exits) for count in exits]
    assert row["mean_steps"] == pytest.approx(math.fsum(step * share for step, share in enumerate(shares, 1)))
    workload = find_workload("r", 0.95).workload
    sheet = load_accelerator("sata")
    answers = [systolic_inference(workload, sheet, ModelOptions(step)) for step in range(1, len(shares) + 1)]
    for key in ("energy_j", "latency_s"):
        values_of = [getattr(one, key) for one in answers]
        assert row[key] == pytest.approx(math.fsum(a * b for a, b in zip(shares, values_of, strict=True)))
    assert row["energy_delay_js"] > row["energy_delay_of_means_js"] == pytest.approx(row["energy_j"] * row["latency_s"])
    assert row["energy_j"] == pytest.approx(math.fsum(row["energy_parts_j"].values()))
    assert chip["mean_steps"] < 6 and chip["energy_j"] > 0.0 and chip["energy_delay_js"] is None
    for one in (row, chip):
        assert_whole(one)
    assert "before an exit is known" in row["lower_bounds"]["energy_j"]
    stationary = record(benchnn, *on, "--exit-entropy", "0.95", "--dataflow", "output_stationary")["rows"][0]
    assert "before an exit is known" not in stationary["lower_bounds"]["energy_j"]


def test_densities_that_were_not_measured_are_not_called_so(benchnn, home, run):
    on = ("r", "--on", "estimate_28nm", "--accounting", "corrected")
    (home / "a.csv").write_text("layer,density\nfc,0.5\n")
    for options, densities, measured in (
        ((), "measured in a run", True),
        (("--density", "0.5"), "given", False),
        (("--activity", "a.csv"), "from a.csv; other layers: measured in a run", False),
    ):
        workload = record(benchnn, *on, *options)["workload"]
        assert (workload["densities"], workload["measured"]) == (densities, measured)
    assert record(benchnn, "vgg9", "--on", "sata")["workload"]["densities"] == "assumed"


def test_chips_leave_out_the_products_of_direct_coding(benchnn, home):
    shutil.copytree(MNIST, home / "relu")
    chip = record(benchnn, "relu", "--on", "truenorth")["rows"][0]
    for key in ("energy_j", "latency_s"):
        assert chip["lower_bounds"][key] == (
            "200,704 products per sample with the weights of the first layer, computed outside the chip"
        )


def test_the_page_has_the_table_of_the_mnist_network(benchnn, home):
    """The record of 10,000 images, as its commands on the page left it, gives the table there."""
    shutil.copytree(MNIST, home / "relu")
    (table,) = re.findall(r"```\n(on .*?)```", PAGE.read_text(), re.DOTALL)
    done = benchnn("accelerate", "relu", "--on", "sata,spikesim_65nm,estimate_28nm,loihi1,truenorth")
    assert table in done.out
    assert "do not rank accelerators by the ratio of their rows" in " ".join(done.out.split())


def test_figures_are_compared_only_with_workloads_and_sheets_that_come_with_the_simulator(benchnn, home):
    for name, folder in (("vgg9.toml", WORKLOADS), ("sata.toml", SHEETS)):
        shutil.copy(folder / name, home / name)
    assert "use the name of an included workload" in benchnn("accelerate", "./vgg9.toml", "--compare").refusal
    (home / "sata.toml").write_text((home / "sata.toml").read_text().replace("0.468762", "4.68762"))
    found = record(benchnn, "vgg9", "--on", "./sata.toml", "--compare")
    assert found["published"] == []
    shipped = record(benchnn, "vgg9", "--on", "sata", "--compare")
    assert len(shipped["published"]) == 4
    digests = [one["models"][0]["sheet_sha256"] for one in (found, shipped)]
    assert digests[0] != digests[1]


def test_training_is_in_multiply_accumulates(benchnn, home):
    found = record(
        benchnn, "vgg5", "--on", "sata_training", "--steps", "4", "--density", "0.1", "--gradient-density", "0.3",
        "--forward-bits", "2", "--packed-spikes", "2", "--accounting", "published",
    )  # fmt: skip
    assert found["rows"] == []
    (row,) = found["training"]
    assert f"{row['energy_macs']:.4e}" == "4.7256e+09"
    forward = row["energy_parts_macs"]["forward"]
    assert f"{math.fsum(forward.values()):.5e}" == "2.50573e+08"
    text = benchnn("accelerate", "vgg5", "--on", "sata_training", "--gradient-density", "0.3", "--steps", "4").out
    assert "multiply-accumulates of 16 bits" in text


def test_the_folder_has_record_and_pictures_and_the_report_shows_them(benchnn, home):
    arguments = ("vgg9", "--on", "sata,spikesim_65nm,tpu_v1", "--steps", "1,4", "--compare", "--out", "a")
    assert benchnn("accelerate", *arguments).code == 0
    assert sorted(path.name for path in (home / "a").iterdir()) == [
        *("accelerators-parts.svg", "accelerators-steps.svg", "accelerators.json")
    ]
    again = benchnn("accelerate", *arguments)
    assert again.code == 2 and "--overwrite" in again.err
    with drawing():
        section = _section(read_source(home / "a"), None)
    pictures = [entry for chapter in section.chapters for entry in chapter.content if isinstance(entry, Picture)]
    assert [picture.name for picture in pictures] == ["accelerators-parts", "accelerators-steps"]
    assert benchnn("report", "a").code == 0
    page = (home / "a" / "report.html").read_text()
    assert "do not rank accelerators" in page and "tpu_v1: energy" in page and "0.6e7 nJ" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("vgg8",), "workload = 'vgg8' is unknown.*vgg9"),
        (("vgg9", "--on", "satan"), "on = 'satan' is unknown.*sata"),
        (("vgg9", "--on", "sata,sata"), "use each sheet once; sata appears twice"),
        (("vgg9", "--on", ","), "on = ',' is not allowed: use names"),
        (("vgg9", "--on", "sata,own/sata.toml"), "use each sheet once; sata appears twice"),
        (("vgg9", "--on", "none.toml"), "none.toml.*does not exist"),
        (("vgg9", "--steps", "0"), "steps = '0' is not allowed"),
        (("vgg9", "--steps", "100000"), "in \\[1, 10000\\]"),
        (("vgg9", "--density", "1.5"), "density = '1.5' is not allowed: must be in \\[0, 1\\]"),
        (("vgg9", "--density", "nan"), "density"),
        (
            ("vgg9", "--density", "0.1", "--activity", "a.csv"),
            "density = '0.1' is not allowed: omit it, because --activity",
        ),
        (("vgg9", "--dataflow", "row_stationary"), "dataflow = 'row_stationary' is not allowed"),
        (("vgg9", "--lif-sharing", "0"), "lif_sharing = '0'"),
        (("vgg9", "--membrane-bits", "33"), "membrane_bits = '33'"),
        (("vgg9", "--accounting", "mine"), "accounting = 'mine' is not allowed: use both, published or corrected"),
        (("vgg9", "--exit-entropy", "0.1"), "exit_entropy"),
        (("vgg9", "--gradient-density", "0.3"), "it applies only to accelerators for training"),
        (("lth_estimated", "--density", "0.3"), "lth_estimated has no layers"),
        (("vgg5", "--on", "sata_training"), "training requires the share of gradients"),
        (("vgg16", "--on", "sata"), "input density of layer .* is unknown; pass --density or --activity"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_written(benchnn, home, arguments, message):
    (home / "own").mkdir()
    shutil.copy(SHEETS / "sata.toml", home / "own")
    done = benchnn("accelerate", *arguments, "--out", "o")
    assert done.code == 2
    assert re.search(message, " ".join(done.err.split())), done.err
    assert not (home / "o").exists()


def test_pipes_are_refused_not_waited_for(benchnn, home):
    (home / "run").mkdir()
    for name in ("f.toml", "f.csv", "f.nir", "run/inference.json"):
        os.mkfifo(home / name)
    for arguments in (("f.toml",), ("f.nir",), ("run",), ("vgg9", "--on", "f.toml"), ("vgg9", "--activity", "f.csv")):
        assert benchnn("accelerate", *arguments).code == 2, arguments


def test_a_folder_that_cannot_be_made_or_has_another_result_is_refused_first(benchnn, home, run):
    (home / "file").write_text("")
    assert "file" in benchnn("accelerate", "vgg9", "--out", "file/x").refusal
    assert "already contains inference.json of another result" in benchnn("accelerate", "r", "--out", "r").refusal


def test_a_number_of_too_many_digits_is_refused(benchnn, home):
    digits = f"0x{'f' * 5000}"
    workload = (WORKLOADS / "vgg9.toml").read_text().replace("steps = 20", f"steps = {digits}")
    (home / "w.toml").write_text(workload)
    assert "a number with too many digits" in benchnn("accelerate", "w.toml").refusal
    sheet = (SHEETS / "sata.toml").read_text().replace('"tick_batched"', digits)
    (home / "s.toml").write_text(sheet)
    assert "a number with too many digits" in benchnn("accelerate", "vgg9", "--on", "s.toml").refusal


def test_the_commands_of_the_page_work(benchnn, home):
    page = PAGE.read_text()
    (block,) = re.findall(r"<!-- accelerate -->\n```sh\n(.*?)```", page, re.DOTALL)
    for line in block.splitlines():
        _, *arguments = shlex.split(line, comments=True)
        done = benchnn(*arguments)
        assert done.code == 0, done.err
    (training,) = re.findall(r"`benchnn (accelerate vgg5 [^`]*)`", page)
    assert "4.7256e+09" in f"{benchnn(*training.split(), '--json').record['training'][0]['energy_macs']:.4e}"
