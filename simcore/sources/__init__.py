"""Sources of spikes for `Population(..., source=...)`, including spikes from files."""

from simcore.sources.files import spike_trains_from_neo, spike_trains_from_nest, spike_trains_from_sonata
from simcore.sources.rates import BernoulliTrains, InhomogeneousPoissonTrains, PoissonTrains
from simcore.sources.source import Source
from simcore.sources.trains import SpikeTrains

__all__ = [
    "BernoulliTrains",
    "InhomogeneousPoissonTrains",
    "PoissonTrains",
    "Source",
    "SpikeTrains",
    "spike_trains_from_neo",
    "spike_trains_from_nest",
    "spike_trains_from_sonata",
]
