"""The examples run: scripts in this process, the notebook in a kernel of its own; and type checkers take them."""

import os
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """An empty working folder, without a screen."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    return tmp_path


def test_the_balanced_network_has_ten_lines_and_draws_a_picture(elsewhere):
    script = EXAMPLES / "balanced_network.py"
    _, code = script.read_text().split('"""\n', 1)
    assert len([line for line in code.splitlines() if line.strip()]) == 10
    names = runpy.run_path(str(script), run_name="__main__")
    assert (elsewhere / "balanced_network.png").stat().st_size > 20_000
    spikes = names["simulator"].spikes()
    rates = {name: len(spikes.of(name)[1]) / size for name, size in spikes.sizes.items()}
    assert all(5.0 < rate < 40.0 for rate in rates.values())


def test_the_window_of_plasticity_is_that_of_the_equations(elsewhere):
    names = runpy.run_path(str(EXAMPLES / "stdp_window.py"))
    asked = np.array([-40.0, -10.5, -5.1, -5.0, -4.9, 0.0, 12.3, 60.0])
    rules = names["RULES"]
    found, changes = names["measured"](rules["additive, mu = 0"], asked, np.full(8, 0.5), 5.0, "oracle")
    assert found == pytest.approx(asked)
    at_synapse = asked + 5.0
    expected = 0.01 * np.sign(np.round(at_synapse, 6)) * np.exp(-np.abs(at_synapse) / 20.0)
    # Half a unit: the largest weight, which makes targets fire, is 100 mV.
    assert changes == pytest.approx(expected, rel=0.0, abs=1.01 * 2.0**-24) and changes[3] == 0.0
    weights = np.array([0.25, 0.5])
    for name, mu in (("mu = 0.4", 0.4), ("multiplicative, mu = 1", 1.0)):
        _, changes = names["measured"](rules[name], np.full(2, 9.0), weights, 1.0, "oracle")
        assert changes == pytest.approx(0.01 * (1.0 - weights) ** mu * np.exp(-0.5), rel=0.0, abs=1.01 * 2.0**-24)
    names["drawn"](elsewhere / "window.svg", "oracle")
    assert "simulated, delay 10 ms" in (elsewhere / "window.svg").read_text()


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The notebook with its outputs."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(EXAMPLES / "balanced_network.ipynb", as_version=4)
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        # The kernel is this interpreter with the working tree, whatever kernels are registered here.
        patch.setenv("PYTHONPATH", os.pathsep.join([str(EXAMPLES.parent), os.environ.get("PYTHONPATH", "")]))
        patch.delenv("MPLBACKEND", raising=False)
        patch.setenv("JUPYTER_PATH", str(folder))
        kernel = folder / "kernels" / "own"
        kernel.mkdir(parents=True)
        command = f'["{sys.executable}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"]'
        (kernel / "kernel.json").write_text(f'{{"argv": {command}, "display_name": "own", "language": "python"}}')
        client = nbclient.NotebookClient(
            notebook, timeout=300, kernel_name="own", resources={"metadata": {"path": folder}}
        )
        client.execute()
    return notebook


def outputs(notebook, kind):
    """Contents of one kind of all outputs."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [out.data[kind] for cell in cells for out in cell.outputs if kind in out.get("data", {})]


def test_every_picture_of_the_notebook_is_drawn(executed):
    assert len(outputs(executed, "image/png")) == 7
    assert min(map(len, outputs(executed, "image/png"))) > 5_000


def test_networks_results_and_runs_are_tables_in_the_notebook(executed):
    tables = outputs(executed, "text/html")
    for title in (
        "Network of 4,000 neurons",
        "10,000 steps in",
        "spikes of 4,000 neurons",
        "Run of pd14: 1,544 neurons",
    ):
        assert any(title in table and "<table>" in table for table in tables), title


def test_progress_in_the_notebook_is_one_output_without_the_codes_of_a_terminal(executed):
    shown = [text for text in outputs(executed, "text/plain") if text.startswith("benchnn: constructing")]
    assert len(shown) == 1 and "\x1b" not in shown[0] and "[#" not in shown[0]
    streams = [out.text for cell in executed.cells for out in cell.get("outputs", []) if out.output_type == "stream"]
    assert streams == []


def test_the_notebook_is_kept_without_outputs():
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(EXAMPLES / "balanced_network.ipynb", as_version=4)
    assert [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")] == []
