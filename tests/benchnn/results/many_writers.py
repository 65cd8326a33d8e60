"""Many processes add a record each to one database at the same time: none is refused, none is lost.

``python tests/benchnn/results/many_writers.py --processes 200``
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from conftest import make

from benchnn.results.database import opened


def main():
    """Start all, wait for all, and count; exit code 1 if anything is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=200)
    number = parser.parse_args().processes
    with tempfile.TemporaryDirectory(prefix="benchnn-writers-") as name:
        folder, database = Path(name), Path(name, "results.sqlite")
        jobs, start = [], time.monotonic()
        for k in range(number):
            (folder / f"{k}.json").write_text(json.dumps(make(k)))
            words = ["results", "add", folder / f"{k}.json", "--database", database]
            jobs.append(subprocess.Popen([sys.executable, "-m", "benchnn", *words], stdout=subprocess.DEVNULL))
        refused = sum(job.wait() != 0 for job in jobs)
        wall_s = time.monotonic() - start
        with opened(database) as found:
            kept = len(found.records())
    print(f"{number} processes: {refused} refused, {kept} records, {wall_s:.0f} s")
    return int(refused > 0 or kept != number)


if __name__ == "__main__":
    sys.exit(main())
