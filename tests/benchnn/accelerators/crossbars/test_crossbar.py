"""``benchnn crossbar``: rows are what the arrays do, wear is where the accuracy crosses, wrong input is refused."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchnn.accelerators.crossbars.record_keys import CROSSBAR, SWEEPS
from benchnn.accelerators.crossbars.study import crossing
from benchnn.record.allowed import require_allowed
from benchnn.report.figures.crossbars import Panel, panels_picture
from benchnn.report.making import _section
from benchnn.report.picture import Picture
from benchnn.report.sources import read_source, read_study
from benchnn.report.style import drawing
from simcore.accelerators.analogue.sheet_values import cell_levels, converter_of, device_of
from simcore.accelerators.analogue.study import ArrayCase, studied
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.errors import InputError

DOCUMENT = Path(__file__).parents[4] / "docs" / "crossbars.md"
FEW = ("--sizes", "8,12", "--wire", "0,4", "--ratio", "10", "--noise", "0,0.1", "--read-noise", "0.1", "--stuck",
       "0.1", "--seeds", "2")  # fmt: skip
AGED = ("--drift", "0.1", "--time", "1,100", "--endurance", "1e6", "--cycles", "1e5", "--endurance-shape", "2")


@pytest.fixture(scope="module")
def nice():
    return load_accelerator("spikesim_nice")


def test_rows_are_the_means_and_extremes_of_random_arrays(benchnn, nice):
    found = benchnn("crossbar", "spikesim_nice", *FEW, *AGED, "--json").record
    device = replace(device_of(nice), drift_exponent=0.1, endurance_cycles=1e6, endurance_shape=2.0)
    case = ArrayCase(64, device, cell_levels(nice), converter_of(nice), 0.1)
    half = replace(device, endurance_cycles=2.0)
    cases = {
        ("wires", 4.0, 12): replace(case, size=12, wire_ohm=4.0),
        ("ratio", 10.0, 64): replace(case, device=device.with_ratio(10.0)),
        ("device_noise", 0.1, 64): replace(case, device=replace(device, device_noise=0.1)),
        ("read_noise", 0.1, 64): replace(case, device=replace(device, read_noise=0.1)),
        ("stuck", 0.1, 64): replace(case, device=replace(device, stuck_on=0.05, stuck_off=0.05)),
        ("time", 100.0, 64): replace(case, time_s=100.0),
        ("cycles", 1e5, 64): replace(case, cycles=1e5),
        ("worn_out", 0.2, 64): replace(case, device=half, cycles=half.cycles_until(0.2)),
    }
    for (sweep, value, size), own in cases.items():
        rows = [row for row in found["rows"] if (row["sweep"], row["value"], row["size"]) == (sweep, value, size)]
        errors = [studied(own, seed).error_rms for seed in (1, 2)]
        assert [row["error_rms_lsb"] for row in rows] == [
            {"mean": sum(errors) / 2, "low": min(errors), "high": max(errors)}
        ], sweep


def test_every_property_is_varied_by_itself(benchnn, nice):
    found = benchnn("crossbar", "spikesim_nice", *FEW, *AGED, "--json").record
    require_allowed(found, CROSSBAR, "crossbar.json")
    values = {}
    for row in found["rows"]:
        values.setdefault(row["sweep"], []).append(row["value"])
        assert row["sweep"] == "wires" or (row["size"], row["wire_ohm"]) == (64, 0.0)
        for name, part in row.items():
            assert not isinstance(part, dict) or part["low"] <= part["mean"] <= part["high"], name
    assert values.pop("worn_out")[0] == 0.0
    assert values == {
        "wires": [0.0, 4.0, 0.0, 4.0],
        "ratio": [10.0],
        "device_noise": [0.0, 0.1],
        "read_noise": [0.1],
        "stuck": [0.1],
        "time": [1.0, 100.0],
        "cycles": [1e5],
    }
    assert found["array"]["drift_exponent"] == 0.1 and found["array"]["full_scale_a"] == 1.33236e-3
    assert found["reasons"] == {}
    device = replace(device_of(nice), endurance_cycles=1e6, endurance_shape=2.0)
    wear = found["wear"]
    assert 0.0 < wear["worn_out_share"] < 0.1
    assert wear["cycles"] == pytest.approx(device.cycles_until(wear["worn_out_share"]))


def test_what_the_sheet_does_not_state_is_null_with_its_reason(benchnn):
    done = benchnn("crossbar", "spikesim_nice", *FEW, "--json")
    found = done.record
    assert found["wear"]["cycles"] is None and "--endurance" in found["reasons"]["cycles"]
    assert "--drift" in found["reasons"]["time"] and not [row for row in found["rows"] if row["sweep"] == "time"]
    text = benchnn("crossbar", "spikesim_nice", *FEW).out
    assert "cycles until a loss of 10 %: wear requires an endurance" in text
    assert "time: drift requires an exponent" in text


def test_a_loss_is_found_between_two_points():
    points = [(0.0, 1.0), (0.1, 0.95), (0.2, 0.85), (0.5, 0.2)]
    assert crossing(points, 0.9) == pytest.approx(0.15)
    assert crossing(points, 0.95) == 0.1
    assert crossing(points, 0.1) is None


def test_an_array_that_keeps_its_accuracy_has_no_cycles(benchnn, tmp_path):
    # Codes of one bit: every column is at the largest, the first is always taken.
    sheet = (Path(load_accelerator.__code__.co_filename).parent / "spikesim_nice.toml").read_text()
    sheet = sheet.replace("[[4, 78.3736], [8, 1332.36]]", "[[1, 0.001]]").replace("value = [4, 8]", "value = [1]")
    (tmp_path / "mine.toml").write_text(sheet)
    found = benchnn("crossbar", tmp_path / "mine.toml", *FEW, "--endurance", "1e6", "--json").record
    assert found["wear"]["worn_out_share"] is None and "stays above" in found["reasons"]["cycles"]
    assert all(row["clipped_share"]["mean"] > 0.9 for row in found["rows"] if row["sweep"] == "ratio")
    text = benchnn("crossbar", tmp_path / "mine.toml", *FEW).out
    assert "cycles until a loss of 10 %: the decision accuracy stays above" in text


def test_tables_have_units_and_all_measures(benchnn):
    text = benchnn("crossbar", "spikesim_nice", *FEW, *AGED).out
    assert "base resistance 19.14 kOhm, off state 100 MOhm, wires 0 Ohm; read at 0.1 V, codes of 8 bits" in text
    assert re.search(r"wire resistance  size  current  worst column .* decision accuracy\n +0 Ohm +8 +100.0 %", text)
    assert re.search(r"time after writing .*\n +1 s .*\n +100 s ", text) and "stuck cells" in text


def test_the_folder_has_record_and_pictures_and_the_report_shows_them(benchnn, home):
    arguments = ("crossbar", "spikesim_nice", *FEW, *AGED, "--out", "c")
    done = benchnn(*arguments)
    assert done.code == 0 and "written to c: crossbar.json, crossbar-wires.svg, crossbar-errors.svg" in done.out
    written = sorted(path.name for path in (home / "c").iterdir())
    assert written == ["crossbar-decisions.svg", "crossbar-errors.svg", "crossbar-wires.svg", "crossbar.json"]
    with drawing():
        section = _section(read_source(Path("c")), None)
    pictures = [entry for chapter in section.chapters for entry in chapter.content if isinstance(entry, Picture)]
    assert [picture.name for picture in pictures] == ["crossbar-wires", "crossbar-errors", "crossbar-decisions"]
    assert "12 x 12: 100 % at 0 Ω, worst 100 %" in pictures[0].description
    assert benchnn("report", "c").code == 0
    page = (home / "c" / "report.html").read_text()
    assert "Worn-out cells" in page and "crossbar-wires" in page and "NICE" in page
    assert "already contains the study of a crossbar" in benchnn(*arguments).refusal


def test_one_large_power_of_ten_is_drawn(benchnn, home):
    few = ("--sizes", "8", "--wire", "0", "--seeds", "1", "--noise", "0", "--read-noise", "0", "--out", "c")
    large = ("--ratio", "1e6", "--stuck", "5e-324", "--drift", "0.1", "--time", "1e6")
    worn = ("--endurance", "100", "--endurance-shape", "0.01", "--cycles", "1e30")
    done = benchnn("crossbar", "spikesim_nice", *few, *large, *worn)
    assert done.code == 0 and (home / "c" / "crossbar-decisions.svg").exists()
    assert "cycles until a loss of 10 %: less than one cycle" in done.out
    path = home / "c" / "crossbar.json"
    path.write_text(re.sub('"value": [^,]+', '"value": 1e30', path.read_text()))
    assert benchnn("report", "c").code == 0
    assert "less than one cycle" in (home / "c" / "report.html").read_text()


def test_hostile_records_are_shown_or_refused(benchnn, home):
    printed = benchnn("crossbar", "spikesim_nice", *FEW, "--json", "--out", "c").record
    path = home / "c" / "crossbar.json"
    plain = path.read_text()
    assert json.loads(plain) == printed
    for old, new, refusal in (
        ('"value": 10.0', '"value": 1e308', "rows.4.value = 1e+308 is not allowed"),
        ('"value": 10.0', '"value": -1', "rows.4.value = -1 is not allowed"),
        ('"size": 8', '"size": "8"', "rows.0.size is not an integer"),
        ('"wear": {', '"wear": [], "x": {', "wear is not an object"),
        ('"rows": [', '"lines": [', "rows is missing"),
    ):
        assert old in plain
        path.write_text(plain.replace(old, new))
        with pytest.raises(InputError, match=re.escape(refusal)):
            read_study(Path("c"), "crossbar.json")
    shown = plain.replace('"title": "Sp', '"title": "<img src=x>').replace('"sweep": "stuck"', '"sweep": "<script>"')
    shown = shown.replace('"value": 10.0', '"value": 1e-300').replace('"value": 0.002', '"value": null')
    path.write_text(shown)
    assert benchnn("report", "c", "--overwrite").code == 0
    page = (home / "c" / "report.html").read_text()
    assert "<img src=x>" not in page and "<script>" not in page and "&lt;img src=x&gt;" in page


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (("sata",), "sheet = 'sata' is not allowed: use a sheet of kind 'analogue crossbar'"),
        (("nice",), "accelerator = 'nice' is unknown"),
        (("spikesim_nice", "--sizes", "1"), "sizes = '1' is not allowed"),
        (("spikesim_nice", "--sizes", "257"), "sizes = '257' is not allowed"),
        (
            ("spikesim_nice", "--sizes", ",".join(map(str, range(2, 23)))),
            "number of values of sizes = 21 is not allowed: must be at most 20",
        ),
        (
            ("spikesim_nice", "--wire", ",".join(map(str, range(21)))),
            "number of values of wire = 21 is not allowed: must be at most 20",
        ),
        (
            ("spikesim_nice", "--sizes", "256", "--wire", "1,2,3", "--seeds", "1000"),
            "3.8 h; the limit is 1 h, so use small",
        ),
        (("spikesim_nice", "--ratio", "10,1e20"), "ratio = 1e+20 is not allowed: must be above 1 and"),
        (("spikesim_nice", "--wire", "-1"), "wire = '-1' is not allowed"),
        (("spikesim_nice", "--wire", "1,1.0"), "use each number once"),
        (("spikesim_nice", "--ratio", "1"), "ratio = '1' is not allowed"),
        (("spikesim_nice", "--noise", "2"), "noise = '2' is not allowed"),
        (("spikesim_nice", "--read-noise", "x"), "read_noise = 'x'"),
        (("spikesim_nice", "--stuck", "nan"), "stuck = 'nan'"),
        (("spikesim_nice", "--time", "10"), "time = '10' is not allowed: it requires --drift"),
        (("spikesim_nice", "--drift", "0.1", "--time", "0.5"), "time = '0.5'"),
        (("spikesim_nice", "--drift", "0.1,0.2"), "drift = '0.1,0.2' is not allowed: give one number"),
        (("spikesim_nice", "--cycles", "10"), "cycles = '10' is not allowed: it requires --endurance"),
        (
            ("spikesim_nice", "--endurance-shape", "abc"),
            "endurance_shape = 'abc' is not allowed: it requires --endurance",
        ),
        (("spikesim_nice", "--endurance-shape", "2"), "endurance_shape = '2' is not allowed: it requires --endurance"),
        (("spikesim_nice", "--endurance", "1e6", "--endurance-shape", "abc"), "endurance_shape = 'abc'"),
        (("spikesim_nice", "--endurance", "1e30", "--cycles", "1e-320"), "must be 0, or at least 1"),
        (("spikesim_nice", "--endurance", "0"), "endurance = '0'"),
        (("spikesim_nice", "--endurance", "1e6", "--endurance-shape", "0"), "endurance_shape = '0'"),
        (("spikesim_nice", "--adc-bits", "6"), "full_scale_a for 6 bits"),
        (("spikesim_nice", "--seeds", "0"), "seeds = '0'"),
    ],
)
def test_wrong_input_is_refused(benchnn, arguments, refusal):
    assert refusal in benchnn("crossbar", *arguments).refusal


def test_the_document_has_each_key_of_the_record_and_each_option(benchnn, capsys):
    text = DOCUMENT.read_text()
    keys = set(CROSSBAR) | set(CROSSBAR["rows"][0]) | set(CROSSBAR["wear"]) | set(SWEEPS)
    assert not [key for key in keys if f"`{key}`" not in text and f".{key}`" not in text]
    with pytest.raises(SystemExit):
        benchnn("crossbar", "--help")
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help", "--json", "--overwrite"}
    assert not [option for option in options if f"`{option}" not in text]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ((1.0, 1e6), ["1", "10²", "10⁴", "10⁶"]),
        ((1e-9, 1e9), ["10⁻⁹", "10⁻³", "10³", "10⁹"]),
        ((10.0, 1000.0), ["10", "100", "1,000"]),
        ((1e6,), ["10⁵", "10⁶"]),
        ((1e30,), ["10²⁹", "10³⁰"]),
        ((5e-324, 1e-20), ["10⁻²¹", "10⁻²⁰"]),
        ((10.0,), ["10"]),
    ],
)
def test_labels_of_decades_have_room(values, labels):
    picture = panels_picture(
        "p", "t", "m", 1.0, None, [Panel("a", "b", True, [(one, 1.0, 0.5, 2.0) for one in values])]
    )
    axes = picture.figure.axes[0]
    low, high = axes.get_xlim()
    ticks = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
    assert [label.get_text() for place, label in ticks if low <= place <= high] == labels
