"""Connection rules that use the positions of neurons."""

from simcore.connectivity.spatial.fixed_indegree import SpatialFixedIndegree
from simcore.connectivity.spatial.pairwise_bernoulli import SpatialPairwiseBernoulli
from simcore.connectivity.spatial.rule import SpatialRule

__all__ = ["SpatialFixedIndegree", "SpatialPairwiseBernoulli", "SpatialRule"]
