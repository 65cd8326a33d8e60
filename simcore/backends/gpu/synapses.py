"""Synapses of a network, drawn on the host by the threads of the cpu backend, for the device."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.backends.cpu.build import SynapseBuilder, accumulator_dtype
from simcore.backends.cpu.team import Team
from simcore.placement import MAX_PARTITION_NEURONS, Placement
from simcore.synapses.layout import JUST_IN_TIME, make_layout
from simcore.synapses.rows import Rows


@dataclass(frozen=True, eq=False)
class HostSynapses:
    """Synapses of all partitions one after the other, and where those of each begin.

    Parameters
    ----------
    words, index
        See `simcore.synapses.packer`.
    partitions
        int64 (partitions, 2): first word and first entry of the index.
    n_delays
        Groups of a row.
    accumulator
        Type of summed input.
    digest
        Of the synapses.
    """

    words: npt.NDArray[Any]
    index: npt.NDArray[np.uint32]
    partitions: npt.NDArray[np.int64]
    n_delays: int
    accumulator: type[np.signedinteger[Any]]
    digest: int


def partitions_of(n_neurons: int) -> int:
    """As few partitions as 16-bit targets allow: groups of synapses are as long as they can be."""
    return -(-n_neurons // MAX_PARTITION_NEURONS)


def draw_synapses(plan: Plan, rows: Rows) -> HostSynapses:
    """Draw and pack the synapses, a thread for each partition."""
    placement = Placement(plan.network.n_neurons, 1, partitions_of(plan.network.n_neurons))
    own = replace(plan, placement=placement)
    layout = make_layout(plan.network, plan.tables, rows, placement, JUST_IN_TIME)
    team = Team(placement.threads, plan.cpus)
    try:
        builders = team.run(lambda thread: SynapseBuilder(own, rows, layout, thread))
        in_degrees = team.run(lambda thread: builders[thread].count())
        parts = team.run(lambda thread: builders[thread].fill())
    finally:
        team.close()
    words = [part.words for part in parts]
    index = [part.index for part in parts]
    starts = [np.cumsum([0, *(len(piece) for piece in pieces)])[:-1] for pieces in (words, index)]
    return HostSynapses(
        np.concatenate(words),
        np.concatenate(index),
        np.stack(starts, axis=1).astype(np.int64),
        layout.n_delays,
        accumulator_dtype(own, max(in_degrees)),
        sum(part.digest for part in parts) % 2**128,
    )
