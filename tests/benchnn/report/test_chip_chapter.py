"""Pages of runs on a chip: what the record says, and pictures of steps, links and cores."""

import json
import re
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from benchnn.report.figures.chip_course import BINS, course_picture
from benchnn.report.figures.chip_map import CELLS, LINES, cores_picture, links_picture
from benchnn.report.style import drawing
from tests.benchnn.report.conftest import succeed

PICTURES = ("floorline", "roofline", "chip-course", "chip-links", "chip-cores", "chip-energy")
HEADING = "On the chip: "


@pytest.fixture
def on_loihi1(chip_runs, tmp_path):
    """A copy of the result of a run on a chip."""
    return Path(shutil.copytree(chip_runs / "loihi1", tmp_path / "loihi1"))


def pictures(text):
    """Names of the pictures of a chip on a page."""
    return [name for name in PICTURES if f'id="s1-{name}-title"' in text]


def mesh(width, height):
    """Positions of routers, and both ends of the links between neighbours."""
    y, x = np.divmod(np.arange(width * height), width)
    ahead = np.flatnonzero(x < width - 1)
    above = np.flatnonzero(y < height - 1)
    origin = np.concatenate([ahead, ahead + 1, above, above + width])
    target = np.concatenate([ahead + 1, ahead, above + width, above])
    return np.stack([x, y], axis=1).astype(float), origin, target


def test_a_page_shows_what_the_record_says_of_the_chip(chip_runs, page):
    text = page(chip_runs / "loihi1")
    chip = json.loads((chip_runs / "loihi1" / "result.json").read_text())["chip"]
    assert f"{HEADING}{chip['title']}" in text and pictures(text) == list(PICTURES)
    noc = chip["network_on_chip"]
    for number in (chip["cores"], noc["messages_out"], noc["messages_in"], noc["hops"], noc["link_messages_max"]):
        assert f"<td>{number:,}</td>" in text
    assert "{} → {}".format(*noc["busiest_link"]) in text
    assert chip["floorline"]["advice"].replace("->", "-&gt;") in text
    assert f"{chip['energy_per_synaptic_event_pj']:,.4g} pJ" in text
    assert f"at least {1e9 * chip['step_time_s']['mean']:,.4g} ns" in text
    for state, number in chip["floorline"]["steps"].items():
        assert (f"steps in state {state}" in text) == (number > 0)


def test_what_is_not_known_says_why(chip_runs, page):
    text = page(chip_runs / "loihi1")
    reasons = json.loads((chip_runs / "loihi1" / "result.json").read_text())["reasons"]
    assert f"unknown: {reasons['chip.energy_j.barrier']}" in text


def test_a_chip_without_times_has_no_floorline_but_its_counts(chip_runs, page):
    text = page(chip_runs / "timeless")
    assert "floorline" not in pictures(text)
    assert {"chip-course", "chip-links", "chip-cores"} <= set(pictures(text))
    assert "duration of the step" not in text and text.count("unknown: synop_s") == 1


def test_a_run_without_a_chip_has_no_such_chapter(chip_runs, page):
    text = page(chip_runs / "plain")
    assert HEADING not in text and pictures(text) == []


def test_without_the_file_there_are_tables_and_no_pictures(on_loihi1, page):
    (on_loihi1 / "traffic.h5").unlink()
    text = page(on_loihi1)
    assert HEADING in text and pictures(text) == [] and "the folder does not contain traffic.h5" in text


def test_a_damaged_file_is_refused_before_anything_is_written(on_loihi1, benchnn):
    with h5py.File(on_loihi1 / "traffic.h5", "r+") as file:
        del file["steps"]
    assert "traffic.h5" in benchnn("report", on_loihi1).refusal
    assert not (on_loihi1 / "report.html").exists()


def oddities(record):
    """Exceed a limit, assume something, and write markup."""
    chip = record["chip"]
    chip["limits"][0].update(over=3, reason="<img src=x>")
    chip["assumptions"] = ["Routers lie in a square."]
    chip["lower_bounds"] = {"energy_j.total": "leaves out barriers", "step_time_s.memory": "leaves out x"}
    chip["energy_j"].update(total=2e-3, synop=1e-3)
    chip["step_time_s"].update(memory=5e-9, mean=7e-9)
    chip["title"] = chip["floorline"]["advice"] = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def odd(chip_runs, tmp_path_factory):
    """The page of a record with `oddities`."""
    folder = Path(shutil.copytree(chip_runs / "loihi1", tmp_path_factory.mktemp("odd") / "run"))
    record = json.loads((folder / "result.json").read_text())
    oddities(record)
    (folder / "result.json").write_text(json.dumps(record))
    succeed("report", folder)
    return (folder / "report.html").read_text(encoding="utf-8")


def test_exceeded_limits_stand_out(odd):
    assert '<span class="bad">exceeded at 3 places</span>' in odd


def test_assumptions_and_lower_bounds_are_reported(odd):
    assert "at least 2 mJ" in odd and "at least 5 ns" in odd
    assert "<span>1 mJ" in odd and "<span>7 ns" in odd
    assert "Routers lie in a square." in odd and "leaves out barriers" in odd


def test_nothing_of_a_record_becomes_markup(odd):
    assert "<script" not in odd and "<img" not in odd and "&lt;script&gt;" in odd


def test_equal_results_give_equal_pages(chip_runs, page, benchnn, tmp_path):
    assert benchnn("report", chip_runs / "loihi1", "--out", tmp_path / "again.html").code == 0
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page(chip_runs / "loihi1")


def test_each_link_of_a_small_mesh_is_drawn():
    position, origin, target = mesh(4, 3)
    with drawing():
        picture = links_picture(position, origin, target, np.arange(len(origin)), False)
        (axes, _) = picture.figure.axes
        drawn = sum(np.isnan(line.get_xdata()).sum() for line in axes.lines)
    assert drawn == len(origin) == 34
    assert "33, from router 11 to 7" in picture.description


def test_links_round_a_torus_are_drawn_as_their_ends():
    around = np.arange(8)
    position = np.stack([around, 0 * around], axis=1).astype(float)
    with drawing():
        longest = {}
        for torus in (True, False):
            picture = links_picture(position, around, (around + 1) % 8, np.ones(8, dtype=np.int64), torus)
            ends = picture.figure.axes[0].lines[0].get_xdata().reshape(-1, 3)
            longest[torus] = np.abs(ends[:, 1] - ends[:, 0]).max()
            assert ends[7, 0] == pytest.approx(7.16 if torus else 6.84)
    assert longest[True] < 1.0 and longest[False] > 6.0


def test_a_mesh_of_twenty_thousand_routers_is_a_small_picture():
    position, origin, target = mesh(141, 141)
    messages = np.ones(len(origin), dtype=np.int64)
    messages[7] = 50
    assert len(origin) > LINES
    with drawing():
        links = links_picture(position, origin, target, messages, False)
        cores = cores_picture(position, np.arange(len(position)), np.arange(len(position)))
        (image,) = links.figure.axes[0].images
        assert max(image.get_array().shape) <= CELLS
        # The busiest link leaves router 7, which lies in the fourth of the cells of two routers.
        assert np.unravel_index(np.nanargmax(image.get_array()), image.get_array().shape) == (0, 3)
        assert all(len(picture.written("svg")) < 60_000 for picture in (links, cores))


def test_the_cores_of_a_router_lie_together():
    position, _, _ = mesh(2, 1)
    with drawing():
        picture = cores_picture(position, np.array([0, 1, 0, 0, 0]), np.array([1, 5, 2, 3, 4]))
        (image,) = picture.figure.axes[0].images
    assert image.get_array().filled(0).tolist() == [[1, 2, 5], [3, 4, 0]]


def test_routers_that_are_on_no_grid_have_their_cores_row_by_row():
    angle = np.arange(5) * 2 * np.pi / 5
    with drawing():
        picture = cores_picture(np.stack([np.cos(angle), np.sin(angle)], axis=1), np.arange(5), np.arange(1, 6))
        (image,) = picture.figure.axes[0].images
    assert image.get_array().filled(0).tolist() == [[1, 2, 3], [4, 5, 0]]


def test_a_chip_with_one_router_has_no_picture_of_links():
    none = np.zeros(0, dtype=np.int64)
    assert links_picture(np.zeros((1, 2)), none, none, none, False) is None


def test_a_course_is_binned_and_keeps_what_stands_out():
    steps = 10 * BINS
    values = np.ones(steps)
    values[123] = 100.0
    with drawing():
        picture = course_picture({"messages": values}, 0.1 * np.arange(1, steps + 1))
        (axes,) = picture.figure.axes
    ((times, means),) = [line.get_data() for line in axes.lines]
    assert len(means) == BINS and means[12] == pytest.approx((9 + 100) / 10) and times[0] == pytest.approx(0.55)
    assert axes.collections[0].get_paths()[0].vertices[:, 1].max() == 100.0
    assert "mean 1.066, largest 100" in picture.description


def test_no_picture_has_a_number_with_an_exponent(chip_runs, page):
    assert not re.search(r">[\d.]+e[+-]?\d+<", page(chip_runs / "loihi1"))
