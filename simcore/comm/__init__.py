"""Communicators: how ranks exchange spikes and sums."""

from simcore.comm.agreeing import agreed
from simcore.comm.communicator import Communicator
from simcore.comm.local import LocalCommunicator

__all__ = ["Communicator", "LocalCommunicator", "agreed"]
