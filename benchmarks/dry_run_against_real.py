"""Checks the predictions of dry runs against real runs of the same network on the same machine.

    python benchmarks/dry_run_against_real.py --ranks 1,2,4

More ranks than cores share them: their prediction is multiplied by ranks over cores.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchnn.running.launcher import mpi_launcher
from simcore.job.cpu_limits import usable_cpus


def benchnn(ranks, *arguments):
    """Run ``benchnn run pd14`` and return its record."""
    launcher, added = mpi_launcher() if ranks > 1 else ([], {})
    command = [word.format(ranks=ranks) for word in launcher]
    command += [sys.executable, "-m", "benchnn", "run", "pd14", "--threads", "1", "--json", *arguments]
    environment = {**os.environ, **added}
    told = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, env=environment)
    return json.loads(told.stdout)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ranks", default="1,2,4")
    parser.add_argument("--scale", default="1.0")
    parser.add_argument("--time", default="2000", help="model time, ms")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    cores = len(usable_cpus())
    print(f"pd14, scale {options.scale}, one thread a rank, {cores} cores; medians of {options.repeats}")
    print(f"{'ranks':>5} {'':>10} {'deliver':>9} {'update':>9} {'RTF':>8} {'GB/rank':>8}")
    common = ("--param", f"scale={options.scale}", "--warmup", "200", "--time", options.time, "--overwrite")
    with tempfile.TemporaryDirectory() as folder:
        for ranks in (int(text) for text in options.ranks.split(",")):
            out = ("--out", str(Path(folder, "run")))
            rate = () if options.scale == "1.0" else ("--dry-run-rate", "3")
            real, dry = [], []
            for _ in range(options.repeats):
                dry.append(predicted(benchnn(1, *common, *out, "--dry-run-ranks", str(ranks), *rate), ranks / cores))
                real.append(measured(benchnn(ranks, *common, *out)))
            for name, rows in (("predicted", dry), ("measured", real)):
                deliver, update, rtf, memory = (statistics.median(column) for column in zip(*rows, strict=True))
                print(f"{ranks:5} {name:>10} {deliver:6.1f} us {update:6.1f} us {rtf:8.3f} {memory / 1e9:8.3f}")
            error = statistics.median(row[2] for row in dry) / statistics.median(row[2] for row in real) - 1.0
            print(f"{'':5} {'error':>10} {'':9} {'':9} {100 * error:7.1f} %", flush=True)


def predicted(record, share):
    """Deliver and update (us a step), real-time factor and memory of a rank, from a dry run."""
    dry, told = record["measured"], record["predicted"]
    slowed = max(1.0, share)
    rtf = told["real_time_factor"] * slowed
    return 1e6 * dry["deliver_s_per_step"], 1e6 * dry["update_s_per_step"], rtf, told["memory_per_rank_bytes"]


def measured(record):
    """The same from a real run; the phases of the mean thread."""
    steps = record["time"]["timed_ms"] / record["model"]["resolution_ms"]
    deliver, update = (1e6 * record["phases_s"][phase]["mean"] / steps for phase in ("deliver", "update"))
    return deliver, update, record["real_time_factor"], record["memory_bytes"]["peak_rss"]["mean"]


if __name__ == "__main__":
    main()
