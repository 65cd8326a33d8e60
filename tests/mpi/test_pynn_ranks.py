"""A PyNN script gives the same spikes, potentials and weights on any number of ranks."""

import json
from pathlib import Path

import launch
import pytest

pytest.importorskip("pyNN")

SCRIPT = Path(__file__).with_name("pynn_script.py")
REASON = launch.why_not()
pytestmark = pytest.mark.skipif(REASON is not None, reason=REASON or "")


def found(ranks):
    done = launch.on_ranks(ranks, "-m", "benchnn.pynn", SCRIPT)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result.pop("ranks") == ranks
    return result


def test_the_same_script_gives_the_same_on_one_and_two_ranks():
    one, two = found(1), found(2)
    for name in one:
        assert two[name] == one[name], name
    assert len(one["potentials"][0][0]) == 16
    assert sum(count for _, count in one["counts"]) > 50
    assert min(one["sizes"]) > 50


def test_an_error_of_one_rank_ends_all(tmp_path):
    script = tmp_path / "failing.py"
    script.write_text(
        "import benchnn.pynn as sim\n"
        "sim.setup()\n"
        "sim.Population(4, sim.IF_curr_exp())\n"
        "if sim.rank() == 1:\n"
        "    raise RuntimeError('only here')\n"
        "sim.run(1.0)\n"
    )
    done = launch.on_ranks(2, "-m", "benchnn.pynn", script)
    assert done.returncode != 0
    assert "rank 1: Traceback" in done.stderr and "only here" in done.stderr
