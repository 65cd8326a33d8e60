"""Drives by NEST's device names without ``_generator``, and drives of plug-ins (docs/extending.md)."""

import inspect
from pathlib import Path

from simcore.drives.dc.model import Dc
from simcore.drives.drive import CurrentDrive, Drive, EventDrive
from simcore.drives.inhomogeneous_poisson.model import InhomogeneousPoisson
from simcore.drives.noise.model import Noise
from simcore.drives.poisson.model import Poisson
from simcore.drives.spike_train.model import SpikeTrain
from simcore.drives.step_current.model import StepCurrent
from simcore.registry import Entry, Registry
from simcore.registry.plugins import PlugIn, sha256_of


def _fault(name: str, implementation: object) -> str | None:
    """Return why a plug-in is not a drive of that name, or None."""
    if not isinstance(implementation, type) or not issubclass(implementation, Drive):
        return "is not a subclass of a drive of simcore.drives"
    return f"has the name {implementation.name!r}" if implementation.name != name else None


drives: Registry[type[Drive]] = Registry(
    "drive",
    {
        "poisson": Entry("simcore.drives.poisson.model:Poisson"),
        "inhomogeneous_poisson": Entry("simcore.drives.inhomogeneous_poisson.model:InhomogeneousPoisson"),
        "noise": Entry("simcore.drives.noise.model:Noise"),
        "spike_train": Entry("simcore.drives.spike_train.model:SpikeTrain"),
        "step_current": Entry("simcore.drives.step_current.model:StepCurrent"),
        "dc": Entry("simcore.drives.dc.model:Dc"),
    },
    group="simcore.drives",
    fault=_fault,
)
"""Name -> class. Networks are described with the classes; names are used in listings and records."""


def plug_in_of(drive: Drive) -> PlugIn | None:
    """Identify the class of a drive exactly; None for built-in drives.

    A user's class, or a class of a distribution that does not declare it as a plug-in, is identified by its sources.

    Parameters
    ----------
    drive
        A drive of a network.

    Returns
    -------
    PlugIn or None
        Distribution, version and hash of the sources.
    """
    described = type(drive)
    if described.__module__.startswith(f"{__name__}."):
        return None
    if drive.name in drives and drives.get(drive.name) is described:
        return drives.plug_in(drive.name)
    return PlugIn("drive", drive.name, None, None, sha256_of(Path(inspect.getfile(described)), described))


__all__ = [
    "CurrentDrive",
    "Dc",
    "Drive",
    "EventDrive",
    "InhomogeneousPoisson",
    "Noise",
    "Poisson",
    "SpikeTrain",
    "StepCurrent",
    "drives",
    "plug_in_of",
]
