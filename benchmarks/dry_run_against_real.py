"""Check predictions of dry runs against real runs of the same network on the same machine.

    python benchmarks/dry_run_against_real.py --ranks 1,2,4,8 --seeds 1,2,3

The script runs and predicts the layouts of a series of ``benchnn scale strong --predict``. Times are compared if each
thread has its own CPU; spikes, synaptic events, bytes sent and memory on all layouts. Each measured value is compared
with the band that follows from the errors of the other layouts.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchnn.studies.prediction_band import Pair, band_factor, contained
from benchnn.studies.prediction_values import MEASURES, TIMES
from simcore.job.cpu_limits import usable_cpus


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="pd14")
    parser.add_argument("--param", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--ranks", default="1,2,4,8")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--exchange", default="collective")
    parser.add_argument("--time", default="1000", help="model time, ms")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prediction = predicted(options, Path(folder, "series"))
    cpus = len(usable_cpus())
    print(f"{options.model} {' '.join(options.param)}, one thread per rank, {cpus} CPUs, seeds {options.seeds}")
    print(f"{'':24} {'ranks':>5} {'predicted':>12} {'measured':>12} {'error':>8} {'band from the other layouts'}")
    pairs = {name: pairs_of(prediction, name, cpus) for name in MEASURES}
    for name, known in pairs.items():
        for pair in known:
            factor = band_factor([other for other in known if other.layout != pair.layout])
            print(f"{name:24} {pair.layout:5} {pair.predicted:12.6g} {pair.measured:12.6g} {judged(pair, factor)}")
    tried = contained(pairs)
    share = f"{tried.inside / tried.values:.0%}" if tried.values else "none"
    print(f"{tried.inside} of {tried.values} measured values are in the band: {share}")


def predicted(options: argparse.Namespace, folder: Path) -> dict:
    """Run the series and return its prediction."""
    ranks = max(int(text) for text in options.ranks.split(","))
    command = [sys.executable, "-m", "benchnn", "scale", "strong", options.model, "--ranks", options.ranks]
    command += [*(f"--param={param}" for param in options.param), "--seeds", options.seeds, "--time", options.time]
    command += ["--warmup", "100", "--exchange", options.exchange, "--predict", str(2 * ranks), "--out", str(folder)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return json.loads((folder / "scaling.json").read_text())["prediction"]


def pairs_of(prediction: dict, name: str, cpus: int) -> list[Pair]:
    """Predicted and measured values of a quantity for the layouts on which it can be measured."""
    rows = [row for row in prediction["rows"] if row["run_here"] and (name not in TIMES or row["cores"] <= cpus)]
    values = [(row["ranks"], row[name]) for row in rows if row[name] is not None and row[name]["measured"]]
    return [Pair(ranks, value["predicted"], value["measured"]) for ranks, value in values if value["predicted"] > 0.0]


def judged(pair: Pair, factor: float | None) -> str:
    """The error, the band, and whether the band contains the measured value."""
    error = f"{100 * (pair.predicted / pair.measured - 1):+7.1f} %"
    if factor is None:
        return f"{error} no other layout"
    low, high = pair.predicted / factor, pair.predicted * factor
    inside = low * (1 - 1e-9) <= pair.measured <= high * (1 + 1e-9)
    return f"{error} {low:.6g} - {high:.6g}{'' if inside else ' OUTSIDE'}"


if __name__ == "__main__":
    main()
