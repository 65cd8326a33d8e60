"""Placement of neurons on ranks and threads, and expected load and traffic of ranks."""

from simcore.placement.owners import AREAS, BY_POPULATION, PLACEMENTS, ROUND_ROBIN, Placement
from simcore.placement.ranges import RankGroup, RankRanges

__all__ = ["AREAS", "BY_POPULATION", "PLACEMENTS", "ROUND_ROBIN", "Placement", "RankGroup", "RankRanges"]
