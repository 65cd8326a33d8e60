"""The tutorial networks of docs/tutorials.md run on both sides, have the lines that the page counts, and agree."""

import re
from pathlib import Path

import numpy as np
import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "tutorials.md").read_text()
BLOCKS = dict(re.findall(r"<!-- ((?:nest|brian2|simcore) \w+) -->\n```python\n(.*?)```", PAGE, re.DOTALL))
ROWS = ("current", "poisson", "connected", "populations", "rates", "synapse")
"""Networks in the order of the table."""


def run(name):
    """Run one side; returns its names."""
    names: dict = {}
    exec(compile(BLOCKS[name], f"docs/tutorials.md: {name}", "exec"), names)  # noqa: S102 - the documents are ours
    return names


@pytest.fixture
def nest():
    module = pytest.importorskip("nest")
    module.ResetKernel()
    yield
    module.ResetKernel()


@pytest.fixture
def brian2():
    """Brian2 in its mode runtime, with code that needs no compiler."""
    module = pytest.importorskip("brian2")
    module.start_scope()
    target, module.prefs.codegen.target = module.prefs.codegen.target, "numpy"
    yield
    module.prefs.codegen.target = target


def test_every_network_has_two_sides_and_the_lines_that_the_table_counts():
    assert PAGE.count("```python") == len(BLOCKS) == 2 * len(ROWS)
    counted = re.findall(r"^\| [^|]+ \| (\d+) \| (\d+) \|", PAGE, re.MULTILINE)
    for name, lines in zip(ROWS, counted, strict=True):
        for side, number in zip(
            (next(key for key in BLOCKS if key.endswith(name)), f"simcore {name}"), lines, strict=True
        ):
            code = [line for line in BLOCKS[side].splitlines() if line.strip()]
            own = [line for line in code if not line.startswith(("import ", "from "))]
            assert len(own) == int(number), side


@pytest.mark.usefixtures("nest")
def test_a_neuron_under_a_current_is_nests():
    theirs, ours = run("nest current"), run("simcore current")
    spikes = theirs["spike_recorder"].events["times"]
    assert len(spikes) == 16
    np.testing.assert_allclose(ours["spikes"].times_ms, spikes, atol=1e-9)
    same_potentials(theirs, ours["traces"]["neuron", 0, "V_m"], ours["traces"].times_ms)


@pytest.mark.usefixtures("nest")
def test_two_connected_neurons_are_nests():
    theirs, ours = run("nest connected"), run("simcore connected")
    potentials = ours["traces"]["neurons", 1, "V_m"]
    assert potentials.max() > potentials.min() + 0.1
    same_potentials(theirs, potentials, ours["traces"].times_ms)


def same_potentials(theirs, potentials, times_ms):
    """NEST records from 1 ms on, every ms."""
    at = np.searchsorted(times_ms, np.asarray(theirs["times"]) - 1e-6)
    assert len(at) == 999
    np.testing.assert_allclose(potentials[at], theirs["potentials"], atol=1e-9)


@pytest.mark.usefixtures("nest")
def test_poisson_input_gives_nests_rate():
    theirs, ours = run("nest poisson"), run("simcore poisson")
    numbers = len(theirs["spike_recorder"].events["times"]), len(ours["spikes"])
    # Irregular: the variance of a count is not above its mean.
    assert min(numbers) > 500 and abs(numbers[0] - numbers[1]) < 5.0 * np.sqrt(sum(numbers))


@pytest.mark.usefixtures("nest")
def test_populations_fire_as_nests():
    theirs, ours = run("nest populations"), run("simcore populations")
    senders = theirs["spike_recorder"].events["senders"] - 1
    for first in (0, 100):
        numbers = [int(np.sum((ids >= first) & (ids < first + 100))) for ids in (senders, ours["spikes"].ids)]
        assert numbers[0] > 1000 and numbers[1] == pytest.approx(numbers[0], rel=0.02)


@pytest.mark.usefixtures("brian2")
def test_the_rates_of_a_hundred_neurons_are_brian2s():
    theirs, ours = run("brian2 rates"), run("simcore rates")
    np.testing.assert_array_equal(np.asarray(theirs["rates"]), ours["rates"])
    assert ours["rates"].max() > 100.0 and ours["rates"][0] == 0.0
    np.testing.assert_allclose(theirs["currents"], ours["currents"])


@pytest.mark.usefixtures("brian2")
def test_a_synapse_is_brian2s():
    theirs, ours = run("brian2 synapse"), run("simcore synapse")
    ids, times = np.asarray(theirs["spikes"].i), np.asarray(theirs["spikes"].t) * 1e3 + 0.1
    assert set(ids) == {0, 1}
    for neuron in (0, 1):
        np.testing.assert_allclose(
            ours["spikes"].times_ms[ours["spikes"].ids == neuron], times[ids == neuron], atol=1e-6
        )
    # A spike acts in the same step in Brian2, and is recorded at the beginning of the next; the weight has 16 bits.
    ours_v, theirs_v = ours["potentials"]["group", 1, "V_m"], theirs["potentials"].v[1]
    # Where the synapse lifts it above threshold, Brian2 shows the potential before the reset.
    below = theirs_v <= 1.0
    assert below.sum() == len(ours_v) - 2
    np.testing.assert_allclose(ours_v[below], theirs_v[below], atol=1e-4)
