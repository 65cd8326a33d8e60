"""Measurements of the rank that a dry run plays, and the prediction for all ranks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchnn.interconnects.exchange_time import CommunicationModel
from simcore.comm.communicator import COLLECTIVE, FIRST_CAPACITY

WORD_BYTES = 4
MPI_BYTES = 18_000_000
"""Resident memory of the MPI library and mpi4py in a rank, measured with MPICH 5; a dry run does not load them."""


@dataclass(frozen=True)
class BetweenGroups:
    """Measurements of the exchange between groups of ranks, if it is separate.

    `group_ranks` are the ranks of the group of the rank that is played; the others are as in `Measured`.
    """

    group_ranks: int
    interval_steps: int
    unpack_s_per_exchange: float
    received_words_per_exchange: float
    largest_sent_words: int
    destinations: int
    origins: int


@dataclass(frozen=True)
class Measured:
    """Measurements of the played rank.

    `deliver_s_per_step` and `update_s_per_step` are times of its busiest thread. `work_s_per_step` is the wall time of
    a step without the exchange; it includes the time that threads wait for each other. `unpack_s_per_exchange` is the
    time to merge the blocks of all other ranks. If groups of ranks exchange spikes less often, `interval_steps`,
    `destinations`, `origins` and the values per exchange are for the exchange within the rank's group.
    """

    threads: int
    steps: int
    wall_s: float
    work_s_per_step: float
    deliver_s_per_step: float
    update_s_per_step: float
    unpack_s_per_exchange: float
    construction_s: float
    routing_s: float
    compile_s: float
    memory_bytes: Mapping[str, int]
    synapses: int
    neurons: int
    delivery: str
    interval_steps: int
    spikes: int
    synaptic_events: int
    received_words_per_exchange: float
    largest_sent_words: int
    destinations: int
    origins: int
    between_groups: BetweenGroups | None = None

    @classmethod
    def of_record(cls, values: Mapping[str, Any]) -> "Measured":
        """The measurements in a record."""
        between = values.get("between_groups")
        return cls(**{**values, "between_groups": None if between is None else BetweenGroups(**between)})

    def exchanges(self, ranks: int) -> list[tuple[int, "Measured | BetweenGroups"]]:
        """Return the number of ranks and the measurements of each exchange of this rank; `ranks` is the total."""
        if self.between_groups is None:
            return [(ranks, self)]
        group = self.between_groups.group_ranks
        return [*([(group, self)] if group > 1 else []), (ranks, self.between_groups)]

    def exchanges_per_step(self, ranks: int) -> float:
        """Number of exchanges of both kinds in a step."""
        return sum(1.0 / one.interval_steps for _, one in self.exchanges(ranks))


def block_words(interval_steps: int, largest_sent_words: int) -> int:
    """Words of a block: the ends of the steps, and twice the largest number of words sent so far."""
    return interval_steps + max(FIRST_CAPACITY, 2 * largest_sent_words)


def prediction(
    resolution_ms: float, ranks: int, exchange: str, model: CommunicationModel | None, measured: Measured
) -> dict[str, Any]:
    """Predict real-time factor and memory of all ranks, assuming that each needs as much as the played rank.

    `real_time_factor` adds the exchange to the work of a step; `real_time_factor_hidden` assumes that the exchange
    overlaps with the delivery as far as possible. Both include the unpacking of the blocks of the other ranks. The
    memory of these blocks (with the directed exchange, of the blocks for each destination) and of the MPI library is
    added to the memory of the rank. If groups of ranks exchange spikes less often, `exchange_us` and
    `bytes_sent_per_exchange` are means over the exchanges of both kinds.
    """
    per_step, unpack, sent, block_memory = 0.0, 0.0, 0.0, 0
    for partners, one in measured.exchanges(ranks):
        block_bytes = WORD_BYTES * block_words(one.interval_steps, one.largest_sent_words)
        seconds = 0.0 if model is None else model.exchange_s(exchange, partners, one.destinations, block_bytes)
        per_step += seconds / one.interval_steps
        unpack += one.unpack_s_per_exchange / one.interval_steps
        sent_blocks = min(1, partners - 1) if exchange == COLLECTIVE else one.destinations
        sent += sent_blocks * block_bytes / one.interval_steps
        block_memory += block_bytes * (partners - 1 if exchange == COLLECTIVE else one.origins + one.destinations)
    number = measured.exchanges_per_step(ranks)
    work = measured.work_s_per_step + unpack
    exposed = max(0.0, per_step - measured.deliver_s_per_step)
    step_s = resolution_ms * 1e-3
    time_s = measured.steps * step_s
    memory = measured.memory_bytes["peak_rss"] + block_memory + (MPI_BYTES if ranks > 1 else 0)
    return {
        "exchange_us": per_step / number * 1e6,
        "exchange_share": per_step / (work + per_step),
        "real_time_factor": (work + per_step) / step_s,
        "real_time_factor_hidden": (work + exposed) / step_s,
        "memory_per_rank_bytes": memory,
        "memory_bytes": memory * ranks,
        "bytes_sent_per_exchange": round(sent / number),
        "spikes_per_model_s": measured.spikes * ranks / time_s,
        "events_per_model_s": measured.synaptic_events * ranks / time_s,
    }
