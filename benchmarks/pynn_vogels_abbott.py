"""Compare PyNN's benchmark of the networks of Vogels and Abbott on benchnn.pynn with the models cuba and coba.

    python benchmarks/pynn_vogels_abbott.py FOLDER/VAbenchmarks.py [--seeds 6] [--ranks 2]

VAbenchmarks.py is in the folder ``examples`` of PyNN's repository. It is run unchanged with one process and with
several, which must give the same spikes. Then copies with other random seeds (one line is changed; they are removed
afterwards) are judged by the method of ``benchnn validate`` against simulations of the models with the delay of the
script and, for coba, with its weights (4 and 51 nS, whereas the model has the 6 and 67 nS of Brette et al. 2007). The
window begins after 0.2 s, because the two start their activity differently.

Exit code 0 if all agree.
"""

import argparse
import contextlib
import io
import os
import runpy
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from neo.io import PickleIO

import benchnn.pynn
from benchnn.models.vogels_abbott import coba, cuba
from benchnn.running.launcher import mpi_launcher
from benchnn.statistics.recordings import window
from benchnn.statistics.statistics import statistics_of
from benchnn.statistics.verdict import judge
from simcore.network import Network
from simcore.simulator import Simulator

SEED_LINE = "rngseed  = 98765"
DELAY_MS, START_MS, STOP_MS = 0.2, 200.0, 1000.0
WEIGHTS_NS = {"E": 4.0, "I": -51.0}
FIRST_REFERENCE_SEED = 1001


def model(benchmark: str) -> Network:
    """The network of the script, as described by the models."""
    describe = {"CUBA": cuba, "COBA": coba}[benchmark]
    network = describe(delay_ms=DELAY_MS, record_spikes=True)
    if benchmark == "CUBA":
        return network
    projections = [replace(projection, weight=WEIGHTS_NS[projection.source]) for projection in network.projections]
    return replace(network, projections=projections)


def candidate(script: Path, benchmark: str, seed: int, network: Network):
    """Statistics of a run of the script with another seed."""
    source = script.read_text()
    if source.count(SEED_LINE) != 1:
        raise SystemExit(f"{script} has no line {SEED_LINE!r}")
    with tempfile.TemporaryDirectory(prefix="pynn-va-") as working:
        copy = Path(working, script.name)
        copy.write_text(source.replace(SEED_LINE, f"rngseed  = {seed}"))
        sys.argv = [str(copy), "benchnn", benchmark]
        os.chdir(working)
        with contextlib.redirect_stdout(io.StringIO()):
            made = runpy.run_path(str(copy), run_name="__main__")
        os.chdir(script.parent)
    stamps, ids = [], []
    for name, label in (("E", "exc_cells"), ("I", "inh_cells")):
        for train in made[label].get_data("spikes").segments[0].spiketrains:
            steps = np.rint(train.rescale("ms").magnitude / network.resolution_ms).astype(np.int64)
            stamps.append(steps)
            ids.append(np.full(len(steps), network.first_ids[name] + train.annotations["source_index"]))
    return measured(np.concatenate(stamps), np.concatenate(ids), network)


def reference(network: Network, seed: int):
    """Statistics of a simulation of the model."""
    with Simulator(network, seed=seed) as simulator:
        simulator.run(STOP_MS)
        spikes = simulator.spikes()
    return measured(spikes.stamps, spikes.ids, network)


def measured(stamps, ids, network: Network):
    """Statistics of the window."""
    start, stop = (round(time / network.resolution_ms) for time in (START_MS, STOP_MS))
    return statistics_of(window(stamps, ids, network, start, stop))


def trains(script: Path, benchmark: str, ranks: int) -> list[list[float]]:
    """Spike trains that the unchanged script writes."""
    root = Path(__file__).parents[1]
    python = [sys.executable, "-m", "benchnn.pynn", str(script), "benchnn", benchmark]
    launcher, added = mpi_launcher()
    command = python if ranks == 1 else [word.format(ranks=ranks) for word in launcher] + python
    environment = os.environ | added | {"PYTHONPATH": str(root)}
    with tempfile.TemporaryDirectory(prefix="pynn-va-") as working:
        subprocess.run(command, cwd=working, env=environment, check=True, stdout=subprocess.DEVNULL)
        # The files were written by this command, just now.
        blocks = [PickleIO(str(path)).read_block() for path in sorted(Path(working).glob("Results/*/*.pkl"))]
    return [np.asarray(train.magnitude).tolist() for block in blocks for train in block.segments[0].spiketrains]


def main() -> int:
    """Run, judge and print."""
    parser = argparse.ArgumentParser(description="PyNN's Vogels-Abbott benchmark on benchnn.pynn")
    parser.add_argument("script", type=Path, help="examples/VAbenchmarks.py of PyNN's repository")
    parser.add_argument("--seeds", type=int, default=6, help="number of seeds of each side")
    parser.add_argument("--ranks", type=int, default=2, help="processes of the second run; 1 for no second run")
    options = parser.parse_args()
    script = options.script.resolve()
    sys.modules["pyNN.benchnn"] = benchnn.pynn
    agree = True
    for benchmark in ("CUBA", "COBA"):
        if options.ranks > 1:
            one, several = (trains(script, benchmark, ranks) for ranks in (1, options.ranks))
            agree &= one == several
            same = "the same spikes" if one == several else "OTHER SPIKES"
            print(f"{benchmark} unchanged: {sum(map(len, one)):,} spikes, {same} with {options.ranks} processes")
        network = model(benchmark)
        seeds = range(1, options.seeds + 1)
        candidates = [candidate(script, benchmark, seed, network) for seed in seeds]
        references = [reference(network, FIRST_REFERENCE_SEED + seed) for seed in seeds]
        for name in ("E", "I"):
            means = [[float(one[name].rates_hz.mean()) for one in side] for side in (candidates, references)]
            rates = " and ".join(
                f"{np.mean(side):.2f} (standard deviation {np.std(side, ddof=1):.2f})" for side in means
            )
            print(f"{benchmark} {name}: {rates} spikes/s, script and model")
        verdict = judge(candidates, references)
        agree &= verdict.passed
        print(f"{benchmark}: {'PASS' if verdict.passed else 'FAIL'}")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
