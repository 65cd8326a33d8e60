"""What a page shows of where a result comes from."""

import shlex

from benchnn.record.numbers import HTML
from benchnn.record.reading import Record
from benchnn.report.markup import Markup, element, pairs
from benchnn.report.section import Chapter, told

NAMES = {
    "git_commit": "commit",
    "source_digest": "digest of the sources",
    "model_digest": "digest of the model's file",
    "tables_digest": "digest of the tables",
    "host": "host",
    "cpu_model": "processor",
    "cpu_governor": "frequency governor",
    "affinity": "usable CPUs",
    "os": "operating system",
    "python": "Python",
    "slurm_job_id": "Slurm job",
    "started_utc": "started (UTC)",
    "finished_utc": "finished (UTC)",
}


def origin_chapter(record: Record) -> Chapter:
    """Version, commit, machine, packages and command of a run."""
    provenance, simulator = record.part("provenance"), record.part("simulator")
    version = f"{simulator.text('name') or HTML.absent} {simulator.text('version') or ''}"
    rows: list[tuple[str, str]] = [("run", record.text("run_id") or HTML.absent), ("simulator", version)]
    rows += [(name, told(record, f"provenance.{key}")) for key, name in NAMES.items()]
    rows.append(("memory of the host", HTML.size(provenance.number("memory_total_bytes"))))
    packages = provenance.part("packages")
    rows.append(("packages", ", ".join(f"{name} {packages.text(name)}" for name in packages.values) or HTML.absent))
    return Chapter("Origin", [pairs("Where the result comes from", rows), command_line(record)])


def command_line(record: Record) -> Markup:
    """The command of a record, as a shell would take it."""
    return element("pre", element("code", shlex.join(map(str, record.list("command")))))
