"""The description of a network: frozen data, without MPI, seed or backend.

>>> from simcore.network import FixedIndegree, Network, Poisson, Population, Projection
>>> Network(
...     populations=[Population("E", 80)],
...     projections=[Projection("E", "E", FixedIndegree(8), weight=20.0, delay_ms=1.5)],
...     drives=[Poisson("E", rate_hz=8000.0, weight=20.0, delay_ms=1.5)],
... ).n_neurons
80
"""

from simcore.connectivity import (
    AllToAll,
    Column,
    EdgeFiles,
    Explicit,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    OneToOne,
    PairwiseBernoulli,
    Silenced,
    SpatialFixedIndegree,
    SpatialPairwiseBernoulli,
    SurrogateConnectome,
)
from simcore.distributions import Exponential, Lognormal, Normal, Uniform
from simcore.drives import Dc, InhomogeneousPoisson, Noise, Poisson, SpikeTrain, StepCurrent
from simcore.errors import InputError, require
from simcore.network.description import Network
from simcore.network.population import Population
from simcore.network.projection import Projection
from simcore.network.recorders import SpikeRecorder, TraceRecorder
from simcore.plasticity import Stdp, StdpPowerLaw, Tsodyks2
from simcore.selection import Selection
from simcore.sources import BernoulliTrains, InhomogeneousPoissonTrains, PoissonTrains, SpikeTrains
from simcore.space import (
    CircularMask,
    DoughnutMask,
    EllipticalMask,
    ExponentialKernel,
    GammaKernel,
    Gaussian2DKernel,
    GaussianKernel,
    GivenPositions,
    GridPositions,
    LinearKernel,
    RandomPositions,
    RectangularMask,
)

__all__ = [
    "AllToAll",
    "BernoulliTrains",
    "CircularMask",
    "Column",
    "Dc",
    "DoughnutMask",
    "EdgeFiles",
    "EllipticalMask",
    "Explicit",
    "Exponential",
    "ExponentialKernel",
    "FixedIndegree",
    "FixedOutdegree",
    "FixedTotalNumber",
    "GammaKernel",
    "Gaussian2DKernel",
    "GaussianKernel",
    "GivenPositions",
    "GridPositions",
    "InhomogeneousPoisson",
    "InhomogeneousPoissonTrains",
    "InputError",
    "LinearKernel",
    "Lognormal",
    "Network",
    "Noise",
    "Normal",
    "OneToOne",
    "PairwiseBernoulli",
    "Poisson",
    "PoissonTrains",
    "Population",
    "Projection",
    "RandomPositions",
    "RectangularMask",
    "Selection",
    "Silenced",
    "SpatialFixedIndegree",
    "SpatialPairwiseBernoulli",
    "SpikeRecorder",
    "SpikeTrain",
    "SpikeTrains",
    "Stdp",
    "StdpPowerLaw",
    "StepCurrent",
    "SurrogateConnectome",
    "TraceRecorder",
    "Tsodyks2",
    "Uniform",
    "require",
]
