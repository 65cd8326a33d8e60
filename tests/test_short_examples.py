"""The short scripts of examples/README.md run at a small size, and end in a picture and, most of them, in a table."""

import re
import runpy
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
LISTED = re.findall(r"^\| (\d) \| \[(\w+\.py)\]", (EXAMPLES / "README.md").read_text(), re.MULTILINE)


@pytest.fixture
def shown(tmp_path, monkeypatch, capsys):
    """Run a script in an empty folder; returns the lines that it prints and the picture that it leaves."""
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.syspath_prepend(str(EXAMPLES))

    def run(script, *arguments):
        monkeypatch.setattr(sys, "argv", [script, *arguments])
        runpy.run_path(str(EXAMPLES / script), run_name="__main__")
        (picture,) = tmp_path.glob("*.png")
        return capsys.readouterr().out.splitlines(), picture.stat().st_size

    return run


def test_eight_scripts_are_listed_and_exist():
    assert [int(number) for number, _ in LISTED] == list(range(1, 9))
    assert all((EXAMPLES / name).is_file() for _, name in LISTED)


def test_every_file_of_the_folder_is_in_its_list():
    text = (EXAMPLES / "README.md").read_text()
    files = [path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".ipynb")]
    assert [name for name in files if name not in text] == []


def test_the_microcircuit_has_a_raster_and_the_rates_of_its_populations(shown):
    lines, size = shown("pd14_raster.py", "--scale", "0.03", "--time", "200")
    assert size > 20_000
    rates = {line.split()[0]: float(line.split()[-1]) for line in lines if re.match(r"L\d+[EI] ", line.strip())}
    assert len(rates) == 8 and all(0.0 < rate < 30.0 for rate in rates.values()) and rates["L23E"] < rates["L23I"]


def test_two_simulators_send_the_same_spikes(shown):
    pytest.importorskip("nest")
    lines, size = shown("two_simulators.py", "--scale", "0.01", "--time", "200")
    assert size > 10_000 and lines[-1] == "all spikes are the same"
    spikes = [line.split()[1] for line in lines if line.startswith(("simcore ", "NEST "))]
    assert len(spikes) == 2 and spikes[0] == spikes[1] and int(spikes[0].replace(",", "")) > 100


def test_fewer_neurons_on_a_core_take_more_cores_and_shorter_steps(shown):
    lines, size = shown("on_a_chip.py", "--scale", "0.01", "--time", "50", "--neurons", "10", "40")
    few, many = ([word.replace(",", "") for word in line.split()] for line in lines[-2:])
    assert size > 8_000 and [few[0], many[0]] == ["10", "40"]
    assert int(few[1]) > int(many[1]) and float(few[2]) < float(many[2]) and few[3] in ("memory", "compute", "barrier")


def test_a_network_learns_and_is_evaluated_step_by_step(shown):
    pytest.importorskip("sklearn")
    lines, size = shown("trained_network.py", "--hidden", "48")
    rows = [line for line in lines if line.startswith("original")]
    assert size > 10_000 and len(rows) == 8
    accuracies = [float(re.search(r"(\d+\.\d+) %", row).group(1)) for row in rows]
    assert accuracies[-1] > 80.0 > accuracies[0]


def test_sparsity_saves_energy_on_some_models_and_not_on_others(shown):
    lines, size = shown("accelerators_side_by_side.py", "--workload", "vgg5")
    table = {line.split()[0]: [float(word) for word in line.split()[1:]] for line in lines[-3:]}
    assert size > 8_000 and list(table) == ["sata", "spikesim_65nm", "estimate_28nm"]
    assert table["spikesim_65nm"] == [1.0] * 5
    for name in ("sata", "estimate_28nm"):
        assert table[name] == sorted(table[name]) and table[name][0] < 1.0 == table[name][-1]


def test_a_silenced_neuron_changes_the_rates_of_others(shown):
    lines, size = shown("connectome.py", "--scale", "0.01", "--trials", "2", "--time", "200")
    assert size > 8_000
    changes = [float(line.split()[-1]) for line in lines[-8:]]
    assert [abs(change) for change in changes] == sorted(map(abs, changes), reverse=True) and changes[0] < 0.0
