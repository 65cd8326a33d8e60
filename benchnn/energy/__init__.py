"""Energy of a run: meters by name, each a file, and what they measured in the windows of the run.

Measured or null: no meter's reading is replaced by an estimate.
"""

from benchnn.energy.instrument import Meter
from simcore.errors import require
from simcore.registry import Entry, Registry

AUTO, NONE = "auto", "none"

meters: Registry[Meter] = Registry(
    "meter",
    {
        "powercap": Entry("benchnn.energy.powercap:METER"),
        "pm_counters": Entry("benchnn.energy.pm_counters:METER"),
        "hwmon": Entry("benchnn.energy.hwmon:METER"),
        "nvml": Entry("benchnn.energy.nvml:METER"),
    },
)

__all__ = ["AUTO", "NONE", "Meter", "meter_names", "meters"]


def meter_names(text: str) -> list[str]:
    """Names of the meters of ``auto``, ``none`` or ``NAME,NAME``.

    Raises
    ------
    InputError
        If a name is not known.
    """
    if text in (AUTO, NONE):
        return meters.names() if text == AUTO else []
    names = [name.strip() for name in text.split(",")]
    known = f"use {AUTO}, {NONE}, or names of {', '.join(meters.names())}, separated by commas"
    require(set(names) <= set(meters.names()) and len(set(names)) == len(names), "meters", text, known)
    return names
