"""Measure memory and times of `benchnn run flywire` with edges from the generator or a Parquet file.

Usage::

    python benchmarks/fly_brain.py [--repeats N] [--scale X] [--time MS] [--kinds generator,parquet] [RUN OPTIONS]

Each run has its own process. The file contains a surrogate in the columns of ``Connectivity_783.parquet`` and is read
like the published file, except for the comparison of its digest. The first run of each kind compiles or loads kernels
and is not counted. The table shows for each kind the medians over the repeats of: the largest memory of the process
(VmHWM) minus the memory of a run of ten neurons of the same model, MB; preparation and construction, s; real-time
factor; memory of the synapses over their number, bytes. The values of the first column follow in brackets. RUN OPTIONS,
such as ``--delivery just_in_time``, go to `benchnn run`.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODEL = """
from dataclasses import replace

from benchnn.models import models
from simcore.network import BernoulliTrains, Column, EdgeFiles, Explicit, Network, Population, Projection


def generator(scale: float):
    return models.get("flywire")(scale=scale)


def parquet(scale: float):
    described = models.get("flywire")(scale=scale)
    rule = EdgeFiles({path!r}, source="Presynaptic_Index", target="Postsynaptic_Index")
    brain = replace(described.projections[0], rule=rule, weight=Column("Excitatory x Connectivity"))
    return replace(described, projections=[brain, *described.projections[1:]])


def ten(scale: float):
    described = models.get("flywire")(scale=0.004)
    brain, source = described.populations
    edges, stimulus = described.projections
    small = replace(brain, size=10, params={{**brain.params, "t_ref": 2.2}})
    edges = replace(edges, rule=Explicit([0, 1], [1, 2]), weight=[3.0, -5.0])
    stimulus = replace(stimulus, rule=Explicit([0], [0]))
    return Network([small, replace(source, size=1)], [edges, stimulus])
"""


def write_parquet(path, scale):
    """A surrogate in the int64 columns of the published file; the ids are not FlyWire's."""
    import numpy as np
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    from benchnn.models import models

    brain = models.get("flywire")(scale=scale).projections[0]
    writer = None
    for block in brain.rule.blocks((brain.weight,)):
        sources, targets = block.sources.astype(np.int64), block.targets.astype(np.int64)
        contacts = block.values[brain.weight].astype(np.int64)
        columns = {
            "Presynaptic_ID": 720_575_940_600_000_000 + sources,
            "Postsynaptic_ID": 720_575_940_600_000_000 + targets,
            "Presynaptic_Index": sources,
            "Postsynaptic_Index": targets,
            "Connectivity": np.abs(contacts),
            "Excitatory": np.sign(contacts),
            "Excitatory x Connectivity": contacts,
        }
        table = arrow.table(columns)
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def run(model, kind, arguments, more):
    """The record of a run in a separate process."""
    given = ["--time", arguments.time, "--warmup", 0, "--threads", arguments.threads, "--meters", "none", "--json"]
    command = [sys.executable, "-m", "benchnn", "run", f"{model}:{kind}", "--param", f"scale={arguments.scale}"]
    finished = subprocess.run([*command, *map(str, given), *more], capture_output=True, text=True, cwd=ROOT)
    if finished.returncode:
        sys.exit(finished.stderr)
    return json.loads(finished.stdout)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--time", type=float, default=100.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kinds", default="generator,parquet")
    arguments, more = parser.parse_known_args()
    kinds = arguments.kinds.split(",")
    with tempfile.TemporaryDirectory(prefix="benchnn-fly-brain-") as folder:
        path, model = Path(folder, "edges.parquet"), Path(folder, "brains.py")
        model.write_text(MODEL.format(path=str(path)))
        if "parquet" in kinds:
            write_parquet(path, arguments.scale)
        found = {}
        for kind in ("ten", *kinds):
            run(model, kind, arguments, more)
            found[kind] = [run(model, kind, arguments, more) for _ in range(arguments.repeats)]
    base = statistics.median(record["memory_bytes"]["peak_rss"]["max"] for record in found["ten"])
    print(f"ten neurons: {base / 1e6:.0f} MB")
    print(f"{'':10} {'beyond, MB':>10} {'prepare':>8} {'construct':>9} {'RTF':>7} {'B/synapse':>9}")
    for kind in kinds:
        records = found[kind]
        beyond = sorted((record["memory_bytes"]["peak_rss"]["max"] - base) / 1e6 for record in records)
        values = [[record["wall_s"][part]["max"] for record in records] for part in ("preparation", "construction")]
        values += [[record[key] for record in records] for key in ("real_time_factor", "bytes_per_synapse")]
        preparation, construction, factor, size = map(statistics.median, values)
        each = ", ".join(f"{value:.0f}" for value in beyond)
        print(
            f"{kind:10} {statistics.median(beyond):10.0f} {preparation:8.2f} {construction:9.2f} {factor:7.3f} "
            f"{size:9.2f}  ({each})"
        )


if __name__ == "__main__":
    main()
