"""Find the highest rate without late steps of an emulated chip, for the micro networks and several sizes.

    python benchmarks/micro_limits.py --chips loihi1,loihi2 --sizes 64,256,1024

A step is late if it takes the chip longer than its model time. The rate belongs to the sources. A bisection between no
spikes and a spike in each step, in runs of 100 steps with one seed, finds it to 1/128 of the largest rate. The result
follows from the chip's sheet and does not depend on this machine. If the sheet does not give the time of some work,
this work is assumed to fit into the step; the rate is then an upper bound, and the line states this.
"""

import argparse
import tempfile
from typing import Any

import benchnn
from simcore.display.text_table import aligned
from simcore.errors import InputError

NETWORKS = {
    "micro_one_to_one": lambda size: {"neurons": size},
    "micro_fan_in": lambda size: {"fan_in": size, "targets": 256, "groups": 1},
    "micro_fan_out": lambda size: {"fan_out": size, "groups": 64},
}
"""Parameters of a network by size."""
HALVINGS = 7
STEPS = 100


def emulated(network: str, size: int, rate_hz: float, chip: str, resolution_ms: float) -> dict[str, Any]:
    """The key `chip` of the record of a run whose steps must keep up with model time."""
    keywords = {
        **NETWORKS[network](size),
        "rate_hz": rate_hz,
        "resolution_ms": resolution_ms,
        "time_ms": STEPS * resolution_ms,
        "warmup_ms": 10 * resolution_ms,
        "threads": 1,
        "chip": chip,
        "tick_ms": resolution_ms,
        "on_violation": "adapt",
        "overwrite": True,
    }
    with tempfile.TemporaryDirectory() as folder:
        return dict(benchnn.run(network, progress=False, out=folder, **keywords)["chip"])


def row(network: str, size: int, chip: str, resolution_ms: float) -> tuple[str, ...]:
    """Network, size, chip, cores, highest rate, its bound, and unknown values."""
    largest = 1e3 / resolution_ms
    try:
        full = emulated(network, size, largest, chip, resolution_ms)
    except InputError as error:
        return network, str(size), chip, "-", "-", f"{error}"[:100]
    untimed = any("has no time" in assumption for assumption in full["assumptions"])
    bound = "upper bound" if untimed else "all times known"
    if full["missed_deadlines"] is None:
        return network, str(size), chip, str(full["cores"]), "-", "no time is published"
    if full["missed_deadlines"] == 0:
        return network, str(size), chip, str(full["cores"]), f"{largest:,.0f}", f"never late; {bound}"
    low, high = 0.0, largest
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        late = emulated(network, size, middle, chip, resolution_ms)["missed_deadlines"]
        low, high = (low, middle) if late else (middle, high)
    return network, str(size), chip, str(full["cores"]), f"{low:,.0f}", bound


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chips", default="loihi1,loihi2")
    parser.add_argument("--sizes", default="64,256,1024")
    parser.add_argument("--resolution-ms", type=float, default=0.1)
    options = parser.parse_args()
    rows = [("network", "size", "chip", "cores", "highest rate (1/s)", "")]
    for chip in options.chips.split(","):
        for network in NETWORKS:
            for size in options.sizes.split(","):
                rows.append(row(network, int(size), chip, options.resolution_ms))
    print(aligned(rows, "lrlrrl"), end="")


if __name__ == "__main__":
    main()
