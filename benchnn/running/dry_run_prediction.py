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
class Measured:
    """Measurements of the played rank.

    `deliver_s_per_step` and `update_s_per_step` are times of its busiest thread. `work_s_per_step` is the wall time of
    a step without the exchange; it includes the time that threads wait for each other. `unpack_s_per_exchange` is the
    time to merge the blocks of all other ranks.
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
    added to the memory of the rank.
    """
    block_bytes = WORD_BYTES * block_words(measured.interval_steps, measured.largest_sent_words)
    sent = min(1, ranks - 1) if exchange == COLLECTIVE else measured.destinations
    blocks = ranks - 1 if exchange == COLLECTIVE else measured.origins + measured.destinations
    exchange_s = 0.0 if model is None else model.exchange_s(exchange, ranks, measured.destinations, block_bytes)
    per_step, unpack = (seconds / measured.interval_steps for seconds in (exchange_s, measured.unpack_s_per_exchange))
    work = measured.work_s_per_step + unpack
    exposed = max(0.0, per_step - measured.deliver_s_per_step)
    step_s = resolution_ms * 1e-3
    time_s = measured.steps * step_s
    memory = measured.memory_bytes["peak_rss"] + blocks * block_bytes + (MPI_BYTES if ranks > 1 else 0)
    return {
        "exchange_us": exchange_s * 1e6,
        "exchange_share": per_step / (work + per_step),
        "real_time_factor": (work + per_step) / step_s,
        "real_time_factor_hidden": (work + exposed) / step_s,
        "memory_per_rank_bytes": memory,
        "memory_bytes": memory * ranks,
        "bytes_sent_per_exchange": sent * block_bytes,
        "spikes_per_model_s": measured.spikes * ranks / time_s,
        "events_per_model_s": measured.synaptic_events * ranks / time_s,
    }
