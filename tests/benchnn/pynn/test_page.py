"""The page on PyNN: its example runs, and its tables name everything that can be had and that cannot."""

import re
from pathlib import Path

import pytest

pytest.importorskip("pyNN")

from benchnn.pynn.cells import CELLS
from benchnn.pynn.electrodes import ELECTRODES
from benchnn.pynn.synapses import SYNAPSES
from benchnn.pynn.unavailable import REASONS

PAGE = (Path(__file__).parents[3] / "docs" / "pynn.md").read_text()
PARTS = {name for name, reason in REASONS.items() if "composed of parts" in reason} - {"PointNeuron"}


def test_the_example_of_the_page_runs(capsys):
    (example,) = re.findall(r"<!-- example -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert PAGE.count("```python") == 1
    names: dict = {}
    exec(compile(example, "pynn.md", "exec"), names)  # noqa: S102 - the documents are ours
    assert names["potentials"].shape == (4001, 2)
    assert 400 < names["inputs"].size() < 600
    assert names["strong"] > 2.0 * names["weak"]
    assert capsys.readouterr().out.startswith(str(names["inputs"].size()))


@pytest.mark.parametrize(
    "name", [*(kind.__name__ for kind in (*CELLS, *SYNAPSES, *ELECTRODES)), *sorted({*REASONS} - PARTS)]
)
def test_the_page_names_every_type(name):
    rows = [line for line in PAGE.splitlines() if f"`{name}`" in line and not line.startswith("- ")]
    assert rows
    if name in REASONS:
        assert any("| no |" in row for row in rows)


def test_the_page_names_every_connector():
    import benchnn.pynn

    connectors = [name for name in benchnn.pynn.__all__ if name.endswith("Connector")]
    assert len(connectors) == 15
    assert all(f"`{name}`" in PAGE for name in connectors)
