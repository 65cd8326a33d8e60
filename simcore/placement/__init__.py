"""Placement: which rank and thread owns which neuron, what each rank is expected to do, and what ranks send."""

from simcore.placement.owners import AREAS, BY_POPULATION, PLACEMENTS, ROUND_ROBIN, Placement, RankGroup, RankRanges

__all__ = ["AREAS", "BY_POPULATION", "PLACEMENTS", "ROUND_ROBIN", "Placement", "RankGroup", "RankRanges"]
