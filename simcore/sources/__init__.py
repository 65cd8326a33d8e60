"""Populations whose spikes are given: what `Population(..., source=...)` takes."""

from simcore.sources.rates import BernoulliTrains, InhomogeneousPoissonTrains, PoissonTrains
from simcore.sources.source import Source
from simcore.sources.trains import SpikeTrains

__all__ = ["BernoulliTrains", "InhomogeneousPoissonTrains", "PoissonTrains", "Source", "SpikeTrains"]
