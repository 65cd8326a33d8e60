"""Energy of a run: meters by name, each in its own file, and their measurements in the windows of the run.

Energies are measured or null: estimates never replace the reading of a meter.
"""

from benchnn.energy.instrument import Meter
from simcore.errors import require
from simcore.registry import Entry, Registry

AUTO, NONE = "auto", "none"


def _fault(name: str, implementation: object) -> str | None:
    """Reason why a plug-in is not a meter, or None."""
    if isinstance(implementation, type):
        return "is a class; the plug-in must offer an instance"
    methods = ("unusable_because", "instruments")
    lacking = [method for method in methods if not callable(getattr(implementation, method, None))]
    return f"is not a meter: the method {lacking[0]} is missing" if lacking else None


meters: Registry[Meter] = Registry(
    "meter",
    {
        "powercap": Entry("benchnn.energy.powercap:METER"),
        "pm_counters": Entry("benchnn.energy.pm_counters:METER"),
        "hwmon": Entry("benchnn.energy.hwmon:METER"),
        "nvml": Entry("benchnn.energy.nvml:METER"),
    },
    group="benchnn.meters",
    fault=_fault,
    reserved=(AUTO, NONE),
)

__all__ = ["AUTO", "NONE", "Meter", "meter_names", "meters"]


def meter_names(text: str) -> list[str]:
    """Return the names of the meters that ``auto``, ``none`` or ``NAME,NAME`` selects.

    ``auto`` selects the built-in meters; a plug-in is read only if it is named.

    Parameters
    ----------
    text
        The value of ``--meters``.

    Returns
    -------
    list of str
        The names, each once.

    Raises
    ------
    InputError
        If a name is unknown.
    """
    require(isinstance(text, str), "meters", text, f"use {AUTO}, {NONE}, or names separated by commas")
    if text in (AUTO, NONE):
        return meters.names() if text == AUTO else []
    names = [name.strip() for name in text.split(",")]
    if not all(name in meters for name in names) or len(set(names)) < len(names):
        allowed = f"use {AUTO}, {NONE}, or names of {', '.join(meters.known())}, separated by commas"
        require(False, "meters", text, allowed)
    return names
