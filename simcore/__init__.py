"""Simulator for large spiking neural networks: one seed gives the same spikes on any number of threads and ranks.

The package provides everything to describe, run and read a network, imported on use: populations, projections with
rules and distributions, drives and recorders form a `Network`, and a `Simulator` constructs and runs it.

>>> import simcore
>>> neurons = simcore.Population("E", 80)
>>> simcore.Network([neurons], drives=[simcore.Poisson("E", rate_hz=8000.0, weight=20.0)]).n_neurons
80
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simcore.checkpoint import read_checkpoint, write_checkpoint
    from simcore.comm import LocalCommunicator
    from simcore.comm.mpi import MpiCommunicator
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
    from simcore.errors import BenchnnError, InputError, KeywordError, ResourceError, UnavailableError, WriteError
    from simcore.network import Network, Population, Projection, SpikeRecorder, TraceRecorder
    from simcore.plasticity import Stdp, StdpPowerLaw, Tsodyks2
    from simcore.recording.recorded_traces import Traces
    from simcore.recording.sonata import read_spikes, write_spikes
    from simcore.recording.spikes import Spikes
    from simcore.recording.trace_files import read_traces, write_traces
    from simcore.selection import Selection
    from simcore.simulator import Propagation, Simulator
    from simcore.sources import (
        BernoulliTrains,
        InhomogeneousPoissonTrains,
        PoissonTrains,
        SpikeTrains,
        spike_trains_from_neo,
        spike_trains_from_nest,
        spike_trains_from_sonata,
    )
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
    from simcore.synapses.edge_files import read_projections, write_edges
    from simcore.synapses.edges import Edges
    from simcore.transforms.perturb import perturb
    from simcore.transforms.prune import prune

_MODULES = {
    "checkpoint": ("read_checkpoint", "write_checkpoint"),
    "comm": ("LocalCommunicator",),
    "comm.mpi": ("MpiCommunicator",),
    "connectivity": (
        *(
            "AllToAll",
            "Column",
            "EdgeFiles",
            "Explicit",
            "FixedIndegree",
            "FixedOutdegree",
            "FixedTotalNumber",
            "OneToOne",
        ),
        *("PairwiseBernoulli", "Silenced", "SurrogateConnectome"),
        *("SpatialFixedIndegree", "SpatialPairwiseBernoulli"),
    ),
    "distributions": ("Exponential", "Lognormal", "Normal", "Uniform"),
    "drives": ("Dc", "InhomogeneousPoisson", "Noise", "Poisson", "SpikeTrain", "StepCurrent"),
    "errors": ("BenchnnError", "InputError", "KeywordError", "ResourceError", "UnavailableError", "WriteError"),
    "network": ("Network", "Population", "Projection", "SpikeRecorder", "TraceRecorder"),
    "plasticity": ("Stdp", "StdpPowerLaw", "Tsodyks2"),
    "recording.sonata": ("read_spikes", "write_spikes"),
    "recording.spikes": ("Spikes",),
    "recording.trace_files": ("read_traces", "write_traces"),
    "recording.recorded_traces": ("Traces",),
    "selection": ("Selection",),
    "simulator": ("Propagation", "Simulator"),
    "sources": (
        *("BernoulliTrains", "InhomogeneousPoissonTrains", "PoissonTrains", "SpikeTrains"),
        *("spike_trains_from_neo", "spike_trains_from_nest", "spike_trains_from_sonata"),
    ),
    "space": (
        *("CircularMask", "DoughnutMask", "EllipticalMask", "RectangularMask"),
        *("ExponentialKernel", "GammaKernel", "Gaussian2DKernel", "GaussianKernel", "LinearKernel"),
        *("GivenPositions", "GridPositions", "RandomPositions"),
    ),
    "synapses.edge_files": ("read_projections", "write_edges"),
    "synapses.edges": ("Edges",),
    "transforms.perturb": ("perturb",),
    "transforms.prune": ("prune",),
}
"""Module -> names that are imported from it on use. The block above is for type checkers; a test compares them."""
_LOCATIONS = {name: f"simcore.{module}" for module, names in _MODULES.items() for name in names}

__all__ = [
    "AllToAll",
    "BenchnnError",
    "BernoulliTrains",
    "CircularMask",
    "Column",
    "Dc",
    "DoughnutMask",
    "EdgeFiles",
    "Edges",
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
    "KeywordError",
    "LinearKernel",
    "LocalCommunicator",
    "Lognormal",
    "MpiCommunicator",
    "Network",
    "Noise",
    "Normal",
    "OneToOne",
    "PairwiseBernoulli",
    "Poisson",
    "PoissonTrains",
    "Population",
    "Projection",
    "Propagation",
    "RandomPositions",
    "RectangularMask",
    "ResourceError",
    "Selection",
    "Silenced",
    "Simulator",
    "SpatialFixedIndegree",
    "SpatialPairwiseBernoulli",
    "SpikeRecorder",
    "SpikeTrain",
    "SpikeTrains",
    "Spikes",
    "Stdp",
    "StdpPowerLaw",
    "StepCurrent",
    "SurrogateConnectome",
    "TraceRecorder",
    "Traces",
    "Tsodyks2",
    "UnavailableError",
    "Uniform",
    "WriteError",
    "perturb",
    "prune",
    "read_checkpoint",
    "read_projections",
    "read_spikes",
    "read_traces",
    "spike_trains_from_neo",
    "spike_trains_from_nest",
    "spike_trains_from_sonata",
    "write_checkpoint",
    "write_edges",
    "write_spikes",
    "write_traces",
]


def __getattr__(name: str) -> Any:
    """Import on use, because thousands of ranks start this program, and every opened file costs time."""
    if name not in _LOCATIONS:
        raise AttributeError(f"module 'simcore' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_LOCATIONS[name]), name)


def __dir__() -> list[str]:
    """Return the names that a shell or a notebook completes."""
    return sorted({*globals(), *__all__})
