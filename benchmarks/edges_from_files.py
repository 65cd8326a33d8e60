"""Measure memory and speed of networks with edges from files or arrays, each in a separate process.

Usage::

    python benchmarks/edges_from_files.py [--edges N] [--neurons N] [--threads N] [--kinds parquet,h5,...] [--fly]

The file is written first, so that it is in the page cache. The table shows for each kind of file:

- describe: the check of all rows when the network is described, s;
- prepare: the digests of the columns before network construction, s;
- build: both passes over the edges, to count and to place them, wall time and CPU time, s;
- Medges/s: million edges divided by the wall time of both passes;
- peak: largest memory minus the memory of a network of ten neurons, MB, also as a multiple of the packed table
  (synapses and index).

`--fly` is a surrogate of the size of a fly's brain: 138,639 neurons and 15.09 million edges with weights, and one
delay.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
FLY = (138_639, 15_091_983)
KINDS = ("parquet", "h5", "npz", "csv", "arrays")
PIECE = 1 << 22


def columns(neurons, edges, fly, seed):
    """Random edges, piece by piece; memory and speed do not depend on the distribution of out-degrees."""
    chance = np.random.default_rng(seed)
    for first in range(0, edges, PIECE):
        n = min(PIECE, edges - first)
        ids = chance.integers(0, neurons, (2, n), dtype=np.int32)
        if fly:
            yield {"source": ids[0], "target": ids[1], "weight": chance.geometric(0.1, n).astype(np.int16)}
        else:
            delays = (chance.integers(1, 31, n) / 10.0).astype(np.float32)
            weights = chance.normal(80.0, 8.0, n).astype(np.float32)
            yield {"source": ids[0], "target": ids[1], "weight": weights, "delay": delays}


def written(kind, folder, neurons, edges, fly):
    """Write a file of this kind; returns its path."""
    path = folder / f"edges.{'npz' if kind == 'arrays' else kind}"
    pieces = columns(neurons, edges, fly, 1)
    if kind == "parquet":
        import pyarrow as arrow
        import pyarrow.parquet as parquet

        writer = None
        for piece in pieces:
            table = arrow.table(piece)
            writer = writer or parquet.ParquetWriter(path, table.schema)
            writer.write_table(table)
        writer.close()
    elif kind == "h5":
        import h5py

        with h5py.File(path, "w") as file:
            first = 0
            for piece in pieces:
                for name, values in piece.items():
                    if name not in file:
                        file.create_dataset(name, (edges,), values.dtype)
                    file[name][first : first + len(values)] = values
                first += len(values)
    elif kind in ("npz", "arrays"):
        whole = list(pieces)
        np.savez(path, **{name: np.concatenate([piece[name] for piece in whole]) for name in whole[0]})
    else:
        with path.open("w") as file:
            for number, piece in enumerate(pieces):
                if number == 0:
                    file.write(",".join(piece) + "\n")
                np.savetxt(file, np.stack(list(piece.values()), axis=1), "%.9g", ",")
    return path


def network(kind, path, neurons, fly):
    """The network of a file, and arrays of the user, whose memory is not counted."""
    from simcore.network import Column, EdgeFiles, Explicit, Network, Population, Projection

    model = "iaf_psc_delta" if fly else "iaf_psc_exp"
    weight, delay = Column("weight", 0.275 if fly else 1.0), 1.8 if fly else Column("delay")
    rule = EdgeFiles(path) if path is not None else Explicit([0], [1])
    if path is None:
        weight = delay = 1.0
    elif kind == "arrays":
        with np.load(path) as file:
            given = {name: file[name] for name in file.files}
        arrays = [given["source"], given["target"], given["weight"].astype(np.float64) * (0.275 if fly else 1.0)]
        arrays += [] if fly else [given["delay"].astype(np.float64)]
        for array in arrays:
            array.flags.writeable = False
        rule, weight = Explicit(*arrays[:2]), arrays[2]
        delay = delay if fly else arrays[3]
    start = time.perf_counter()
    described = Network([Population("N", neurons, model)], [Projection("N", "N", rule, weight, delay)])
    return described, time.perf_counter() - start


def measured(kind, path, neurons, fly, threads):
    """Build in this process, and return times and memory."""
    from simcore.memory import peak_rss_bytes
    from simcore.network import Network
    from simcore.simulator import Simulator

    def build(described: Network):
        with Simulator(described, threads=threads) as simulator:
            simulator.run(1.0)
            return simulator.preparation_s, simulator.construction_s, simulator.n_synapses, simulator.memory_bytes

    build(network(kind, None, 10, fly)[0])
    small = peak_rss_bytes()
    described, describe_s = network(kind, path, neurons, fly)
    arrays = [described.projections[0].rule.sources.nbytes * 2] if kind == "arrays" else [0]
    arrays += [v.nbytes for v in (described.projections[0].weight, described.projections[0].delay_ms)
               if isinstance(v, np.ndarray)]  # fmt: skip
    cpu = time.process_time()
    prepare_s, build_s, synapses, memory = build(described)
    cpu_s = time.process_time() - cpu
    return {
        "describe_s": describe_s,
        "prepare_s": prepare_s,
        "build_s": build_s,
        "cpu_s": cpu_s,
        "synapses": synapses,
        "packed": memory["synapses"] + memory["index"],
        "state": memory["state"],
        "peak": peak_rss_bytes() - small - sum(arrays),
    }


def main():
    """Write and measure each kind of file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--edges", type=int, default=20_000_000)
    parser.add_argument("--neurons", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kinds", default="parquet,h5")
    parser.add_argument("--fly", action="store_true")
    parser.add_argument("--measure", nargs=2, metavar=("KIND", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    neurons, edges = FLY if given.fly else (given.neurons, given.edges)
    if given.measure:
        sys.stdout.write(json.dumps(measured(*given.measure, neurons, given.fly, given.threads)) + "\n")
        return
    print(f"{neurons:,} neurons, {edges:,} edges, {given.threads} threads")
    heading = f"{'kind':8} {'file MB':>8} {'describe':>8} {'prepare':>8} {'build':>6} {'CPU':>6}"
    print(heading + f" {'Medges/s':>8} {'packed MB':>9} {'peak MB':>8} {'multiple':>8}")
    with tempfile.TemporaryDirectory(prefix="edges-") as folder:
        for kind in given.kinds.split(","):
            path = written(kind, Path(folder), neurons, edges, given.fly)
            command = [sys.executable, __file__, *sys.argv[1:], "--measure", kind, str(path)]
            # The first process compiles.
            for _ in range(2):
                child = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
            m = json.loads(child.stdout.splitlines()[-1])
            assert m["synapses"] == edges
            print(
                f"{kind:8} {path.stat().st_size / 1e6:8.0f} {m['describe_s']:8.2f} {m['prepare_s']:8.2f} "
                f"{m['build_s']:6.2f} {m['cpu_s']:6.2f} {edges / m['build_s'] / 1e6:8.1f} {m['packed'] / 1e6:9.0f} "
                f"{m['peak'] / 1e6:8.0f} {m['peak'] / m['packed']:8.2f}"
            )
            path.unlink()


if __name__ == "__main__":
    main()
