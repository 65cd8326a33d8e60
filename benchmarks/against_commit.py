"""Compare the speed of this working tree with another revision, in pairs of consecutive runs.

    python benchmarks/against_commit.py main
    python benchmarks/against_commit.py HEAD~3 --workload pd14 --workload "brunel --param order=100 --time 200"

The candidate is the working tree of this checkout, uncommitted and untracked files included; BASE is checked out into a
temporary folder. Both are installed, not editable, into separate virtual environments that use all other packages of
the Python that runs this script, and each has a separate kernel cache. The first run of each compiles kernels and is
not counted. Then the pairs follow in the order base, candidate, candidate, base, base, ... The interval contains the
median of the paired ratios, see `paired_ratios`. The exit code is 0 even if the candidate is slower, 1 if spikes or
network differ or a run fails, and 2 for wrong input. This script imports no module of the project, so that it can
measure any revision.
"""

import argparse
import json
import os
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from installed_revisions import (
    ComparisonError,
    Side,
    checked_out,
    exported,
    installed,
    python_output,
    refuse_conflicts,
    require_installers,
    resolved,
    working_tree,
)
from paired_ratios import alternating, paired_ratio, verdict

ROOT = Path(__file__).resolve().parents[1]
WORKLOADS = {
    "pd14-0.1": "pd14 --param scale=0.1 --time 10000",
    "pd14": "pd14 --time 2000 --warmup 200",
    "brunel": "brunel --time 2000 --warmup 200",
}
"""Arguments of ``benchnn run`` by name of the workload."""
FEWEST_PAIRS = 7
BUSY_SHARE = 0.05
"""Share of the CPUs that other programs may use before a warning."""
DIGESTS = ("spike_digest", "network_digest")
BASE, CANDIDATE = "base", "candidate"


@dataclass(frozen=True)
class Metric:
    """A number of the record; smaller is better.

    Parameters
    ----------
    name
        Name in the JSON.
    path
        Keys of the record, joined by dots.
    label
        Name in the table, with the unit there.
    per_unit
        Number of units of the record in one unit of the table.
    lower, higher
        Verdicts if the candidate has less, and if it has more.
    """

    name: str
    path: str
    label: str
    per_unit: float = 1.0
    lower: str = "faster"
    higher: str = "slower"


METRICS = (
    Metric("real_time_factor", "real_time_factor", "real-time factor"),
    Metric("update_s", "phases_s.update.mean", "update, s"),
    Metric("deliver_s", "phases_s.deliver.mean", "deliver, s"),
    Metric("construction_s", "wall_s.construction.max", "construction, s"),
    Metric("peak_rss_bytes", "memory_bytes.peak_rss.max", "peak RSS, MB", 1e6, "smaller", "larger"),
)
"""Metrics: phases are means over threads; construction and memory are maxima over ranks."""


@dataclass(frozen=True)
class Run:
    """Record of a run, and the number of CPUs that other programs used meanwhile; None if unknown."""

    record: Mapping[str, Any]
    others_cpus: float | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", metavar="BASE", help="revision to compare with: a commit, branch or tag")
    named = ", ".join(WORKLOADS)
    workload_help = f"one of {named}, or arguments of benchnn run (repeatable; pd14-0.1)"
    parser.add_argument("--workload", action="append", metavar="NAME|ARGUMENTS", help=workload_help)
    parser.add_argument(
        "--pairs", type=int, default=FEWEST_PAIRS, metavar="N", help=f"number of pairs, at least {FEWEST_PAIRS} (7)"
    )
    parser.add_argument("--json", action="store_true", help="print only the numbers on stdout")
    options = parser.parse_args(arguments)
    try:
        return _compare(options.base, options.workload or ["pd14-0.1"], options.pairs, options.json)
    except ComparisonError as error:
        print(f"against_commit: error: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print("against_commit: interrupted", file=sys.stderr)
        return 1


def _compare(base: str, names: Sequence[str], pairs: int, as_json: bool) -> int:
    if pairs < FEWEST_PAIRS:
        raise ComparisonError(f"--pairs: {pairs} is too few; use at least {FEWEST_PAIRS}")
    workloads = {name: run_arguments(name) for name in names}
    commit = resolved(ROOT, base)
    refuse_conflicts(ROOT)
    require_installers()
    comparison: dict[str, Any] = {"base": {"revision": base, "commit": commit}, "candidate": working_tree(ROOT)}
    comparison["machine"] = {"cpus": os.cpu_count(), "load_average_at_start": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(prefix="against_commit-", ignore_cleanup_errors=True) as name:
        sides = _install_both(commit, Path(name))
        comparison["workloads"] = []
        for label, command in workloads.items():
            runs = measured(label, command, sides, pairs)
            comparison["workloads"].append(summary(label, command, runs))
            for side in sides:
                provenance = runs[side][0].record["provenance"]
                comparison[side] |= {key: provenance.get(key) for key in ("source_digest", "packages")}
                comparison["machine"]["cpu_model"] = provenance.get("cpu_model")
    comparison["machine"]["load_average_at_end"] = os.getloadavg()[0]
    print(json.dumps(comparison, indent=2) if as_json else "\n".join(lines(comparison)))
    return 0 if all(digest["same"] for each in comparison["workloads"] for digest in each["digests"].values()) else 1


def _install_both(commit: str, folder: Path) -> dict[str, Side]:
    print(f"installing {commit[:12]} and the working tree", file=sys.stderr, flush=True)
    # The base is installed as a copy; remove its working tree.
    with checked_out(ROOT, commit, folder / "base-tree") as tree:
        base = installed(BASE, tree, folder)
    return {BASE: base, CANDIDATE: installed(CANDIDATE, exported(ROOT, folder / "candidate-tree"), folder)}


def run_arguments(workload: str) -> list[str]:
    """Arguments of ``benchnn run``, from the name of a workload or from a string of arguments."""
    try:
        words = shlex.split(WORKLOADS.get(workload, workload))
    except ValueError as error:
        raise ComparisonError(f"--workload: {workload!r}: {error}") from error
    if not words:
        raise ComparisonError(f"--workload is empty; use one of {', '.join(WORKLOADS)}, or arguments of benchnn run")
    return words


def run(side: Side, arguments: Sequence[str]) -> Run:
    """Run a workload once."""
    before, start = _others_s(), time.perf_counter()
    added = ("--json", "--overwrite", "--out", str(side.result))
    printed = python_output(side, "-m", "benchnn", "run", *arguments, *added)
    after, elapsed = _others_s(), time.perf_counter() - start
    return Run(json.loads(printed), None if before is None or after is None else max(0.0, (after - before) / elapsed))


def _others_s() -> float | None:
    """CPU time used since the machine started, with a hypervisor's share, without this process and its children."""
    try:
        first = Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()
    except OSError:
        return None
    user, nice, system, _, _, irq, softirq, steal = (int(ticks) for ticks in first[1:9])
    busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    return busy - sum(os.times()[:4])


def measured(label: str, arguments: Sequence[str], sides: Mapping[str, Side], pairs: int) -> dict[str, tuple[Run, ...]]:
    """Runs of both sides, paired by position, after one run of each that compiles kernels."""
    runs: dict[str, list[Run]] = {name: [] for name in sides}
    for name, side in sides.items():
        print(f"{label}: {name}: first run, which compiles", file=sys.stderr, flush=True)
        run(side, arguments)
    for pair, order in enumerate(alternating(BASE, CANDIDATE, pairs), start=1):
        for name in order:
            runs[name].append(run(sides[name], arguments))
            rtf = _number(runs[name][-1].record, METRICS[0].path)
            said = "not measured" if rtf is None else f"{rtf:.4g}"
            print(f"{label}: pair {pair} of {pairs}: {name}: RTF {said}", file=sys.stderr, flush=True)
    return {name: tuple(done) for name, done in runs.items()}


def _number(record: Mapping[str, Any], path: str) -> float | None:
    """A number of a record by its dotted path; None if it was not measured."""
    value: Any = record
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return None if value is None else float(value)


def summary(label: str, arguments: Sequence[str], runs: Mapping[str, Sequence[Run]]) -> dict[str, Any]:
    """Summarise the runs of a workload: metrics, digests, and load of the machine."""
    metrics = {}
    for metric in METRICS:
        values = {side: [_number(one.record, metric.path) for one in done] for side, done in runs.items()}
        # A phase with a duration of 0 has no ratio.
        if all(value for each in values.values() for value in each):
            ratio = paired_ratio(values[BASE], values[CANDIDATE])
            spans = {side: _span(each) for side, each in values.items()}
            judged = verdict(ratio, metric.lower, metric.higher)
            metrics[metric.name] = {**spans, "ratio": asdict(ratio), "verdict": judged}
        else:
            metrics[metric.name] = None
    digests = {}
    for key in DIGESTS:
        found = {side: sorted({one.record.get(key) for one in done}, key=str) for side, done in runs.items()}
        # One side may also differ from itself, from run to run.
        digests[key] = {**found, "same": found[BASE] == found[CANDIDATE] and len(found[BASE]) == 1}
    others = [one.others_cpus for done in runs.values() for one in done]
    busy = None if None in others else others
    described = {"workload": label, "arguments": list(arguments), "pairs": len(runs[BASE])}
    return {**described, "metrics": metrics, "digests": digests, "others_cpus": busy}


def _span(values: Sequence[float]) -> dict[str, Any]:
    return {"median": median(values), "min": min(values), "max": max(values), "values": list(values)}


def lines(comparison: Mapping[str, Any]) -> Iterator[str]:
    """The numbers as text."""
    machine, base, candidate = comparison["machine"], comparison["base"], comparison["candidate"]
    start, end = (f"{machine[f'load_average_at_{when}']:.2f} at the {when}" for when in ("start", "end"))
    yield f"{machine['cpu_model'] or 'processor unknown'}, {machine['cpus']} CPUs, load average {start}, {end}"
    yield f"base:      {base['revision']}, commit {base['commit'][:12]}"
    changed = candidate["uncommitted_files"]
    state = f"with {changed} uncommitted files" if changed else "without changes"
    yield f"candidate: working tree of {candidate['folder']}, commit {candidate['commit'][:12]} {state}"
    if base["source_digest"] and base["source_digest"] == candidate["source_digest"]:
        yield "Both have the same sources; any difference is due to the machine."
    for each in comparison["workloads"]:
        yield from _workload_lines(each, machine["cpus"])


def _workload_lines(each: Mapping[str, Any], cpus: int) -> Iterator[str]:
    """One workload: a table with medians (smallest - largest), digests and warnings."""
    ratios = [metric["ratio"] for metric in each["metrics"].values() if metric is not None]
    yield f"\n{each['pairs']} pairs of benchnn run {shlex.join(each['arguments'])}"
    interval = f"{100 * ratios[0]['confidence']:.1f} % interval" if ratios else "interval"
    rows = [("", BASE, CANDIDATE, "ratio", interval, "verdict"), *(_row(m, each["metrics"][m.name]) for m in METRICS)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
    for key, digest in each["digests"].items():
        base, candidate = (", ".join(map(str, digest[side])) for side in (BASE, CANDIDATE))
        differing = f"DIFFERS: base {base}, candidate {candidate}"
        yield f"{key}: {('same, ' + base if base != 'None' else 'not recorded') if digest['same'] else differing}"
    others = each["others_cpus"]
    if others is None:
        yield "warning: this system does not report whether other programs ran meanwhile"
    elif max(others) > BUSY_SHARE * cpus:
        busy = sum(used > BUSY_SHARE * cpus for used in others)
        used = f"up to {max(others):.2g} of {cpus} CPUs in {busy} of {len(others)} runs"
        yield f"warning: other programs used {used}; repeat on a quiet machine"


def _row(metric: Metric, measured: Mapping[str, Any] | None) -> tuple[str, ...]:
    if measured is None:
        return metric.label, "-", "-", "-", "-", "not measured in every run"
    spans = (
        "{:.4g} ({:.4g} - {:.4g})".format(*(measured[side][key] / metric.per_unit for key in ("median", "min", "max")))
        for side in (BASE, CANDIDATE)
    )
    ratio = measured["ratio"]
    interval = f"{ratio['low']:.3f} - {ratio['high']:.3f}"
    return metric.label, *spans, f"{ratio['median']:.3f}", interval, measured["verdict"]


if __name__ == "__main__":
    # The working tree is also removed after a SIGTERM from a batch system or a timeout.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
