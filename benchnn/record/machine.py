"""Facts about this machine, each either known or unknown for a reason."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")


@dataclass(frozen=True)
class Unknown:
    """A fact that could not be determined, and the reason."""

    reason: str


Text = str | Unknown


def _read(path: Path) -> Text:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        return Unknown(f"{path}: {error.strerror}")


def cpu_model(root: Path = ROOT) -> Text:
    """Name of the processor."""
    text = _read(root / "proc/cpuinfo")
    if isinstance(text, Unknown):
        return platform.processor() or text
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "cpu model", "Model", "uarch"):
            return value.strip()
    return platform.processor() or Unknown(f"{root / 'proc/cpuinfo'} does not name a model")


def cpu_governor(root: Path = ROOT) -> Text:
    """Frequency governor, such as ``performance``; several governors if the CPUs differ."""
    folder = root / "sys/devices/system/cpu"
    found = sorted({_read(path) for path in folder.glob("cpu[0-9]*/cpufreq/scaling_governor")}, key=str)
    governors = [governor for governor in found if isinstance(governor, str)]
    return ", ".join(governors) if governors else Unknown("the system does not show a frequency governor")


def caches(root: Path = ROOT) -> list[str]:
    """Caches of the first CPU, such as ``L2 1024K, CPUs 0``."""
    found = []
    for folder in sorted((root / "sys/devices/system/cpu/cpu0/cache").glob("index[0-9]*")):
        level, kind, size, shared = (_read(folder / name) for name in ("level", "type", "size", "shared_cpu_list"))
        if isinstance(level, str) and isinstance(size, str) and size:
            letter = {"Data": "d", "Instruction": "i"}.get(str(kind), "")
            found.append(f"L{level}{letter} {size}B" + (f", CPUs {shared}" if isinstance(shared, str) else ""))
    return found


def cache_bytes(level: int, root: Path = ROOT) -> int | None:
    """Bytes of the data cache of a level that the first CPU uses; None if the system does not show it."""
    for folder in sorted((root / "sys/devices/system/cpu/cpu0/cache").glob("index[0-9]*")):
        found, kind, size = (_read(folder / name) for name in ("level", "type", "size"))
        unit = {"K": 1 << 10, "M": 1 << 20}.get(str(size)[-1:])
        if found == str(level) and kind != "Instruction" and unit and str(size)[:-1].isdecimal():
            return int(str(size)[:-1]) * unit
    return None


def memory_total_bytes(root: Path = ROOT) -> int | Unknown:
    """Memory of the machine in bytes."""
    text = _read(root / "proc/meminfo")
    if isinstance(text, Unknown):
        return text
    sizes = [line.split()[1] for line in text.splitlines() if line.startswith("MemTotal:")]
    return int(sizes[0]) * 1024 if sizes else Unknown(f"{root / 'proc/meminfo'} has no MemTotal")


def huge_pages(root: Path = ROOT) -> Text:
    """Mode of transparent huge pages: ``always``, ``madvise`` or ``never``."""
    text = _read(root / "sys/kernel/mm/transparent_hugepage/enabled")
    if isinstance(text, Unknown):
        return text
    chosen = [word.strip("[]") for word in text.split() if word.startswith("[")]
    return chosen[0] if chosen else Unknown(f"unexpected content: {text}")


def nvidia_driver(root: Path = ROOT) -> Text:
    """Version of the NVIDIA kernel module."""
    path = root / "proc/driver/nvidia/version"
    if not path.exists():
        return "not loaded"
    text = _read(path)
    return text if isinstance(text, Unknown) else text.partition("\n")[0].removeprefix("NVRM version:").strip()


def affinity() -> str | Unknown:
    """CPUs that this process may use, such as ``0-3,8``."""
    if not hasattr(os, "sched_getaffinity"):
        return Unknown("this operating system does not report it")
    return ranges(sorted(os.sched_getaffinity(0)))


def ranges(numbers: list[int]) -> str:
    """Format ascending numbers as ``0-3,8``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
