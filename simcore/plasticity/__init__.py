"""Plasticity rules, which change the weights of a projection during a simulation; each rule has a file."""

from simcore.plasticity.rule import Plasticity
from simcore.plasticity.stdp import Stdp
from simcore.plasticity.stdp_power_law import StdpPowerLaw
from simcore.plasticity.tsodyks2 import Tsodyks2

__all__ = ["Plasticity", "Stdp", "StdpPowerLaw", "Tsodyks2"]
