"""``benchnn run --trials`` on several ranks: each trial is the run with its seed in one process."""

import json

from launch import benchnn

MODEL = '''
import numpy as np

from simcore.network import BernoulliTrains, Explicit, Network, Normal, OneToOne, Poisson, Population, Projection


def listed():
    """Explicit edges, random initial states, a Poisson drive and trains."""
    sources, targets = np.random.default_rng(3).integers(0, 51, (2, 300))
    weights = np.where(sources < 40, 70.0, -90.0)
    cells = Population("N", 51, initial={"V_m": Normal(mean=-65.0, std=4.0)})
    projections = [
        Projection("N", "N", Explicit(sources, targets), weights, np.linspace(0.5, 2.0, 300)),
        Projection("S", cells[10:19], OneToOne(), 300.0),
    ]
    trains = Population("S", 9, source=BernoulliTrains(200.0))
    return Network([cells, trains], projections, [Poisson("N", 7000.0, 60.0)])
'''
COMMON = ("--time", 60, "--warmup", 20, "--meters", "none", "--record", "spikes", "--record", "V_m:N:0,3-5")
SAME = ("spikes", "active_neurons", "spike_digest", "network_digest", "synaptic_events", "model", "seed")


def left_in(folder):
    record = json.loads((folder / "result.json").read_text())
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "result.json"}
    return {key: record[key] for key in SAME}, files


def test_two_ranks_leave_what_one_process_leaves(tmp_path):
    model = tmp_path / "listed.py"
    model.write_text(MODEL)
    run = ("run", f"{model}:listed", *COMMON)
    threads = ("--threads", 2, "--exchange", "directed")
    finished = benchnn(2, *run, "--trials", 3, "--seed", 4, *threads, "--out", tmp_path / "trials")
    assert finished.returncode == 0, finished.stderr
    assert "trial 3 of 3 (seed 6)" in finished.stderr
    for seed in (5, 6):
        alone = benchnn(1, *run, "--seed", seed, "--threads", 1, "--out", tmp_path / f"alone-{seed}")
        assert alone.returncode == 0, alone.stderr
        assert left_in(tmp_path / "trials" / f"seed-{seed}") == left_in(tmp_path / f"alone-{seed}")
    records = [json.loads((tmp_path / "trials" / f"seed-{seed}" / "result.json").read_text()) for seed in (4, 5, 6)]
    exchanges = [record["communication"]["exchanges"]["max"] for record in records]
    # One in each smallest delay, 0.5 ms, and where a stretch ends within it; those of earlier trials do not count.
    assert all(160 <= number < 240 for number in exchanges), exchanges


def test_every_rank_refuses_trials_of_drawn_synapses(tmp_path):
    finished = benchnn(2, "run", "brunel", "--trials", 2, "--out", tmp_path / "out")
    assert finished.returncode == 2
    assert finished.stderr.count("depend on the seed") == 1
    assert not (tmp_path / "out").exists()
