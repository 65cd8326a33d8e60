"""Compare the published results of the mapper HySMap with `anneal`: hops of messages that routers of a mesh copy.

``python benchmarks/hysmap.py [FILE]`` prints, for each kind of job, the mean hops over its networks of HySMap and of
`anneal`, the worst job, and CPU seconds. FILE has networks, rates and published hops; cores have 0.85 to 1.15 times the
mean number of neurons, rounded down and up.
"""

import json
import math
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from simcore.network import Explicit, Network, Population, Projection
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import CoreMapping, DrawnNetwork, make_mapping
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.sheets.quantities import QUANTITIES
from simcore.neuromorphic.sheets.sheet import Chip, Fact, Word

DATA = Path(__file__).parents[2] / "shared" / "data" / "hysmap.json"


def mesh(width: int, height: int) -> Chip:
    """A mesh of routers that copy messages, with a core each."""
    sizes = {"mesh_width": width, "mesh_height": height, "cores_per_router": 1, "cores_per_chip": width * height}
    facts = tuple(Fact(QUANTITIES[key], "", (), "vendor", value=float(value)) for key, value in sizes.items())
    words = (Word("topology", "mesh", ()), Word("routing", "xy", ()), Word("multicast", True, ()))
    return Chip("mesh", "A mesh", "digital clocked", "any", facts, words, ())


def hops_of(job: dict[str, Any]) -> float:
    """Hops per second of the mapping by `anneal` for a job, counted as for a run."""
    n, (width, height) = job["neurons"], job["mesh"]
    cores = width * height
    sources, targets = np.array(job["edges"]).T
    projection = Projection("N", "N", Explicit(sources, targets), 1.0)
    drawn = DrawnNetwork(Network([Population("N", n)], [projection]), 1)
    rates, chip = np.array(job["rates_hz"]), mesh(width, height)
    mapping = make_mapping("anneal", drawn, n, rates, cores=cores, chip=chip, objective="hops")
    sizes = np.bincount(mapping.core_of, minlength=cores)
    assert math.floor(0.85 * n / cores) <= sizes.min() and sizes.max() <= math.ceil(1.15 * n / cores)
    axons = count_axons(drawn.in_edges, CoreMapping("anneal", cores, mapping.core_of))
    return float(np.dot(rates, make_routes(make_system(chip, cores), axons, mapping.core_of).hops))


def main(path: Path) -> None:
    """Print the table."""
    rows = defaultdict(list)
    for job in json.loads(path.read_text())["jobs"]:
        began = time.process_time()
        hops = hops_of(job)
        rows[job["job"].rpartition("_")[0]].append((hops, job["hops"]["hysmap"], time.process_time() - began))
    print(f"{'jobs':10} {'HySMap':>8} {'anneal':>8} {'change':>8} {'worst job':>10} {'s a job':>8}")
    for name, jobs in rows.items():
        ours, theirs = (float(np.mean([job[k] for job in jobs])) for k in (0, 1))
        worst, seconds = max(job[0] / job[1] - 1.0 for job in jobs), max(job[2] for job in jobs)
        print(f"{name:10} {theirs:8.0f} {ours:8.0f} {ours / theirs - 1:8.1%} {worst:10.1%} {seconds:8.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
