"""The energy counters of HPE Cray nodes: ``/sys/cray/pm_counters``.

``energy`` covers the whole node; ``cpu_energy``, ``memory_energy`` and ``accel*_energy`` are parts of it. Each file
contains an integer number of J, the unit, and a time; it is updated about ten times per second.

References
----------
Martin (2018), Cray XC power monitoring and management, CUG 2018.
"""

import re
from functools import partial
from pathlib import Path

from benchnn.energy.instrument import Counter, Coverage, Domain, read_number, why_unreadable

FOLDER = "sys/cray/pm_counters"
PARTS: dict[str, Coverage] = {"energy": "node", "cpu_energy": "package", "memory_energy": "dram"}


class PmCounters:
    """Counters of an HPE Cray node."""

    def unusable_because(self, root: Path) -> str | None:
        """Reason why the counter of the node cannot be read, or None."""
        if not (root / FOLDER).is_dir():
            return f"/{FOLDER}, which HPE Cray nodes have, does not exist"
        return why_unreadable(root / FOLDER / "energy")

    def instruments(self, root: Path) -> tuple[Counter, ...]:
        """Return a counter for the node and for each of its parts."""
        found = []
        for path in sorted((root / FOLDER).glob("*energy")):
            accelerator = re.fullmatch(r"accel(\d+)_energy", path.name)
            covers = "gpu" if accelerator else PARTS.get(path.name)
            if covers is not None:
                name = f"gpu-{accelerator[1]}" if accelerator else covers
                found.append(Counter(Domain("pm_counters", name, covers), partial(read_number, path)))
        return tuple(found)


METER = PmCounters()
