"""Neurons that relay spikes on several ranks: too many for one step end the run on all of them, in one sentence."""

import json

import pytest
from launch import benchnn

MODEL = """
from simcore.network import Network, OneToOne, Population, Projection, SpikeTrain


def relays(times=70000):
    populations = [Population("A", 3, "parrot_neuron"), Population("B", 3, "parrot_neuron")]
    return Network(populations, [Projection("A", "B", OneToOne(), 1.0, 0.5)], [SpikeTrain("A", [1.0] * times, 1.0)])
"""


@pytest.mark.parametrize("exchange", ["collective", "directed"])
def test_too_many_spikes_end_all_ranks_with_one_sentence(tmp_path, exchange):
    (tmp_path / "relays.py").write_text(MODEL)
    out = tmp_path / "out"
    arguments = (f"{tmp_path}/relays.py:relays", "--time", 5, "--warmup", 0, "--threads", 1, "--exchange", exchange)
    finished = benchnn(2, "run", *arguments, "--out", out)
    errors = [line for line in finished.stderr.splitlines() if "error" in line]
    assert finished.returncode == 2 and len(errors) == 1, finished.stderr
    assert "neuron 0 (population A) received too many spikes to relay" in errors[0] and not out.exists()
    finished = benchnn(2, "run", *arguments, "--out", out, "--param", "times=60000", "--record", "spikes")
    assert finished.returncode == 0, finished.stderr
    assert json.loads((out / "result.json").read_text())["spikes"] == 2 * 3 * 60_000
