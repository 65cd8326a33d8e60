"""Pages of trials: ranked neurons, and the differences of two experiments."""

import json
import re
import shutil

import numpy as np
import pytest

from benchnn.report.figures.neuron_rates import interval_picture, rank_picture, scatter_picture
from benchnn.report.style import drawing
from benchnn.statistics.neuron_rates import NeuronCounts, neuron_rates, rate_differences
from tests.benchnn.report.conftest import call, succeed
from tests.benchnn.trial_experiments import make_experiments


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return make_experiments(tmp_path_factory.mktemp("experiments"), names=("whole", "silent", "none"))


def page_of(tmp_path, *folders):
    succeed("report", *folders, "--out", tmp_path / "page.html")
    return (tmp_path / "page.html").read_text()


def test_a_page_of_one_experiment_ranks_its_neurons(trials, tmp_path):
    text = page_of(tmp_path, trials / "whole")
    assert "6 trials (seeds 1 to 6) of 400 ms after a warm-up of 5 ms." in text
    records = [json.loads((trials / "whole" / f"seed-{seed}" / "result.json").read_text()) for seed in range(1, 7)]
    for record in records:
        assert record["spike_digest"] in text
    assert f"{np.mean([record['spikes'] for record in records]):,.4g}" in text
    assert 'id="s1-neuron-rates-title"' in text
    assert "Neurons that fired; sd and interval over trials" in text
    assert "Differences" not in text
    assert ">once<" in text


def test_two_experiments_are_compared(trials, tmp_path):
    text = page_of(tmp_path, trials / "whole", trials / "silent")
    chapter = text[text.rindex("Rates in ") :]
    assert "Student&#x27;s t over the pairs" in chapter or "Student's t over the pairs" in chapter
    cells = re.findall(r"<tr><th scope=\"row\"[^>]*>(\d+)</th><td[^>]*>N</td><td[^>]*>(\d+)</td>(.*?)</tr>", chapter)
    assert cells[0][:2] == ("1", "7")
    assert "**" in cells[0][2]
    assert all("**" not in cell for *_, cell in cells[1:])
    for name in ("neuron-rates", "rate-scatter", "rate-differences"):
        assert f'id="s3-{name}-title"' in text
    assert "silent" in chapter
    assert "false and true" in chapter


def test_of_three_experiments_two_are_compared_with_the_first(trials, tmp_path):
    text = page_of(tmp_path, trials / "whole", trials / "silent", trials / "none")
    titles = re.findall(r"<h2>(Differences: [^<]*)</h2>", text)
    expected = [(trials / name) for name in ("silent", "none")]
    assert titles == [f"Differences: {folder} against {trials / 'whole'}" for folder in expected]


def test_trials_without_spikes_say_so(trials, tmp_path):
    folder = shutil.copytree(trials / "whole", tmp_path / "copy")
    for path in folder.glob("*/spikes.h5"):
        path.unlink()
    text = page_of(tmp_path, folder, trials / "silent")
    assert "spikes were not recorded" in text
    assert "The two experiments are not compared." in text
    assert "does not contain spikes" in text


def test_a_folder_without_results_is_refused(tmp_path):
    (tmp_path / "seed-1").mkdir()
    code, found = call("report", tmp_path, "--out", tmp_path / "page.html")
    assert code == 2
    assert "or folders seed-N of trials" in found


def test_what_is_drawn():
    a, b = np.array([[4, 9, 0], [6, 9, 1]]), np.array([[14, 9, 0], [16, 9, 0]])
    first, second = (NeuronCounts(np.array([3, 5, 8]), table, 0.5) for table in (a, b))
    with drawing():
        ranks = rank_picture({"a": neuron_rates(first), "b": neuron_rates(second)})
        found = rate_differences(first, second, True)
        scatter, intervals = scatter_picture(found, ("a", "b")), interval_picture(found, ["N 3", "N 8", "N 5"])
        axes = ranks.figure.axes[0]
        np.testing.assert_allclose(axes.lines[0].get_ydata(), [18.0, 10.0, 1.0])
        marks = np.concatenate([line.get_xydata() for line in scatter.figure.axes[0].lines[1:]])
        assert sorted(marks.tolist()) == [[1.0, 0.0], [10.0, 30.0], [18.0, 18.0]]
        points = [line.get_xdata().tolist() for line in intervals.figure.axes[0].lines if len(line.get_xdata()) == 1]
        assert points == [[20.0], [-1.0], [0.0]]
    assert "a: 3 neurons, 18 to 1 per second" in ranks.description
    assert intervals.description == "N 3 20, N 8 -1, N 5 0."


def test_nothing_is_drawn_of_silent_networks():
    silent = NeuronCounts.of([np.zeros(0, dtype=np.int64)] * 2, 1.0)
    found = rate_differences(silent, silent, True)
    with drawing():
        assert rank_picture({"a": neuron_rates(silent)}) is None
        assert scatter_picture(found, ("a", "b")) is None
        assert interval_picture(found, []) is None
