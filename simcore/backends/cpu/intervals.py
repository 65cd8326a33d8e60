"""Steps between two exchanges of spikes, within groups of ranks and between them."""

from dataclasses import dataclass

from simcore.backends.backend import Plan
from simcore.display.words import counted
from simcore.synapses.plastic import plastic_projections, plastic_timing

MAX_INTERVAL = 64
MAX_INTERVAL_WORDS = 1 << 22
"""Bounds of the steps between exchanges; the buffers have room for all neurons to fire in each step."""


@dataclass(frozen=True)
class Intervals:
    """Steps between exchanges of spikes; the same on every rank.

    Parameters
    ----------
    within
        Between exchanges of threads, and of the ranks of a group.
    between
        Between exchanges of different groups of ranks, a multiple of `within`; the same if all ranks exchange at once.
    reason
        Why they were chosen, in words.
    """

    within: int
    between: int
    reason: str

    @property
    def differ(self) -> bool:
        """Whether there are two exchanges, one within groups and one between them."""
        return self.between > self.within


def exchange_intervals(plan: Plan) -> Intervals:
    """One interval, the smallest delay or fewer steps; or two, if delays between groups of ranks allow it."""
    placement, tables = plan.placement, plan.tables
    own = placement.threads * placement.partitions_per_thread * placement.largest_partition
    most = max(1, min(MAX_INTERVAL, MAX_INTERVAL_WORDS // own))
    plastic = plastic_projections(tables)
    timing = (plastic_timing(tables, index).most_interval for index in plastic)
    one = max(1, min(tables.min_delay, most, *timing))
    if len(placement.groups) == 1:
        return Intervals(one, one, "all ranks form one group")
    if plastic:
        return Intervals(one, one, "plastic projections need one interval for all ranks")
    within, between = smallest_delays(plan)
    short = min(most if within is None else within, most)
    long = min(most if between is None else between, most) // short * short
    rest = ", and no projections connect the groups" if between is None else f" and {_steps(between)} between them"
    delays = f"the smallest delay is {_steps(within)} within groups of ranks{rest}"
    if long < 2 * short:
        need = f"two intervals need a ratio of at least 2 within {counted(most, 'step')}"
        return Intervals(one, one, f"{delays}; {need}")
    return Intervals(short, long, delays)


def smallest_delays(plan: Plan) -> tuple[int | None, int | None]:
    """Smallest possible delay within groups of ranks and between them, in steps; None without such projections."""
    network, placement = plan.network, plan.placement
    group = {name: placement.group_of(placement.ranks_of(first).start) for name, first in network.first_ids.items()}
    smallest: dict[bool, int] = {}
    for projection, delays in zip(network.projections, plan.tables.delays, strict=True):
        if delays.ends is not None:
            inside = group[projection.source] == group[projection.target]
            smallest[inside] = min(smallest.get(inside, delays.ends[0]), delays.ends[0])
    return smallest.get(True), smallest.get(False)


def _steps(delay: int | None) -> str:
    return "none" if delay is None else counted(delay, "step")
