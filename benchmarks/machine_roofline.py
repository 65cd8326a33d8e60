"""Places the phases of a run of PD14 on the roofline of this machine.

    python benchmarks/machine_roofline.py --scale 1 --time 1000 --threads 2 --out machine.json --svg roofline.svg

Measures the roofs, runs `benchnn run pd14` in a process of its own, measures the roofs again, and counts the run's
bytes and operations by running it once more. Nothing else should run meanwhile. Writes machine and points as the file
that `benchnn roofline --machine` reads, and prints where each phase stands and what binds it. Exit code 1 if a point is
above a roof: a count, a time or a roof is wrong then.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchnn.accelerators.machine_roofs import joined, measured_roofs
from benchnn.accelerators.phase_points import counted_run
from simcore.accelerators.roofline.record import machine_record
from simcore.accelerators.roofline.roofs import Placed, placed


def run_pd14(options: argparse.Namespace, folder: Path) -> None:
    """Run the model and leave its record in a folder."""
    command = [sys.executable, "-m", "benchnn", "run", "pd14", "--param", f"scale={options.scale}"]
    command += ["--time", str(options.time), "--threads", str(options.threads), "--seed", str(options.seed)]
    subprocess.run([*command, "--out", str(folder)], check=True)  # noqa: S603 - no shell


def sentences(one: Placed) -> list[str]:
    """Where a phase stands, and the limits in order of how near they are."""
    assert one.ops_per_s is not None and one.throughput.ops_per_s is not None
    limits = sorted(one.throughput.limits_ops_per_s.items(), key=lambda limit: limit[1])
    nearest, roof = limits[0]
    head = (
        f"{one.point.name}: {one.ops_per_s * 1e-9:.4g} Gop/s, {100.0 * one.ops_per_s / roof:.1f} % of its nearest roof, "
        f"{roof * 1e-9:.4g} Gop/s of {nearest}"
    )
    rest = [
        f"  {name}: roof {limit * 1e-9:.4g} Gop/s, {100.0 * one.ops_per_s / limit:.2f} % of it"
        + (f", {one.intensities_ops_per_byte[name]:.4g} op/byte" if name in one.intensities_ops_per_byte else "")
        for name, limit in limits
    ]
    return [head, *rest]


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
    faults = []
    for point in points:
        one = placed(machine, point)
        print(*sentences(one), f"  {point.basis}", sep="\n")
        faults += one.faults
    if options.out is not None:
        options.out.write_text(json.dumps(machine_record(machine, points), indent=2) + "\n")
    print(*faults, sep="\n", end="")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
