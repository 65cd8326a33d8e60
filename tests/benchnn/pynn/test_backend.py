"""The module as a whole: what it offers, what it refuses, how scripts choose it."""

import subprocess
import sys
from pathlib import Path

import pytest

from simcore.errors import UnavailableError

pytest.importorskip("pyNN")

from benchnn.pynn.unavailable import REASONS

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", REASONS)
def test_types_that_cannot_be_had_say_why(sim, name):
    with pytest.raises(UnavailableError, match=f"{name} is not available in benchnn.pynn: {REASONS[name]}"):
        getattr(sim, name)(tau=1.0)


def test_models_that_can_be_had_are_listed(sim):
    assert sim.list_standard_models() == [
        "IF_curr_exp",
        "IF_curr_alpha",
        "IF_curr_delta",
        "IF_cond_exp",
        "EIF_cond_exp_isfa_ista",
        "Izhikevich",
        "SpikeSourceArray",
        "SpikeSourcePoisson",
    ]
    with pytest.raises(AttributeError, match="no_such"):
        _ = sim.no_such


def test_one_process_has_rank_zero(sim):
    assert (sim.num_processes(), sim.rank(), sim.get_time_step()) == (1, 0, 0.1)


def test_procedural_functions(sim):
    with pytest.warns(DeprecationWarning, match="deprecated"):
        source = sim.create(sim.SpikeSourceArray(spike_times=[1.0, 3.0]), n=2)
    with pytest.warns(DeprecationWarning, match="deprecated"):
        cells = sim.create(sim.IF_cond_exp(), n=3)
    with pytest.warns(DeprecationWarning, match="deprecated"):
        made = sim.connect(source, cells, weight=0.01, delay=0.5)
    with pytest.warns(DeprecationWarning, match="deprecated"):
        sim.set(cells, tau_m=12.0)
    with pytest.warns(DeprecationWarning, match="deprecated"):
        sim.initialize(cells, v=-60.0)
    assert made.size() == 6
    assert (cells.get("tau_m"), cells[0].get_initial_value("v")) == (12.0, -60.0)


def run(*arguments, **options):
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, **options)


def test_a_script_can_choose_its_simulator_by_name(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from pyNN.utility import get_simulator\n"
        "sim, options = get_simulator(('number', 'a number'))\n"
        "print(sim.__name__, options.number)\n"
    )
    done = run("-m", "benchnn.pynn", script, "benchnn", "7")
    assert (done.returncode, done.stdout) == (0, "benchnn.pynn 7\n")
    done = run("-m", "benchnn.pynn", tmp_path / "missing.py")
    assert done.returncode == 2
    assert "usage: python -m benchnn.pynn SCRIPT.py" in done.stderr


def test_without_pynn_the_import_says_what_is_needed():
    done = run("-c", "import sys; sys.modules['pyNN'] = None; import benchnn.pynn")
    assert done.returncode == 1
    assert "benchnn.pynn requires PyNN" in done.stderr
    assert "pip install 'benchnn[pynn]'" in done.stderr
