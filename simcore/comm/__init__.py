"""Communicators, with which ranks exchange spikes and sums."""

from simcore.comm.communicator import Communicator, agreed
from simcore.comm.local import LocalCommunicator

__all__ = ["Communicator", "LocalCommunicator", "agreed"]
