"""The command: where it writes, what it refuses, and that equal records give equal bytes."""

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchnn.cli import main

ROOT = Path(__file__).parents[3]


@pytest.fixture
def refused(benchnn):
    """Call report with what it must refuse; returns the sentence."""
    return lambda *arguments: benchnn("report", *arguments).refusal


def test_the_page_of_one_folder_is_in_it_and_is_not_lost(copied, benchnn, refused):
    folder = copied("run")
    finished = benchnn("report", folder)
    assert finished.code == 0 and finished.out == f"written to {folder / 'report.html'}\n"
    (folder / "report.html").write_text("mine")
    assert "pass --overwrite" in refused(folder)
    assert (folder / "report.html").read_text() == "mine"
    assert benchnn("report", folder, "--overwrite").code == 0
    assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_the_page_of_several_folders_is_in_the_working_folder(made, benchnn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert benchnn("report", made / "run", made / "series").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def with_figures(made, folder):
    """The command that writes the page and the figures of the series into a folder."""
    words = ("report", made / "series", "--out", folder / "a.html", "--figures", folder / "plots")
    return [str(word) for word in words]


@pytest.fixture(scope="module")
def drawn(made, tmp_path_factory):
    """A folder with the page and the figures of the series, and what the command printed."""
    folder = tmp_path_factory.mktemp("drawn")
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(with_figures(made, folder)) == 0
    return folder, out.getvalue()


@pytest.mark.thorough
def test_equal_records_give_equal_bytes_in_every_process(made, drawn, tmp_path):
    elsewhere = {"PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT), "TZ": "UTC+11"}
    command = [sys.executable, "-m", "benchnn", *with_figures(made, tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, **elsewhere}, capture_output=True)
    here, other = (
        {path.name: path.read_bytes() for path in (folder / "a.html", *(folder / "plots").iterdir())}
        for folder in (drawn[0], tmp_path)
    )
    assert here == other and len(here) == 1 + 2 * 3


def test_equal_recordings_give_equal_pages(made, page, benchnn, tmp_path):
    assert benchnn("report", made / "run", "--out", tmp_path / "again.html").code == 0
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page(made / "run")


def test_figures_are_written_as_svg_and_png(made, drawn, refused, tmp_path):
    folder, printed = drawn
    assert "6 files of figures" in printed
    names = sorted(path.name for path in (folder / "plots").iterdir())
    assert names == sorted(f"1-{name}.{kind}" for name in ("costs", "phases", "scaling") for kind in ("png", "svg"))
    for path in (folder / "plots").glob("*.svg"):
        assert ElementTree.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own
        assert "real-time factor" in path.read_text() or path.name == "1-costs.svg"
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (folder / "plots").glob("*.png"))
    assert "already exists" in refused(made / "series", "--out", tmp_path / "a.html", "--figures", folder / "plots")
    assert not (tmp_path / "a.html").exists()


DAMAGED = {
    "{": "not valid JSON",
    "[1]": "is not a record",
    "{}": "schema_version is missing",
    '{"schema_version": 1}': "model is missing",
    '{"schema_version": 1, "model": {}, "wall_s": {}, "real_time_factor": NaN}': "NaN is not a number",
    '{"schema_version": 1, "model": {}, "wall_s": {}, "real_time_factor": "fast"}': "real_time_factor is not a number",
    '{"schema_version": 1, "model": {"neurons": 1e999}, "wall_s": {}}': "1e999 is not a number",
    '{"schema_version": 1, "model": {}, "wall_s": {"propagation": 3}, "layout": []}': "layout is not an object",
    '{"schema_version": 1, "model": {"name": ["a"]}, "wall_s": {"a": 1}}': "name is not a text",
    '{"a": ' * 100_000: "nested too deeply",
}


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_record_is_refused_in_one_sentence(content, tmp_path, refused):
    (tmp_path / "result.json").write_text(content)
    message = refused(tmp_path)
    assert DAMAGED[content] in message and "result.json" in message
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("run", "result.json"),
        ("series", "scaling.json"),
        ("comparison", "comparison.json"),
        ("validation", "validation.json"),
    ],
)
def test_a_record_of_another_version_is_refused(name, file, changed, refused):
    folder = changed(name, lambda record: record.update(schema_version=2))
    assert f"{file}: schema_version = 2 is not allowed: must be 1" in refused(folder)


def test_folders_that_hold_no_result_are_refused(made, tmp_path, copied, refused):
    assert "the folder does not exist" in refused(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    assert "it does not contain a result" in refused(tmp_path / "empty")
    assert "it does not contain a result" in refused(made / "run", made)
    both = copied("run")
    (both / "scaling.json").write_text("{}")
    assert "it contains both result.json and scaling.json" in refused(both)


def test_damaged_spikes_are_refused(copied, refused):
    folder = copied("run")
    (folder / "spikes.h5").write_bytes(b"\x89HDF")
    assert "spikes.h5" in refused(folder)
    assert not (folder / "report.html").exists()


def test_a_series_reads_nothing_outside_of_its_folder(changed, made, page):
    def edit(record):
        for row in record["rows"]:
            for run in row["runs"]:
                run["result"] = "../run/result.json"

    text = page(changed("series", edit))
    assert "Origin of the first run" not in text
    assert "Origin of the first run" in page(made / "series")


def test_wrong_outputs_are_refused(changed, tmp_path, refused):
    run = changed("run", lambda record: None, spikes=False)
    assert "must end in .html" in refused(run, "--out", run / "result.json", "--overwrite")
    assert "cannot write" in refused(run, "--out", tmp_path / "no" / "a.html")
    (tmp_path / "a.html").mkdir()
    assert "it is a folder" in refused(run, "--out", tmp_path / "a.html", "--overwrite")
    (tmp_path / "file").touch()
    assert "cannot write figures to" in refused(
        run, "--out", tmp_path / "b.html", "--figures", tmp_path / "file" / "plots"
    )
    assert not (tmp_path / "b.html").exists()


def test_a_reference_that_does_not_fit_is_refused(made, tmp_path, changed, refused):
    reference, out = made / "validation" / "reference.h5", ("--out", tmp_path / "page.html")
    assert "no folder contains a run or a comparison" in refused(made / "series", "--reference", reference, *out)
    other = changed("run", lambda record: record["model"]["parameters"].update(order=41))
    assert "the reference has a different network or window: parameter order" in refused(
        other, "--reference", reference, *out
    )
    assert "cannot read" in refused(made / "run", "--reference", tmp_path / "absent.h5", *out)
    assert not (tmp_path / "page.html").exists()


def test_without_matplotlib_the_command_says_what_to_install(made, tmp_path, benchnn, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    finished = benchnn("report", made / "run", "--out", tmp_path / "page.html")
    assert finished.code == 1 and "pip install 'benchnn[report]'" in finished.err
    assert not (tmp_path / "page.html").exists()


def test_matplotlib_is_left_as_it_was(made, tmp_path):
    # Reading the setting "backend" would itself load pyplot.
    program = (
        "import sys, matplotlib; matplotlib.rcParams['font.size'] = 30.0\n"
        "def settings(): return {key: matplotlib.rcParams[key] for key in matplotlib.rcParams if key != 'backend'}\n"
        "before = settings()\n"
        "from benchnn.cli import main\n"
        f"assert main(['report', {str(made / 'run')!r}, '--out', {str(tmp_path / 'a.html')!r}]) == 0\n"
        "assert settings() == before and 'matplotlib.pyplot' not in sys.modules\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)


def test_help_loads_neither_numpy_nor_matplotlib():
    program = (
        "import sys\nfrom benchnn.cli import main\ntry: main(['report', '--help'])\nexcept SystemExit: pass\n"
        "assert not {'numpy', 'matplotlib', 'h5py'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, capture_output=True)
