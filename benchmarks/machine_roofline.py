"""Place the phases of a run of PD14 on the roofline of this machine.

    python benchmarks/machine_roofline.py --scale 1 --time 1000 --threads 2 --out machine.json --svg roofline.svg

The script measures the roofs, runs `benchnn run pd14` in a separate process, measures the roofs again, and counts the
run's bytes and operations in a second run. Use an idle machine. The script writes machine and points as the file that
`benchnn roofline --machine` reads, and prints the position of each phase and the level that binds it. Exit code 1 if a
point is above a roof, because a count, a time or a roof is then wrong.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchnn.accelerators.machine_roofs import Rate, joined, measured_roofs, repeated
from benchnn.accelerators.phase_points import counted_run
from benchnn.report.style import drawing
from benchnn.studies.stream_bandwidth import pinned_team
from simcore.accelerators.roofline.machine import Machine
from simcore.accelerators.roofline.record import machine_record
from simcore.accelerators.roofline.roofs import Placed, placed
from simcore.backends.cpu.arrays import WHOLE, Buffers
from simcore.backends.cpu.calendar import NO_CALENDAR
from simcore.backends.cpu.columns import PieceColumn
from simcore.backends.cpu.deliver import PIECES, _deliver_listed
from simcore.backends.cpu.work import PhaseWork
from simcore.jit.compilation import kernel
from simcore.recording.files import replaced_file

NEURONS = 1 << 15
"""Number of target neurons of a thread."""
KEYS = 2
"""Number of groups of a piece, which equals the number of steps of a delivery window at full scale."""
APART = 1 << 16
"""Words between the places of a piece in consecutive lists, so that the words of a list are not in a cache."""


def run_pd14(options: argparse.Namespace, folder: Path) -> None:
    """Run the model and leave its record in a folder."""
    command = [sys.executable, "-m", "benchnn", "run", "pd14", "--param", f"scale={options.scale}"]
    command += ["--time", str(options.time), "--threads", str(options.threads), "--seed", str(options.seed)]
    subprocess.run([*command, "--out", str(folder)], check=True)


@kernel
def deliver_lists(pieces, index, words, inputs, pending, spikes, first, times):
    """Deliver the same pieces repeatedly, with words at different places each time."""
    half, buffers = len(words) // 2, Buffers(inputs, pending, pieces, len(pending), NO_CALENDAR, WHOLE)
    for k in range(first, first + times):
        own = words[(k * APART) % half :]
        _deliver_listed(pieces, len(pieces), index, own, inputs, np.uint64(2 * NEURONS), 0, buffers, spikes)


def rate_in_pieces(deliver: PhaseWork, threads: int) -> Rate:
    """Synaptic events per second, delivered in pieces of the length of a run's pieces from a table of the same size."""
    length = deliver.counts["words"] // deliver.counts["pieces"] // KEYS * KEYS
    table = next(one for one in deliver.traffic if one.arrays == "synapse words")

    def arrays(thread):
        random = np.random.default_rng(thread)
        block = random.integers(-300, 300, 1 << 20) << 16 | random.integers(0, NEURONS, 1 << 20)
        words = np.resize(block.astype(np.int32), max(table.resident_bytes // 4, 4 * length))
        starts = random.integers(0, len(words) // 2 - length, PIECES).astype(np.uint64)
        pieces = np.zeros((PIECES, len(PieceColumn)), dtype=np.uint64)
        pieces[:, PieceColumn.KEY], pieces[:, PieceColumn.N_KEYS] = KEYS * np.arange(PIECES), KEYS
        pieces[:, PieceColumn.BASE] = NEURONS * random.integers(0, 2, PIECES)
        pieces[:, PieceColumn.START], pieces[:, PieceColumn.END] = starts, starts + np.uint64(length)
        index = np.zeros(KEYS * PIECES + 1, dtype=np.uint32)
        for key in range(KEYS):
            index[1 + key :: KEYS] = starts + np.uint64(length * (key + 1) // KEYS)
        inputs, pending = np.zeros(2 * KEYS * NEURONS, dtype=np.int32), np.zeros(KEYS, dtype=np.int64)
        return pieces, index, words, inputs, pending, np.zeros(1, dtype=np.uint32), itertools.count()

    with pinned_team(threads) as team:
        parts = team.run(arrays)

        def work(thread, times):
            *own, calls = parts[thread]
            deliver_lists(*own, next(calls) * times, times)

        return repeated(team, work, float(PIECES * length))


def sentences(one: Placed) -> list[str]:
    """Position of a phase, and the limits in the order of their distance."""
    assert one.ops_per_s is not None and one.throughput.ops_per_s is not None
    limits = sorted(one.throughput.limits_ops_per_s.items(), key=lambda limit: limit[1])
    nearest, roof = limits[0]
    head = (
        f"{one.point.name}: {one.ops_per_s * 1e-9:.4g} Gop/s, {100.0 * one.ops_per_s / roof:.1f} % of its nearest "
        f"roof, {roof * 1e-9:.4g} Gop/s of {nearest}"
    )
    rest = [
        f"  {name}: roof {limit * 1e-9:.4g} Gop/s, {100.0 * one.ops_per_s / limit:.2f} % of it"
        + (f", {one.intensities_ops_per_byte[name]:.4g} op/byte" if name in one.intensities_ops_per_byte else "")
        for name, limit in limits
    ]
    return [head, *rest]


def draw(machine: Machine, stands: list[Placed], path: Path) -> None:
    """Write the picture."""
    with drawing():
        from benchnn.report.figures.phase_roofline import phase_roofline

        picture = phase_roofline(machine, stands)
    with replaced_file(path) as aside:
        aside.write_bytes(picture.written(path.suffix[1:]))


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--time", type=float, default=1000.0, help="model time, ms (1000)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="file of machine and points")
    parser.add_argument("--svg", type=Path, help="picture")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made, "run")
        before = measured_roofs(options.threads)
        run_pd14(options, folder)
        roofs = joined([before, measured_roofs(options.threads)])
        run = counted_run(folder)
    machine, points = roofs.machine(), run.points()
    print(machine.title)
    print(roofs.text().replace("; ", "\n  "))
    record = run.record
    print(f"scale {options.scale:g}, {options.time:g} ms: real-time factor {record.number('real_time_factor'):.4g}")
    for work in run.work:
        print(f"{work.phase}: {record.number(f'phases_s.{work.phase}.mean'):.4g} s (mean of threads), {work.counts}")
    pieces = rate_in_pieces(run.work[0], options.threads)
    print(f"additions in pieces of the same length as the run's: {pieces.text('10^9 events/s', 1e-9)}")
    stands: list[Placed] = []
    for point in points:
        stands.append(placed(machine, point))
        print(*sentences(stands[-1]), f"  {point.basis}", sep="\n")
    if options.out is not None:
        options.out.write_text(json.dumps(machine_record(machine, points), indent=2) + "\n")
    if options.svg is not None:
        draw(machine, stands, options.svg)
    faults = [fault for one in stands for fault in one.faults]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
