"""The examples of the documents run, and yield what the text around them says."""

import re
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parents[1] / "docs"


def examples(document):
    """The Python blocks after the comment that marks an example."""
    return re.findall(r"<!-- example -->\n```python\n(.*?)```", (DOCS / document).read_text(), re.DOTALL)


def run(document, number):
    """Run one example by itself; returns its names."""
    names: dict = {}
    exec(compile(examples(document)[number], document, "exec"), names)  # noqa: S102 - the documents are ours
    return names


def test_every_python_block_of_drives_is_an_example():
    assert (DOCS / "drives.md").read_text().count("```python") == len(examples("drives.md")) == 3


def test_the_drives_make_the_neurons_fire():
    names = run("drives.md", 0)
    assert 100 < names["result"].spikes["E"] < 3000
    drives = {drive.name for drive in names["network"].drives}
    text = (DOCS / "drives.md").read_text()
    assert len(drives) == 6 and all(f"\n## {type(drive).__name__}\n" in text for drive in names["network"].drives)


def test_changed_parameters_act():
    names = run("drives.md", 1)
    before, driven, after = (names[name].spikes["E"] for name in ("before", "driven", "after"))
    assert before == 0 and driven % 100 == 0 and driven > 0
    assert after > 0 and after % 100 != 0


def test_the_edges_are_those_of_the_description():
    names = run("drives.md", 2)
    assert np.all(names["in_degrees"] == 10)
    assert names["edges"].weights.mean() == pytest.approx(80.0, abs=2.0)
    assert np.all(names["edges"].delays_ms == pytest.approx(1.5))


def test_edges_are_read_from_files_and_written_to_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (DOCS / "edges.md").read_text().count("```python") == len(examples("edges.md")) == 2
    assert run("edges.md", 0)["simulator"].n_synapses == 2000
    assert run("edges.md", 1)["again"].n_neurons == 100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["brunel.h5", "edges.npz"]
