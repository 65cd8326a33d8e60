"""``benchnn doctor``: the installed components, and why some are not usable, without importing large packages."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchnn.record import machine
from benchnn.record.machine import ROOT, Unknown
from benchnn.record.version import __version__
from benchnn.running.launcher import mpi_launcher
from simcore.display.text_table import aligned
from simcore.display.words import counted
from simcore.errors import InputError, UnavailableError
from simcore.jit.folders import cache_root, kept_bytes, kept_folders
from simcore.job.cgroups import CGROUPS, MEMBERSHIPS
from simcore.job.cpu_claims import hidden_runs
from simcore.job.cpu_limits import (
    allowed_threads,
    by_core,
    cpu_quota,
    slurm_cpus_on_node,
    slurm_cpus_per_task,
    usable_cpus,
)
from simcore.job.gpus import gpus_of_job
from simcore.memory import MemoryLimit, address_space_limit, available_bytes, cgroup_limit
from simcore.registry import Registry
from simcore.registry.files import failures_of

if TYPE_CHECKING:
    from benchnn.energy.instrument import Instrument

OPTIONAL = (
    # topic, name, module, package, command that installs it
    ("GPU", "cupy", "cupy", "cupy-cuda12x", "pip install 'benchnn[gpu]'; also requires an NVIDIA driver"),
    ("files and plots", "h5py (SONATA)", "h5py", "h5py", "pip install h5py"),
    ("files and plots", "pyarrow (Parquet)", "pyarrow", "pyarrow", "pip install 'benchnn[parquet]'"),
    ("files and plots", "neo", "neo", "neo", "pip install 'benchnn[neo]'"),
    ("files and plots", "elephant", "elephant", "elephant", "pip install 'benchnn[elephant]'"),
    ("files and plots", "libsonata", "libsonata", "libsonata", "pip install libsonata (used only by tests)"),
    ("files and plots", "matplotlib", "matplotlib", "matplotlib", "pip install 'benchnn[report]'"),
)


@dataclass(frozen=True)
class Finding:
    """One line of the report; `usable` is None for facts that are neither usable nor unusable."""

    topic: str
    name: str
    usable: bool | None
    detail: str = ""


def examine(root: Path = ROOT) -> list[Finding]:
    """Examine program, components and machine; `root` is the root of the file system."""
    from benchnn.models import models
    from benchnn.simulators import peers
    from simcore.accelerators.sheets.parser import accelerator_names, accelerator_plug_ins
    from simcore.backends import backends
    from simcore.drives import drives
    from simcore.neuromorphic import chip_names, chip_plug_ins
    from simcore.neuromorphic.mapping.core_mapping import mappers
    from simcore.neuromorphic.places.placing import places
    from simcore.neurons import neuron_models

    findings = [
        Finding("this program", "benchnn", None, __version__),
        Finding("this program", "Python", None, f"{platform.python_version()} on {platform.system()}"),
        Finding("this program", "kernel cache", None, _kernel_cache()),
        Finding("this program", "vectors", None, _vectors()),
    ]
    findings += _registered("backends", backends, {"cpu": _version("numba"), "oracle": "plain NumPy, slow"})
    findings += _registered("neuron models", neuron_models)
    findings += _registered("drives", drives)
    findings += [Finding("connection rules", name, True) for name in _rule_names()]
    findings += _mpi()
    findings.append(_slurm())
    details = {"nest": _version("nest-simulator"), "brian2": _version("brian2")}
    findings += _registered("peer simulators", peers, details)
    findings += _registered("networks", models)
    findings += [Finding("chips", name, True) for name in chip_names()] + _registered("chips", chip_plug_ins)
    findings += [Finding("accelerators", name, True) for name in accelerator_names()]
    findings += _registered("accelerators", accelerator_plug_ins)
    findings += _registered("mappers", mappers)
    findings += _registered("places", places)
    findings += [_optional(*entry) for entry in OPTIONAL]
    return findings + _energy(root) + _machine(root) + _limits(root)


def report(findings: list[Finding]) -> str:
    """The findings as a table, one block for each topic."""
    words = {True: "yes", False: "no", None: ""}
    lines: list[str] = []
    # The detail of a plug-in can have several lines.
    rows = [(f"  {found.name}", words[found.usable], " ".join(found.detail.split())) for found in findings]
    table = aligned(rows, "lll").splitlines() if rows else []
    topic = ""
    for finding, line in zip(findings, table, strict=True):
        if finding.topic != topic:
            topic = finding.topic
            lines += ["", topic] if lines else [topic]
        lines.append(line)
    return "\n".join(lines) + "\n"


def _registered(topic: str, registry: Registry[Any], details: Mapping[str, str] | None = None) -> list[Finding]:
    reasons = {name: registry.unusable_because(name) for name in registry.names()}
    found = [Finding(topic, name, why is None, why or (details or {}).get(name, "")) for name, why in reasons.items()]
    return found + _plug_ins(topic, registry)


def _plug_ins(topic: str, registry: Registry[Any]) -> list[Finding]:
    """Plug-ins of installed distributions, with names and versions."""
    return [
        Finding(topic, plug_in.name, plug_in.problem is None, plug_in.problem or f"plug-in of {plug_in.origin}")
        for plug_in in registry.plug_ins()
    ]


def _rule_names() -> list[str]:
    from simcore.connectivity import ListedRule, Rule, SpatialRule

    kinds = (Rule, ListedRule, SpatialRule)
    return sorted(rule.name for kind in kinds for rule in kind.__subclasses__() if rule not in kinds)


def _optional(topic: str, name: str, module: str, package: str, remedy: str) -> Finding:
    here = find_spec(module) is not None
    return Finding(topic, name, here, _version(package) if here else f"not installed: {remedy}")


def _mpi() -> list[Finding]:
    """The launcher and the MPI library, which is loaded in a separate process because its import starts MPI."""
    topic, code = "ranks (MPI)", "from mpi4py import MPI; print(MPI.Get_library_version())"
    remedy = "pip install 'benchnn[mpi]' mpich, or use the system's MPI"
    if find_spec("mpi4py") is None:
        found = Finding(topic, "library", False, f"mpi4py is not installed: {remedy}")
    else:
        try:
            command = [sys.executable, "-c", code]
            output = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
            library = " ".join(output.split("\n")[0].replace("\0", "").split())
            found = Finding(topic, "library", True, f"{library}, {_version('mpi4py')}")
        except (OSError, subprocess.SubprocessError):
            found = Finding(topic, "library", False, f"mpi4py does not find an MPI library: {remedy}")
    try:
        return [found, Finding(topic, "launcher", True, mpi_launcher()[0][0])]
    except UnavailableError as error:
        return [found, Finding(topic, "launcher", False, str(error))]


def _slurm() -> Finding:
    """The program that submits jobs."""
    topic, program = "jobs (Slurm)", shutil.which("sbatch")
    if program is None:
        return Finding(topic, "sbatch", False, "not on PATH; benchnn slurm submit requires it")
    try:
        found = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(topic, "sbatch", False, f"{program} cannot be run: {error}")
    if found.returncode != 0:
        # Without a configuration sbatch does not print its version; its last line names the missing file.
        why = (found.stderr.splitlines() or [f"exit code {found.returncode}"])[-1]
        return Finding(topic, "sbatch", False, f"{program}: {why}")
    return Finding(topic, "sbatch", True, f"{found.stdout.strip()}, {program}")


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package}, version unknown"


def _kernel_cache() -> str:
    root = cache_root()
    if root is None:
        return "none: the user has no home directory, and BENCHNN_CACHE_DIR is not set"
    kept = kept_folders(root)
    return f"{kept_bytes(root) / 1e6:.1f} MB of {counted(len(kept), 'version')} in {root}"


def _vectors() -> str:
    """Width of the vectors of compiled kernels, found in a separate process because the compiler is large."""
    code = "from simcore.jit import vectors; print(vectors.vector_bits(), vectors.processor()[0])"
    try:
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown: Numba cannot compile on this machine"
    bits, name = found.stdout.split()[:2]
    return f"{bits} bits, compiled for {name}"


def _domain(instrument: "Instrument") -> str:
    try:
        instrument.read()
    except OSError:
        return f"{instrument.domain.name} (cannot be read)"
    return instrument.domain.name


def _energy(root: Path) -> list[Finding]:
    from benchnn.energy import meters

    topic = "energy meters"
    found = [_meter(topic, name, root) for name in meters.names()]
    for plug_in in _plug_ins(topic, meters):
        if plug_in.usable:
            here = _meter(topic, plug_in.name, root)
            plug_in = replace(here, detail=f"{here.detail} ({plug_in.detail})")
        found.append(plug_in)
    return found


def _meter(topic: str, name: str, root: Path) -> Finding:
    from benchnn.energy import meters

    meter = meters.get(name)
    try:
        with failures_of(meter):
            why = meter.unusable_because(root)
            domains = "" if why else ", ".join(_domain(one) for one in meter.instruments(root))
    except InputError as error:
        return Finding(topic, name, False, str(error))
    return Finding(topic, name, why is None, str(why or domains))


def _limits(root: Path) -> list[Finding]:
    """Limits of the job, with the files and variables that set them."""
    cpus = usable_cpus()
    cores = by_core(cpus, root)
    slurm = [str(limit) for limit in (slurm_cpus_per_task(), slurm_cpus_on_node()) if limit is not None]
    groups = cgroup_limit(root / CGROUPS, root / MEMBERSHIPS)
    space, gpus = address_space_limit(), gpus_of_job()
    facts: list[tuple[str, str]] = [
        ("affinity", f"CPUs {_text(machine.affinity())} on {counted(len(cores), 'core')}"),
        ("CPU quota", str(cpu_quota(root) or "none set by a control group")),
        ("Slurm's share", ", ".join(slurm) or "none: neither SLURM_CPUS_PER_TASK nor SLURM_CPUS_ON_NODE is set"),
        ("threads by default", str(allowed_threads(len(cpus), root=root))),
        ("pinning", hidden_runs(root) or "to CPUs that no other run has claimed"),
        ("memory limit", "none set by a control group" if groups is None else _left(groups)),
        ("address space limit", "none (ulimit -v)" if space is None else _left(space)),
        ("GPUs of the job", "all of the node" if gpus is None else f"{' '.join(gpus.names) or 'none'} ({gpus.source})"),
    ]
    return [Finding("limits of the job", name, None, detail) for name, detail in facts]


def _left(limit: MemoryLimit) -> str:
    return f"{limit.free_bytes / 1e9:.1f} GB left ({limit.source})"


def _machine(root: Path) -> list[Finding]:
    available = available_bytes()
    facts: list[tuple[str, str | int | Unknown]] = [
        ("processor", machine.cpu_model(root)),
        ("CPUs", f"{len(usable_cpus())} usable ({_text(machine.affinity())}) of {os.cpu_count()}"),
        ("caches", "; ".join(machine.caches(root)) or Unknown("the system does not show its caches")),
        ("frequency governor", machine.cpu_governor(root)),
        ("memory", _gigabytes(machine.memory_total_bytes(root))),
        ("memory available", Unknown("the system does not report it") if available is None else _gigabytes(available)),
        ("transparent huge pages", machine.huge_pages(root)),
        ("NVIDIA driver", machine.nvidia_driver(root)),
    ]
    return [Finding("machine", name, None, _text(value)) for name, value in facts]


def _gigabytes(value: int | Unknown) -> str | Unknown:
    return value if isinstance(value, Unknown) else f"{value / 1e9:.1f} GB"


def _text(value: str | int | Unknown) -> str:
    return f"unknown: {value.reason}" if isinstance(value, Unknown) else str(value)
