"""Feeds every reader with damaged inputs: ``python tests/fuzz/fuzz.py --inputs 200000 --seed 7``.

Prints how many inputs each reader was given, and what became of them. Each input must end in success, or be refused in
one sentence; any other is written to a file, which ``--replay FILE`` runs again in this process.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NoReturn

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from fuzzing.campaign import run_campaign, shares
from fuzzing.case import Case, from_json, to_json
from fuzzing.readers import READERS, readers_of
from fuzzing.results import make_results
from fuzzing.worker import Finding, case_of, prepared

MEMORY = "/dev/shm"  # noqa: S108 - a new folder in it


def main() -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--inputs", type=int, default=10_000, metavar="N", help="at least so many in all (10000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the inputs (1)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes (2)")
    only = {"metavar": "NAME", "choices": sorted(READERS), "help": "only this (repeatable)"}
    parser.add_argument("--reader", action="append", **only)
    parser.add_argument("--out", type=Path, default=Path("fuzz-faults"), metavar="DIR", help="for inputs with faults")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run one of these again, and do nothing else")
    options = parser.parse_args()
    # Small files come and go quickly: in memory, if there is such a file system.
    memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=memory) as made:
        results, scratch = Path(made, "results"), Path(made, "workers")
        if options.replay is not None:
            # In a process of its own, which cannot leave its folder.
            context = multiprocessing.get_context("spawn")
            child = context.Process(target=replay, args=(*from_json(options.replay.read_text()), scratch))
            child.start()
            child.join()
            print(f"exit code {child.exitcode}")
            return int(child.exitcode != 0)
        results.mkdir()
        make_results(results)
        counts = shares(options.inputs, options.reader or sorted(READERS))
        campaign = run_campaign(results, scratch, counts, options.seed, options.workers)
        print(campaign.table(), end="", flush=True)
        write_faults(campaign.faults, results, options.out)
        return int(bool(campaign.faults))


def replay(name: str, case: Case, folder: Path) -> NoReturn:
    """Run an input that was kept, twice: the first time imports; prints what became of it, and ends the process."""
    worker, _ = prepared(folder, {name: [case]})
    verdict = worker.verdict(name, case)
    print(f"{verdict.kind}: {verdict.detail}", flush=True)
    sys.exit(int(verdict.faulty))


def write_faults(faults: list[Finding], results: Path, folder: Path) -> None:
    """Write each input with a fault to a file, and print what happened, the most frequent first."""
    frequent = Counter((fault.reader, fault.verdict) for fault in faults)
    for (name, verdict), number in frequent.most_common():
        example = next(fault for fault in faults if (fault.reader, fault.verdict) == (name, verdict))
        reader = readers_of([name])[name]
        case = case_of(reader, list(reader.seeds(results)), example.seed, example.index)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name.replace(' ', '_')}-{example.seed}-{example.index}.json"
        found = {"reader": name, "seed": example.seed, "index": example.index, "fault": verdict.kind}
        path.write_text(to_json(case, **found, detail=verdict.detail))
        print(f"{number} x {name}: {verdict.kind}: {verdict.detail}\n    {path}")


if __name__ == "__main__":
    sys.exit(main())
