"""Connection rules with NEST's names; `Explicit` takes a list of edges, `EdgeFiles` reads edges from files."""

from simcore.connectivity.all_to_all import AllToAll
from simcore.connectivity.column import Column
from simcore.connectivity.explicit import Explicit
from simcore.connectivity.files import EdgeFiles
from simcore.connectivity.fixed_indegree import FixedIndegree
from simcore.connectivity.fixed_outdegree import FixedOutdegree
from simcore.connectivity.fixed_total_number import FixedTotalNumber
from simcore.connectivity.listed import ListedRule
from simcore.connectivity.one_to_one import OneToOne
from simcore.connectivity.pairwise_bernoulli import PairwiseBernoulli
from simcore.connectivity.rule import Rule, Wiring
from simcore.connectivity.silenced import Silenced
from simcore.connectivity.spatial import SpatialFixedIndegree, SpatialPairwiseBernoulli, SpatialRule
from simcore.connectivity.surrogate import SurrogateConnectome

__all__ = [
    "AllToAll",
    "Column",
    "EdgeFiles",
    "Explicit",
    "FixedIndegree",
    "FixedOutdegree",
    "FixedTotalNumber",
    "ListedRule",
    "OneToOne",
    "PairwiseBernoulli",
    "Rule",
    "Silenced",
    "SpatialFixedIndegree",
    "SpatialPairwiseBernoulli",
    "SpatialRule",
    "SurrogateConnectome",
    "Wiring",
]
