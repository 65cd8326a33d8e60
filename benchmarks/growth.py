"""Measure the growth of the cost of networks, databases and recordings with their size.

    python benchmarks/growth.py
    python benchmarks/growth.py --subjects recording --sizes 1000000,10000000,100000000

For each part of the work the table has the CPU time of all threads at each size, s, and the exponent, that is, the
power of the size by which the cost grew between the two largest sizes. It is 1 if the cost is proportional to the size,
and less if part of the cost is fixed. Other programs disturb CPU time less than wall time; it excludes compilation of
kernels.
"""

import argparse
import contextlib
import copy
import gc
import io
import json
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np

Costs = dict[str, float]


@contextmanager
def timed(costs: Costs, part: str) -> Iterator[None]:
    """Add the CPU time of the block to a part."""
    gc.collect()
    start = time.process_time()
    yield
    costs[part] = costs.get(part, 0.0) + time.process_time() - start


# --- a network of many populations ---------------------------------------------------------------------------------

PROJECTIONS = 10
"""Number of projections of each population."""


def described(populations: int):
    """A ring of small populations with ten projections and a drive each."""
    from simcore.network import FixedIndegree, Network, Poisson, Population, Projection, SpikeRecorder

    names = [f"p{k}" for k in range(populations)]
    projections = [
        Projection(names[k], names[(7 * k + 13 * j + 1) % populations], FixedIndegree(3), 20.0, 1.5)
        for k in range(populations)
        for j in range(PROJECTIONS)
    ]
    drives = [Poisson(name, 8000.0, 20.0) for name in names]
    return Network([Population(name, 5) for name in names], projections, drives, [SpikeRecorder()])


MODEL = """
from growth import described

def ring(populations: int = 100):
    return described(populations)
"""


def network_costs(populations: int) -> Costs:
    """Description, tables, construction, mapping and files of a network."""
    from benchnn.statistics.statistics import statistics_of
    from simcore.neuromorphic import load_chip
    from simcore.neuromorphic.fitting import FitOptions, fit_on_chip
    from simcore.recording.sonata import read_spikes, write_spikes
    from simcore.simulator import Simulator
    from simcore.tables import make_tables

    costs: Costs = {}
    with timed(costs, "description"):
        network = described(populations)
    with timed(costs, "tables"):
        make_tables(network, 16, False)
    for part, options in (("one rank", {}), ("rank 0 of 2", {"comm": _half()}), ("oracle", {"backend": "oracle"})):
        with timed(costs, f"construction, {part}"):
            simulator = Simulator(network, threads=1, **options)
        with timed(costs, f"digest, snapshot, {part}"):
            _ = simulator.network_digest
            simulator.snapshot()
        if part == "one rank":
            simulator.run(50.0)
            with timed(costs, "50 ms, one rank"):
                simulator.run(50.0)
            spikes = simulator.spikes()
        simulator.close()
    with timed(costs, "mapping onto a chip"):
        fit_on_chip(network, load_chip("loihi2"), FitOptions())
    with tempfile.TemporaryDirectory() as folder:
        with timed(costs, "spike file"):
            write_spikes(Path(folder, "spikes.h5"), spikes)
            read_spikes(Path(folder, "spikes.h5")).spikes()
        with timed(costs, "statistics"):
            statistics_of(spikes)
        network_commands(costs, populations, Path(folder))
    return costs


def _half():
    from simcore.comm.dry_run import DryRunCommunicator

    return DryRunCommunicator(0, 2, np.zeros(0))


def network_commands(costs: Costs, populations: int, folder: Path) -> None:
    """The same network by the command line."""
    model = folder / "ring.py"
    model.write_text(MODEL)
    named = (f"{model}:ring", "--param", f"populations={populations}")
    run = ("run", *named, "--time", 2, "--warmup", 0, "--threads", 1, "--meters", "none")
    played = ("--dry-run-ranks", 2, "--dry-run-rate", 5, "--latency-us", 1, "--bandwidth-gb-s", 10)
    with timed(costs, "benchnn run"):
        command(*run, "--record", "spikes", "--out", folder / "run")
    with timed(costs, "benchnn run, on a chip"):
        command(*run, "--chip", "loihi2", "--out", folder / "chip")
    with timed(costs, "benchnn run, dry"):
        command(*run, *played, "--out", folder / "dry")
    with timed(costs, "benchnn report"):
        command("report", folder / "run")
    with timed(costs, "benchnn models"):
        command("models", named[0], *named[1:])


def command(*arguments) -> None:
    """Run a sub-command without showing its output."""
    from benchnn.cli import main

    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = main([str(argument) for argument in arguments])
    if code:
        raise SystemExit(f"benchnn {' '.join(map(str, arguments))} failed:\n{output.getvalue()}")


# --- a database of many runs ---------------------------------------------------------------------------------------


def database_costs(runs: int) -> Costs:
    """CPU time of `benchnn results` with a database of `runs` runs."""
    costs: Costs = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record = _example(folder)
        for number in range(runs):
            _place(folder / "runs", record, number)
        _place(folder / "one", record, runs)
        where = ("--database", folder / "results.sqlite")
        first, last = (f"{record['run_id']}-{number:08d}" for number in (0, runs - 1))
        for part, arguments in {
            "add all": ("add", folder / "runs"),
            "add one more": ("add", folder / "one"),
            "add all again": ("add", folder / "runs"),
            "list": ("list",),
            "list some": ("list", "--where", "seed<5", "--sort", "seed", "--limit", 10),
            "show": ("show", last),
            "compare": ("compare", first, last),
            "regressions": ("regressions", "--json"),
            "remove": ("remove", last),
        }.items():
            with timed(costs, part):
                command("results", *arguments, *where)
    return costs


def _example(folder: Path):
    """The record of a run."""
    command("run", "brunel", "--param", "order=20", "--time", 2, "--warmup", 0, "--threads", 1, "--out", folder / "x")
    return json.loads((folder / "x" / "result.json").read_text())


def _place(folder: Path, record, number: int) -> None:
    """A record of another run and another version of the code."""
    changed = copy.copy(record)
    day, hour = f"{1 + number % 12:02d}-{1 + number // 12 % 28:02d}", f"{number // 336 % 24:02d}:{number % 60:02d}"
    started = f"2026-{day}T{hour}:00+00:00"
    changed |= {"run_id": f"{record['run_id']}-{number:08d}", "seed": number % 10}
    changed["provenance"] = record["provenance"] | {"started_utc": started, "source_digest": f"{number:064x}"}
    place = folder / f"{number:08d}"
    place.mkdir(parents=True)
    (place / "result.json").write_text(json.dumps(changed))


# --- a recording of many spikes ------------------------------------------------------------------------------------

NEURONS = 1000
POPULATIONS = 8
RATE_HZ = 10.0
PART = 1 << 24


def recording_costs(spikes: int) -> Costs:
    """CPU time of part files, spike file, reading, digest, statistics and figures of a number of spikes."""
    from benchnn.running.peer_result import spike_digest
    from benchnn.statistics.recordings import window
    from benchnn.statistics.statistics import statistics_of
    from simcore.network import Network, Population
    from simcore.recording.parts import SpikeParts
    from simcore.recording.sonata import read_spikes, write_spikes_from

    costs: Costs = {}
    n = NEURONS * POPULATIONS
    steps = round(spikes / (n * RATE_HZ) * 1e4)
    sizes = {f"P{k}": NEURONS for k in range(POPULATIONS)}
    with tempfile.TemporaryDirectory() as name:
        parts, file = SpikeParts(Path(name, "spikes.parts")), Path(name, "spikes.h5")
        random, edges = np.random.default_rng(1), np.linspace(0, steps, max(2, spikes // PART + 2)).astype(np.int64)
        for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            some = spikes * (stop - start) // steps
            stamps, ids = np.divmod(np.sort(random.integers((start + 1) * n, (stop + 1) * n, some)), n)
            with timed(costs, "part files"):
                parts.append(start, stop, stamps, ids)
            del stamps, ids
        with timed(costs, "check of the parts"):
            parts.check()
        with timed(costs, "spike file"):
            write_spikes_from(file, parts.blocks, sizes, 0.1, 0, steps)
        with timed(costs, "reading"):
            read = read_spikes(file)
        with timed(costs, "reading, in one order"):
            recorded = read.spikes()
        del read
        with timed(costs, "digest"):
            spike_digest(recorded)
        with timed(costs, "window"):
            network = Network([Population(name, size) for name, size in sizes.items()])
            window(recorded.stamps, recorded.ids, network, 0, steps)
        with timed(costs, "statistics"):
            statistics_of(recorded)
        if find_spec("matplotlib") is not None:
            from benchnn.report.figures.raster import raster_picture
            from benchnn.report.style import drawing

            with drawing(), timed(costs, "raster"):
                raster_picture(recorded)
    return costs


# --- the table -----------------------------------------------------------------------------------------------------

SUBJECTS: dict[str, tuple[str, tuple[int, ...], Callable[[int], Costs]]] = {
    "network": (f"populations, with {PROJECTIONS} projections each", (250, 500, 1000), network_costs),
    "database": ("runs", (1000, 3000, 10_000), database_costs),
    "recording": ("spikes", (10**5, 10**6, 10**7), recording_costs),
}


def exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """Power of the size by which the cost grew between the two largest sizes; NaN if the cost is too small."""
    before, after = costs[-2:]
    if min(before, after) < LEAST_S:
        return math.nan
    return math.log(after / before) / math.log(sizes[-1] / sizes[-2])


LEAST_S = 0.01


def table(title: str, sizes: Sequence[int], costs: Sequence[Costs]) -> str:
    """Markdown: a row for each part."""
    head = " | ".join(f"{size:,}" for size in sizes)
    lines = [f"| {title} | {head} | exponent |", "|---|" + "---|" * (len(sizes) + 1)]
    for part in costs[-1]:
        row = [each[part] for each in costs]
        power = exponent(sizes, row) if len(row) > 1 else math.nan
        shown = "-" if math.isnan(power) else f"{power:.2f}"
        lines.append(f"| {part} | {' | '.join(f'{value:.3f}' for value in row)} | {shown} |")
    return "\n".join(lines)


def main() -> None:
    """Measure the subjects, smallest sizes first, and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subjects", default=",".join(SUBJECTS), help="some of them, separated by commas")
    parser.add_argument("--sizes", help="of one subject, separated by commas")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH"))))
    chosen = options.subjects.split(",")
    if options.sizes is not None and len(chosen) != 1:
        parser.error("--sizes needs one subject")
    for name in chosen:
        title, sizes, measure = SUBJECTS[name]
        sizes = sizes if options.sizes is None else tuple(int(size) for size in options.sizes.split(","))
        # Imports and compilation do not depend on the size.
        measure(min(sizes) // 10)
        costs = [measure(size) for size in sizes]
        print(f"CPU seconds by {title}\n\n{table(title, sizes, costs)}\n", flush=True)


if __name__ == "__main__":
    main()
