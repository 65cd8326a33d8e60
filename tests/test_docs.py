"""The examples of the documents run, and yield what the text around them says."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parents[1] / "docs"


def examples(document):
    """The Python blocks after the comment that marks an example."""
    return re.findall(r"<!-- example -->\n```python\n(.*?)```", (DOCS / document).read_text(), re.DOTALL)


def run(document, number, names=None):
    """Run one example, by itself or with the names of an earlier one; returns its names."""
    names = {} if names is None else names
    exec(compile(examples(document)[number], document, "exec"), names)  # noqa: S102 - the documents are ours
    return names


@pytest.mark.parametrize(("document", "number"), [("drives.md", 4), ("sources.md", 3)])
def test_every_python_block_is_an_example(document, number):
    assert (DOCS / document).read_text().count("```python") == len(examples(document)) == number


def test_the_crossbar_computes_the_sums_that_the_page_shows(capsys):
    names = run("crossbars.md", 0)
    assert (DOCS / "crossbars.md").read_text().count("```python") == 1
    assert np.array_equal(names["sums"], names["spikes"] @ names["weights"])
    assert f"print(sums.tolist())  # {capsys.readouterr().out.strip()}, as" in (DOCS / "crossbars.md").read_text()


def test_the_drives_make_the_neurons_fire():
    names = run("drives.md", 0)
    assert 100 < names["result"].spikes["E"] < 3000
    drives = {drive.name for drive in names["network"].drives}
    text = (DOCS / "drives.md").read_text()
    assert len(drives) == 6 and all(f"\n## {type(drive).__name__}\n" in text for drive in names["network"].drives)


def test_drives_take_a_value_for_each_neuron():
    assert run("drives.md", 1)["result"].spikes["E"] > 20


def test_sources_send_their_spikes():
    names = run("sources.md", 0)
    assert names["times_ms"].tolist() == [1.0, 3.2, 3.3, 7.5, 90.0] and names["neurons"].tolist() == [0, 2, 2, 0, 2]
    spikes = names["result"].spikes
    assert spikes["E"] > 20 and abs(spikes["retina"] - 784 * 30.0 * 0.15) < 6.0 * np.sqrt(784 * 30.0 * 0.15)
    names = run("sources.md", 1)
    assert names["first"].spike_digest == names["second"].spike_digest and names["first"].spikes["A"] > 300


def test_sources_change_between_calls():
    shown = run("sources.md", 2)["shown"]
    assert [spikes["cue"] for spikes in shown] == [1, 1, 1] and all(spikes["image"] > 700 for spikes in shown)


def test_somebody_elses_mapping_is_taken(tmp_path, monkeypatch):
    from benchnn.cli import main

    monkeypatch.chdir(tmp_path)
    brunel = ("map", "brunel", "--param", "order=8", "--chip", "loihi1")
    assert main([*brunel, "--mapping-out", "mapping.h5"]) == 0
    run("mapping.md", 0)
    assert main([*brunel, "--mapping", "mine.h5", "--mapping-out", "again.h5"]) == 0
    import h5py

    with h5py.File("again.h5") as file:
        assert file.attrs["mapper"] == "mine" and file["slot_of_core"][3] == 12


def test_changed_parameters_act():
    names = run("drives.md", 2)
    before, driven, after = (names[name].spikes["E"] for name in ("before", "driven", "after"))
    assert before == 0 and driven % 100 == 0 and driven > 0
    assert after > 0 and after % 100 != 0


def test_the_edges_are_those_of_the_description():
    names = run("drives.md", 3)
    assert np.all(names["in_degrees"] == 10)
    assert names["edges"].weights.mean() == pytest.approx(80.0, abs=2.0)
    assert np.all(names["edges"].delays_ms == pytest.approx(1.5))


def test_the_page_on_python_prints_what_it_shows(capsys):
    run("python.md", 0)
    printed, page = capsys.readouterr().out, (DOCS / "python.md").read_text()
    network = printed.partition("2,000 steps")[0].strip()
    assert f"```\n{network}\n```" in page
    assert "spikes of 100 neurons from 0 to 200 ms" in printed and "2 traces of 2,000 values" in printed


def test_a_run_is_made_read_back_and_drawn(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    names = run("python.md", 2)
    assert names["again"]["spike_digest"] == names["run"]["spike_digest"]
    assert len(names["run"].spikes) > 1000 and "Run of pd14: 1,544 neurons" in capsys.readouterr().out
    run("python.md", 3, names)
    assert (tmp_path / "activity.png").stat().st_size > 10_000


def test_every_python_block_of_the_page_on_python_is_an_example():
    assert (DOCS / "python.md").read_text().count("```python") == len(examples("python.md"))


def test_the_selections_of_the_page_on_python_act():
    names = run("python.md", 1)
    assert set(names["edges"].sources) <= set(range(10, 20)) and set(names["edges"].targets) <= set(range(80, 85))
    assert len(names["edges"].sources) > 0
    # Driven by a current from 100 ms on; every second neuron is recorded.
    assert set(range(40, 80, 2)) <= set(names["late"]["E"]) <= set(range(0, 80, 2))


def test_edges_are_read_from_files_and_written_to_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (DOCS / "edges.md").read_text().count("```python") == len(examples("edges.md")) == 2
    assert run("edges.md", 0)["simulator"].n_synapses == 2000
    assert run("edges.md", 1)["again"].n_neurons == 100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["brunel.h5", "edges.npz"]


def test_plastic_weights_are_read_and_set():
    names = run("plasticity.md", 0)
    weights, counts, later = names["weights"], names["counts"], names["later"]
    n = len(weights.weights)
    assert n == 50 * 50 and len(np.unique(weights.weights)) > 1000 and weights.weights.min() >= 0.0
    assert weights.weights.max() <= 200.0 and np.all(np.diff(weights.targets) >= 0)
    assert counts.facilitations > n and counts.depressions > n
    # They were set to at most 120 pA, and went on changing.
    assert np.array_equal(later.sources, weights.sources) and later.weights.mean() < weights.weights.mean()
    assert not np.array_equal(later.weights, np.minimum(weights.weights, 120.0))


def test_the_commands_of_the_page_on_plasticity_run(tmp_path, monkeypatch, capsys):
    from benchnn.cli import main

    monkeypatch.chdir(tmp_path)
    page = (DOCS / "plasticity.md").read_text()
    (model,) = re.findall(r"<!-- file learning.py -->\n```python\n(.*?)```", page, re.DOTALL)
    (commands,) = re.findall(r"<!-- commands -->\n```sh\n(.*?)```", page, re.DOTALL)
    (tmp_path / "learning.py").write_text(model)
    assert page.count("```python") == len(examples("plasticity.md")) + 1
    for line in commands.splitlines():
        program, *arguments = shlex.split(line)
        assert program == "benchnn" and main(arguments) == 0, capsys.readouterr().err
    learned, on_loihi = (
        json.loads(Path("results", name, "result.json").read_text()) for name in ("learned", "on_loihi")
    )
    assert learned["weight_digest"] != on_loihi["weight_digest"]
    assert learned["plasticity"]["0"]["depressions"] > 0 and on_loihi["chip"]["plasticity"]["weight_updates"] > 0
    import h5py

    with h5py.File("results/learned/weights.h5") as file:
        weights = file["projections/0"]
        assert weights["times"][:].tolist() == [0.0, 100.0, 200.0, 300.0, 400.0, 500.0]
        assert weights["weights"].shape == (6, 50 * 50)


def test_the_page_of_the_fly_brain_shows_what_its_commands_print(tmp_path, monkeypatch, capsys):
    from benchnn.cli import main

    page = (DOCS / "fly_brain.md").read_text()
    (commands,) = re.findall(r"<!-- trials -->\n```sh\n(.*?)```", page, re.DOTALL)
    table = re.search(r"\n```\n(    population  neuron .*?)```", page, re.DOTALL).group(1)
    monkeypatch.chdir(tmp_path)
    first, *others = commands.splitlines()
    assert first == "echo 29 > silenced.txt"
    Path("silenced.txt").write_text("29\n")
    for command in others:
        words = shlex.split(command)
        assert words[0] == "benchnn"
        if words[1] == "report":
            continue
        capsys.readouterr()
        assert main([*words[1:], *(("--meters", "none") if words[1] == "run" else ())]) == 0
    assert table in capsys.readouterr().out


def test_a_network_in_space_has_short_synapses_and_a_picture(tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    names = run("spatial.md", 0)
    assert (DOCS / "spatial.md").read_text().count("```python") == len(examples("spatial.md")) == 2
    # Of a Gaussian kernel that ends at three standard deviations: 900 / mm2 and a peak of 0.8.
    assert len(names["distances"]) / 900 == pytest.approx(900 * 0.8 * 2 * np.pi * 0.01 * (1 - np.exp(-4.5)), rel=0.03)
    assert names["distances"].max() <= 0.3 and names["result"].spikes["E"] > 20
    run("spatial.md", 1, names)
    assert (tmp_path / "targets.png").stat().st_size > 1000
