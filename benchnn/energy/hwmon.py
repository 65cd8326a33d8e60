"""Power and energy sensors of the kernel's hwmon interface: NVIDIA Grace, server boards, AMD processors and GPUs.

Known chips: ``power_meter`` (ACPI: on Grace one for each part of a module, named by ``power1_oem_info``; on other
machines the node), ``amd_energy`` (counters by socket and core), ``amdgpu`` (power of a GPU). Other chips, such as
batteries, are not read.

References
----------
Linux kernel documentation, hwmon sysfs interface; NVIDIA Grace Performance Tuning Guide, power telemetry.
"""

from collections.abc import Iterator
from pathlib import Path

from benchnn.energy.instrument import Counter, Coverage, Domain, Instrument, PowerSensor, read_number, why_unreadable

FOLDER = "sys/class/hwmon"
GRACE_PARTS: dict[str, Coverage] = {"Module": "module", "Grace": "package", "CPU": "core", "SysIO": "uncore"}
"""First word of ``power1_oem_info``; the power of Grace includes its memory."""


class Hwmon:
    """Sensors of the kernel's hwmon interface."""

    def unusable_because(self, root: Path) -> str | None:
        """Reason why sensors cannot be read, or None."""
        sensors = list(_sensors(root))
        if not sensors:
            return f"/{FOLDER} does not contain a known power sensor (power_meter, amd_energy, amdgpu)"
        reasons = [why_unreadable(path) for path, _ in sensors]
        return None if None in reasons else reasons[0]

    def instruments(self, root: Path) -> tuple[Instrument, ...]:
        """Return a counter or sensor for each file."""
        return tuple(_instrument(path, domain) for path, domain in _sensors(root))


def _sensors(root: Path) -> Iterator[tuple[Path, Domain]]:
    """Files of the known chips, and their domains."""
    for found in sorted((root / FOLDER).glob("hwmon*")):
        # Some drivers, such as the driver of ACPI, have their files in the folder of the device.
        chip = found / "device" if (found / "device" / "power1_average").exists() else found
        name = _text(found / "name") or _text(chip / "name")
        if name == "power_meter" and (chip / "power1_average").exists():
            part = _text(chip / "power1_oem_info")
            covers = GRACE_PARTS.get(part.partition(" ")[0], "node" if not part else "uncore")
            yield chip / "power1_average", Domain("hwmon", part or f"node ({found.name})", covers)
        elif name == "amd_energy":
            for path in sorted(chip.glob("energy*_input")):
                label = _text(path.with_name(path.name.replace("_input", "_label")))
                yield path, Domain("hwmon", label or path.stem, "package" if label.startswith("Esocket") else "core")
        elif name == "amdgpu":
            files = [path for path in (chip / "power1_average", chip / "power1_input") if path.exists()]
            yield from ((path, Domain("hwmon", f"gpu ({found.name})", "gpu")) for path in files[:1])


def _instrument(path: Path, domain: Domain) -> Instrument:
    if path.name.startswith("energy"):
        return Counter(domain, lambda: read_number(path) * 1e-6)
    return PowerSensor(domain, lambda: read_number(path) * 1e-6)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


METER = Hwmon()
