"""Drives by NEST's device names, without their ``_generator``."""

from simcore.drives.dc.model import Dc
from simcore.drives.drive import CurrentDrive, Drive, EventDrive
from simcore.drives.inhomogeneous_poisson.model import InhomogeneousPoisson
from simcore.drives.noise.model import Noise
from simcore.drives.poisson.model import Poisson
from simcore.drives.spike_train.model import SpikeTrain
from simcore.drives.step_current.model import StepCurrent

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
]
