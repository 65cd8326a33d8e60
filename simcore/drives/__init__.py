"""Drives by NEST's device names, without their ``_generator``."""

from simcore.drives.dc.model import Dc
from simcore.drives.drive import Drive, EventDrive
from simcore.drives.poisson.model import Poisson
from simcore.drives.spike_train.model import SpikeTrain

__all__ = ["Dc", "Drive", "EventDrive", "Poisson", "SpikeTrain"]
