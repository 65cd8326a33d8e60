"""Neurons that relay spikes on several ranks: too many for one step end the run on all of them, in one sentence."""

import json

from launch import several

EXCHANGES = ("collective", "directed")
MODEL = """
from simcore.network import Network, OneToOne, Population, Projection, SpikeTrain


def relays(times=70000):
    populations = [Population("A", 3, "parrot_neuron"), Population("B", 3, "parrot_neuron")]
    return Network(populations, [Projection("A", "B", OneToOne(), 1.0, 0.5)], [SpikeTrain("A", [1.0] * times, 1.0)])
"""


def test_too_many_spikes_end_all_ranks_with_one_sentence(tmp_path):
    (tmp_path / "relays.py").write_text(MODEL)
    model = ("run", f"{tmp_path}/relays.py:relays", "--time", 5, "--warmup", 0, "--threads", 1, "--record", "spikes")
    runs = {f"{exchange}-{times}": (exchange, times) for exchange in EXCHANGES for times in (70_000, 60_000)}
    commands = [
        (*model, "--exchange", exchange, "--param", f"times={times}", "--out", tmp_path / name)
        for name, (exchange, times) in runs.items()
    ]
    ended = dict(zip(runs, several(2, *commands), strict=True))
    for exchange in EXCHANGES:
        refused, finished = (ended[f"{exchange}-{times}"] for times in (70_000, 60_000))
        errors = [line for line in refused.stderr.splitlines() if "error" in line]
        assert refused.returncode == 2 and len(errors) == 1, refused.stderr
        assert "neuron 0 (population A) received too many spikes to relay" in errors[0]
        assert not (tmp_path / f"{exchange}-70000").exists()
        assert finished.returncode == 0, finished.stderr
        record = json.loads((tmp_path / f"{exchange}-60000" / "result.json").read_text())
        assert record["spikes"] == 2 * 3 * 60_000
