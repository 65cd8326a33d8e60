"""Measurements of ranks, and statistics over ranks and threads."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from simcore.comm.communicator import ExchangeCounts


@dataclass(frozen=True)
class Statistics:
    """Statistics over ranks or threads: smallest, mean and largest value, and the sum."""

    min: float
    mean: float
    max: float
    sum: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Statistics":
        """Compute the statistics of at least one value."""
        known = list(values)
        total = sum(known) if all(isinstance(value, int) for value in known) else math.fsum(known)
        return cls(min(known), total / len(known), max(known), total)


@dataclass(frozen=True)
class RankMeasurement:
    """Measurements of one rank.

    Parameters
    ----------
    host
        Name of its host.
    threads
        Number of threads that worked.
    wall_s
        Seconds by part of the run: construction, preparation, compile, warmup, propagation.
    phase_s
        Seconds of the measured window by phase, one entry for each thread.
    memory_bytes
        Bytes by part: peak_rss, synapses, index, state.
    exchange_s
        Seconds of the measured window in which the exchange between ranks was prepared or waited for.
    exchanged
        Counts of the exchange since network construction.
    waits
        Histogram of the waits of threads for each other in the measured window; see `simcore.simulator.Propagation`.
    pinned_cpus
        CPUs to which the threads are pinned, such as ``0-3,8``; None if they are not pinned.
    not_pinned_because
        Reason why they are not pinned, or None.
    memory_parts
        Expected and used bytes by part; see `Simulator.memory_parts`.
    global_exchanges
        Number of the exchanges in `exchanged` in which all ranks took part; the others are within a group of ranks.
    """

    host: str
    threads: int
    wall_s: dict[str, float]
    phase_s: dict[str, list[float]]
    memory_bytes: dict[str, int]
    exchange_s: float
    exchanged: ExchangeCounts
    waits: tuple[int, ...] = ()
    pinned_cpus: str | None = None
    not_pinned_because: str | None = "the backend does not report the CPUs of its threads"
    memory_parts: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    global_exchanges: int = 0


def phase_seconds(phase: str, ranks: list[RankMeasurement]) -> Statistics | None:
    """Statistics of the seconds of a phase over the threads of all ranks; None if it was not timed."""
    seconds = [value for rank in ranks for value in rank.phase_s.get(phase, [])]
    return Statistics.of(seconds) if seconds else None


def imbalance(seconds: Statistics | None) -> float | None:
    """Seconds of the slowest thread divided by the mean; None if unknown or 0."""
    return seconds.max / seconds.mean if seconds is not None and seconds.mean > 0.0 else None


def waits_of(ranks: list[RankMeasurement]) -> list[int] | None:
    """Waits of all ranks, up to the longest one; None without waits."""
    columns = zip_longest(*(rank.waits for rank in ranks), fillvalue=0)
    counts = [sum(column) for column in columns]
    while counts and counts[-1] == 0:
        counts.pop()
    return counts or None


def no_waits(ranks: list[RankMeasurement], timed: bool) -> str:
    """Reason why threads did not wait for each other."""
    if all(rank.threads == 1 for rank in ranks):
        return "a single thread does not wait"
    return "the backend does not report waits of threads" if timed else "no model time was timed"


def communication(ranks: list[RankMeasurement]) -> dict[str, Statistics]:
    """Time and counts of the exchanges between ranks."""
    counts = [rank.exchanged for rank in ranks]
    statistics = {"exchange_s": Statistics.of(rank.exchange_s for rank in ranks)}
    for name in ("exchanges", "bytes_sent", "bytes_received", "overflows"):
        statistics[name] = Statistics.of(getattr(count, name) for count in counts)
    statistics["global_exchanges"] = Statistics.of(rank.global_exchanges for rank in ranks)
    return statistics


def memory_parts(ranks: list[RankMeasurement]) -> dict[str, dict[str, Statistics]] | None:
    """Expected and used bytes of each part."""
    return {
        part: {
            "expected_bytes": Statistics.of(round(rank.memory_parts[part][0]) for rank in ranks),
            "used_bytes": Statistics.of(rank.memory_parts[part][1] for rank in ranks),
        }
        for part in ranks[0].memory_parts
    } or None


def pinned_cpus(ranks: list[RankMeasurement]) -> list[str | None] | None:
    """CPUs of the threads of each rank; None if no thread is pinned."""
    pinned = [rank.pinned_cpus for rank in ranks]
    return pinned if any(pinned) else None


def not_pinned(ranks: list[RankMeasurement]) -> dict[str, str]:
    """Reason why threads are not pinned, given for the first such rank."""
    why = [(number, rank.not_pinned_because) for number, rank in enumerate(ranks) if rank.pinned_cpus is None]
    if not why:
        return {}
    which = "" if len(ranks) == 1 else f"{len(why)} of {len(ranks)} ranks, rank {why[0][0]}: "
    return {"layout.pinned_cpus": f"{which}{why[0][1]}"}
