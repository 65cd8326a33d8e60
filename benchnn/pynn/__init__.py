"""The simulator as a backend of PyNN 0.13: use ``import benchnn.pynn as sim`` in a PyNN script.

PyNN is a separate project under the CeCILL 2.1 licence. This package imports and extends its public classes; it does
not contain PyNN's code. No other package of `benchnn` imports this one.
"""

from simcore.errors import UnavailableError

try:
    import pyNN
except ImportError as error:
    raise UnavailableError(f"benchnn.pynn requires PyNN ({error}): pip install 'benchnn[pynn]'") from error

from pyNN import common, errors, random, space
from pyNN.connectors import (
    AllToAllConnector,
    ArrayConnector,
    CloneConnector,
    CSAConnector,
    DisplacementDependentProbabilityConnector,
    DistanceDependentProbabilityConnector,
    FixedNumberPostConnector,
    FixedNumberPreConnector,
    FixedProbabilityConnector,
    FixedTotalNumberConnector,
    FromFileConnector,
    FromListConnector,
    IndexBasedProbabilityConnector,
    OneToOneConnector,
    SmallWorldConnector,
)
from pyNN.network import Network
from pyNN.random import GSLRNG, NumpyRNG, RandomDistribution
from pyNN.recording import get_io
from pyNN.space import Space

from benchnn.pynn import simulator
from benchnn.pynn.cells import CELLS as _CELLS
from benchnn.pynn.cells import (
    EIF_cond_exp_isfa_ista,
    IF_cond_exp,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
    Izhikevich,
    SpikeSourceArray,
    SpikeSourcePoisson,
)
from benchnn.pynn.control import (
    end,
    get_current_time,
    get_max_delay,
    get_min_delay,
    get_time_step,
    initialize,
    num_processes,
    rank,
    reset,
    run,
    run_for,
    run_until,
    setup,
)
from benchnn.pynn.electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from benchnn.pynn.native import native_cell_type
from benchnn.pynn.populations import Assembly, Population, PopulationView
from benchnn.pynn.projections import Connection, Projection
from benchnn.pynn.synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    SpikePairRule,
    StaticSynapse,
    STDPMechanism,
    TsodyksMarkramSynapse,
)
from benchnn.pynn.unavailable import CLASSES as _UNAVAILABLE

create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
record = common.build_record(simulator)
set = common.set  # PyNN's name


def record_v(source: object, filename: str) -> None:
    """Record membrane potentials, which `end` writes to a file."""
    record(["v"], source, filename)


def record_gsyn(source: object, filename: str) -> None:
    """Record synaptic conductances, which `end` writes to a file."""
    record(["gsyn_exc", "gsyn_inh"], source, filename)


def list_standard_models() -> list[str]:
    """Return the names of the available cell types."""
    return [cell.__name__ for cell in _CELLS]


def __getattr__(name: str) -> object:
    """PyNN's types that are not available; creating one raises an error with the reason."""
    if name in _UNAVAILABLE:
        return _UNAVAILABLE[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "GSLRNG",
    "ACSource",
    "AdditivePotentiationMultiplicativeDepression",
    "AdditiveWeightDependence",
    "AllToAllConnector",
    "ArrayConnector",
    "Assembly",
    "CSAConnector",
    "CloneConnector",
    "Connection",
    "DCSource",
    "DisplacementDependentProbabilityConnector",
    "DistanceDependentProbabilityConnector",
    "EIF_cond_exp_isfa_ista",
    "FixedNumberPostConnector",
    "FixedNumberPreConnector",
    "FixedProbabilityConnector",
    "FixedTotalNumberConnector",
    "FromFileConnector",
    "FromListConnector",
    "GutigWeightDependence",
    "IF_cond_exp",
    "IF_curr_alpha",
    "IF_curr_delta",
    "IF_curr_exp",
    "IndexBasedProbabilityConnector",
    "Izhikevich",
    "MultiplicativeWeightDependence",
    "Network",
    "NoisyCurrentSource",
    "NumpyRNG",
    "OneToOneConnector",
    "Population",
    "PopulationView",
    "Projection",
    "RandomDistribution",
    "STDPMechanism",
    "SmallWorldConnector",
    "Space",
    "SpikePairRule",
    "SpikeSourceArray",
    "SpikeSourcePoisson",
    "StaticSynapse",
    "StepCurrentSource",
    "TsodyksMarkramSynapse",
    "connect",
    "create",
    "end",
    "errors",
    "get_current_time",
    "get_io",
    "get_max_delay",
    "get_min_delay",
    "get_time_step",
    "initialize",
    "list_standard_models",
    "native_cell_type",
    "num_processes",
    "pyNN",
    "random",
    "rank",
    "record",
    "record_gsyn",
    "record_v",
    "reset",
    "run",
    "run_for",
    "run_until",
    "set",
    "setup",
    "space",
]
