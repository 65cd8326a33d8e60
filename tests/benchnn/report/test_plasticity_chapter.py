"""Pages of runs with plastic synapses: what the record says of them, and a histogram of recorded weights."""

import json
import re
import shutil

import h5py
import numpy as np
import pytest

from benchnn.report.figures.weights import BINS, weights_picture
from benchnn.report.style import drawing
from simcore.recording.weights_file import RecordedWeights
from tests.benchnn.report.conftest import call, succeed

MODEL = '''
from simcore.network import FixedIndegree, Network, Poisson, Population, Projection, Stdp, Tsodyks2


def plastic():
    """STDP within a population that is driven, and short-term plasticity."""
    rules = (Stdp(lambda_=0.2, Wmax=300.0), Tsodyks2())
    projections = [Projection("E<b>", "E<b>", FixedIndegree(5), 200.0, 1.5, plasticity=rule) for rule in rules]
    return Network([Population("E<b>", 20)], projections, [Poisson("E<b>", 9000.0, 200.0)])
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("plastic")
    (home / "plastic.py").write_text(MODEL)
    options = ("--backend", "oracle", "--meters", "none", "--warmup", 0, "--time", 20, "--record", "weights:0:10")
    succeed("run", f"{home / 'plastic.py'}:plastic", *options, "--out", home / "out")
    return home / "out"


def page_of(folder, tmp_path):
    succeed("report", folder, "--out", tmp_path / "page.html")
    return (tmp_path / "page.html").read_text()


def test_a_page_shows_weights_and_updates(folder, tmp_path):
    text = page_of(folder, tmp_path)
    record = json.loads((folder / "result.json").read_text())
    part = record["plasticity"]["0"]
    chapter = text[text.index(">Plasticity<") :]
    assert "0: E&lt;b&gt;-&gt;E&lt;b&gt;" in chapter and "<b>" not in chapter
    for name in ("facilitations", "depressions", "synapses"):
        assert f">{part[name]:,}</td>" in chapter, name
    assert f">{part['mean']:,.4g}</td>" in chapter
    assert record["weight_digest"] in chapter
    assert 'id="s1-weights-title"' in text and "0 ms" in chapter and "20 ms" in chapter
    assert "tsodyks2_synapse" in chapter


def test_without_recorded_weights_there_is_no_histogram(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "weights.h5").unlink()
    text = page_of(copy, tmp_path)
    assert ">Plasticity<" in text and "s1-weights-title" not in text
    assert "Weights were not recorded" in text


def test_a_static_network_has_no_chapter(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    record = json.loads((copy / "result.json").read_text())
    (copy / "result.json").write_text(json.dumps(record | {"plasticity": None, "weight_digest": None}))
    assert ">Plasticity<" not in page_of(copy, tmp_path)


def test_a_damaged_file_is_named(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    with h5py.File(copy / "weights.h5", "a") as file:
        del file["projections/0/times"]
    code, found = call("report", copy, "--out", tmp_path / "page.html")
    assert code == 2 and re.search(r"cannot read .*weights\.h5", found)


def test_bars_are_shares_of_the_synapses_at_the_first_and_the_last_time():
    integers = np.array([[0, 0, 0, 64], [32, 64, 64, 64], [0, 64, 64, 64]], dtype=np.int32)
    nothing = np.zeros(4, dtype=np.int64)
    times = np.array([1.0, 2.0, 3.0])
    one = RecordedWeights(0, "A", "B", nothing, nothing, np.ones(4), times, integers, 0.5, "pA")
    with drawing():
        picture = weights_picture({0: one})
    (axes,) = picture.figure.axes
    heights = [patch.get_data().values for patch in axes.patches]
    assert len(heights) == 2 and all(len(values) == BINS for values in heights)
    assert heights[0][0] == 0.75 and heights[0][-1] == 0.25
    assert heights[1][0] == 0.25 and heights[1][-1] == 0.75
    edges = axes.patches[0].get_data().edges
    assert (edges[0], edges[-1]) == (0.0, 32.0)
    assert "mean pA: 8 at 1 ms, 24 at 3 ms" in picture.description
    empty = RecordedWeights(0, "A", "B", nothing[:0], nothing[:0], np.ones(0), times, integers[:, :0], 0.5, "pA")
    assert weights_picture({0: empty}) is None
