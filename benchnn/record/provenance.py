"""The provenance of a result: code, packages, machine and job."""

import hashlib
import os
import platform
import socket
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import simcore.errors
from benchnn.record import machine
from benchnn.record.machine import Unknown
from simcore.jit.sources import SUFFIXES

PACKAGES = ("numpy", "numba", "llvmlite", "h5py", "mpi4py", "cupy-cuda12x", "nest-simulator", "brian2")
SOURCES = ("simcore", "benchnn")


@dataclass(frozen=True)
class Provenance:
    """Fields as in ``docs/result.md``; `Unknown` becomes null and a reason in the record."""

    started_utc: str
    finished_utc: str | Unknown
    options: dict[str, Any]
    host: str
    os: str
    python: str
    packages: dict[str, str]
    git_commit: str | Unknown
    source_digest: str
    model_digest: str
    tables_digest: str | Unknown
    cpu_model: str | Unknown
    cpu_governor: str | Unknown
    affinity: str | Unknown
    memory_total_bytes: int | Unknown
    slurm_job_id: str | Unknown


def make_provenance(started: datetime, options: Mapping[str, Any], model_digest: str) -> Provenance:
    """Collect the provenance on this rank, without starting another program.

    Call it before a run: the sources may be edited during the run.

    Parameters
    ----------
    started
        Start of the run, UTC.
    options
        Options of the run, merged from command line, file and defaults.
    model_digest
        SHA-256 of the file that describes the network.
    """
    return Provenance(
        started_utc=started.isoformat(timespec="seconds"),
        finished_utc=Unknown("the run has not finished"),
        options=dict(options),
        host=socket.gethostname(),
        os=f"{platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        packages=package_versions(PACKAGES),
        git_commit=git_commit(package_folder()),
        source_digest=source_digest(package_folder()),
        model_digest=model_digest,
        tables_digest=Unknown("the network is not constructed"),
        cpu_model=machine.cpu_model(),
        cpu_governor=machine.cpu_governor(),
        affinity=machine.affinity(),
        memory_total_bytes=machine.memory_total_bytes(),
        slurm_job_id=os.environ.get("SLURM_JOB_ID") or Unknown("not a job of Slurm: SLURM_JOB_ID is not set"),
    )


def finish(provenance: Provenance, tables_digest: str) -> Provenance:
    """Add the fields that are known at the end of the run; `tables_digest` is the digest of `simcore.tables.Tables`."""
    finished_utc = datetime.now(UTC).isoformat(timespec="seconds")
    return replace(provenance, finished_utc=finished_utc, tables_digest=tables_digest)


def unknowns(provenance: Provenance) -> dict[str, str]:
    """Reasons of the unknown fields."""
    pairs = ((entry.name, getattr(provenance, entry.name)) for entry in fields(provenance))
    return {name: value.reason for name, value in pairs if isinstance(value, Unknown)}


def package_versions(names: tuple[str, ...]) -> dict[str, str]:
    """Versions of the installed packages."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def package_folder() -> Path:
    """The folder of the packages: the root of a repository, or site-packages."""
    return Path(simcore.errors.__file__).resolve().parents[1]


def source_digest(root: Path) -> str:
    """SHA-256 of all Python and CUDA sources of the packages, which also covers local changes after a commit."""
    sha = hashlib.sha256()
    # benchnn/models is a link in a checkout and a folder in an installation: both give the same digest.
    folders = (folder for package in SOURCES for folder in os.walk(root / package, followlinks=True))
    files = [Path(folder, name) for folder, _, names in folders for name in names if name.endswith(SUFFIXES)]
    for path in sorted(files):
        sha.update(f"{path.relative_to(root)}\0".encode(errors="surrogateescape"))
        sha.update(path.read_bytes())
    return sha.hexdigest()


def git_commit(root: Path) -> str | Unknown:
    """Commit of a checkout, read from its files: ranks of an MPI job must not start programs."""
    try:
        folder = root / ".git"
        if folder.is_file():
            # A linked working tree.
            folder = root / folder.read_text().partition(":")[2].strip()
        if not folder.is_dir():
            return Unknown("not run from a git checkout")
        head = (folder / "HEAD").read_text().strip()
        if not head.startswith("ref:"):
            return head
        reference = head.partition(":")[2].strip()
        common = folder / (folder / "commondir").read_text().strip() if (folder / "commondir").exists() else folder
        for base in (folder, common):
            if (base / reference).is_file():
                return (base / reference).read_text().strip()
        for line in (common / "packed-refs").read_text().splitlines():
            if line.endswith(f" {reference}"):
                return line.split()[0]
    except OSError as error:
        return Unknown(f"the git checkout cannot be read: {error.strerror}")
    return Unknown("the git checkout has no commit")
