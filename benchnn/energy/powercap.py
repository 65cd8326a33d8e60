"""The kernel's powercap interface to RAPL, the energy counters of Intel and AMD processors.

Zones are folders ``intel-rapl:P`` (package P or psys) and ``intel-rapl:P:Z`` (core, uncore or dram of package P) below
``/sys/class/powercap``, also on AMD. Each has ``name``, ``energy_uj`` and ``max_energy_range_uj``, at which it restarts
at 0. ``intel-rapl-mmio`` shows packages a second time and is not read. Zones do not cover power supply, fans and
network.

References
----------
Linux kernel documentation, Power Capping Framework.
"""

from pathlib import Path

from benchnn.energy.instrument import Counter, Coverage, Domain, read_number, why_unreadable

FOLDER = "sys/class/powercap"
PARTS: dict[str, Coverage] = {"core": "core", "uncore": "uncore", "dram": "dram", "psys": "platform"}


class Powercap:
    """Zones of the kernel's powercap interface."""

    def unusable_because(self, root: Path) -> str | None:
        """Reason why zones cannot be read, or None."""
        zones = _zones(root)
        if not zones:
            return f"the kernel does not show zones in /{FOLDER}, as usual in virtual machines and containers"
        reasons = [why_unreadable(zone / "energy_uj") for zone in zones]
        return None if None in reasons else reasons[0]

    def instruments(self, root: Path) -> tuple[Counter, ...]:
        """Return a counter for each zone."""
        return tuple(_counter(zone) for zone in _zones(root))


def _zones(root: Path) -> list[Path]:
    return sorted(zone for zone in (root / FOLDER).glob("intel-rapl:*") if (zone / "energy_uj").exists())


def _counter(zone: Path) -> Counter:
    name = _name(zone)
    covers: Coverage = "package" if name.startswith("package") else PARTS.get(name, "platform")
    # intel-rapl:1:0 is a part of intel-rapl:1; its name does not contain the package.
    numbers = zone.name.split(":")[1:]
    label = name if len(numbers) == 1 else f"{name}-{numbers[0]}"
    most = zone / "max_energy_range_uj"
    wraps_at_j = read_number(most) * 1e-6 if why_unreadable(most) is None else None
    counter = zone / "energy_uj"
    return Counter(Domain("powercap", label, covers), lambda: read_number(counter) * 1e-6, wraps_at_j)


def _name(zone: Path) -> str:
    try:
        return (zone / "name").read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return zone.name


METER = Powercap()
