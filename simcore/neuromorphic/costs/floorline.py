"""The part that bounds the steps of a chip (memory, computation, traffic or the barrier), and the floor of their times.

The floorline model (Yik et al. 2025, arXiv:2511.21549v1) takes the longest average duration among the metrics of the
cores as the bottleneck, and considers the largest core, not the sum over the chip. The equations of the paper were not
available: the shape of the floor is our reconstruction.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

STATES = ("memory", "compute", "traffic", "barrier")
"""The parts of a step, one of which is the longest."""
UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Profile:
    """The load of a chip during a run, step by step and in total.

    Parameters
    ----------
    memory_s, compute_s, traffic_s, barrier_s, total_s
        Duration of the parts of each step and of the whole step, s, float64 (steps); None if it is not known.
    synops_max, synops
        Synaptic events of each step in the core with most of them, and in all cores, int64 (steps).
    link_messages_max
        Messages of each step on the busiest link, int64 (steps).
    core_synops, core_messages_in, core_messages_out, core_neurons
        Sums over the run, and the number of neurons, int64 (cores).
    link_messages, link_origin, link_target
        Sums over the run, and the routers that each link connects, int64 (links).
    barrier_overlaps
        Whether the barrier overlaps with the other parts, so that only the longest part counts.
    """

    memory_s: FloatArray | None
    compute_s: FloatArray | None
    traffic_s: FloatArray | None
    barrier_s: FloatArray | None
    total_s: FloatArray | None
    synops_max: IntArray
    synops: IntArray
    link_messages_max: IntArray
    core_synops: IntArray
    core_messages_in: IntArray
    core_messages_out: IntArray
    core_neurons: IntArray
    link_messages: IntArray
    link_origin: IntArray
    link_target: IntArray
    barrier_overlaps: bool = False

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.synops_max)

    @property
    def timed(self) -> bool:
        """Whether the time of at least one step is known and above 0."""
        return self.total_s is not None and bool((self.total_s > 0.0).any())

    @property
    def durations(self) -> dict[str, FloatArray]:
        """The known parts of the steps, by state."""
        parts = zip(STATES, (self.memory_s, self.compute_s, self.traffic_s, self.barrier_s), strict=True)
        return {state: duration for state, duration in parts if duration is not None}


def longer(*parts: FloatArray | None) -> FloatArray | None:
    """The longest of the known parts of each step; None if no part is known."""
    known = [part for part in parts if part is not None]
    return np.asarray(np.max(known, axis=0)) if known else None


@dataclass(frozen=True)
class Floor:
    """The shortest time of a step, s, over the synaptic events of its largest core: a flat part, and a slope.

    Parameters
    ----------
    compute_s
        Flat part: the shortest computation of a step; None if it is not known.
    synop_s
        Slope: the shortest memory time per synaptic event; None if it is not known.
    """

    compute_s: float | None
    synop_s: float | None

    @property
    def ridge(self) -> float | None:
        """Number of synaptic events at which the slope reaches the flat part; None if one of the two is not known."""
        return self.compute_s / self.synop_s if self.compute_s is not None and self.synop_s else None

    def at(self, synops: npt.ArrayLike) -> FloatArray:
        """The floor for steps whose largest core has `synops` synaptic events."""
        slope = np.asarray(synops, dtype=np.float64) * (self.synop_s or 0.0)
        return np.maximum(slope, self.compute_s or 0.0)


def step_states(profile: Profile) -> npt.NDArray[np.int8]:
    """State of each step, its longest part, as an index into `STATES`; -1 if nothing can be compared.

    Steps have no state if fewer than two parts are known, or if all known parts take no time.
    """
    durations = profile.durations
    if len(durations) < 2:
        return np.full(profile.steps, -1, dtype=np.int8)
    known = np.stack(list(durations.values()))
    places = np.array([STATES.index(state) for state in durations], dtype=np.int8)
    return np.where(known.max(axis=0) > 0.0, places[known.argmax(axis=0)], np.int8(-1)).astype(np.int8)


def step_counts_by_state(profile: Profile) -> dict[str, int]:
    """Number of steps in each state."""
    counts = np.bincount(step_states(profile) + 1, minlength=len(STATES) + 1).tolist()
    return dict(zip((*STATES, UNKNOWN), [*counts[1:], counts[0]], strict=True))


def run_state(profile: Profile) -> str:
    """State of the run: the part that is longest on average; `UNKNOWN` with fewer than two known parts."""
    means = mean_durations(profile)
    if len(means) < 2 or max(means.values()) == 0.0:
        return UNKNOWN
    return max(means, key=lambda state: means[state])


def mean_durations(profile: Profile) -> dict[str, float]:
    """Mean over the steps of each part that is known, s."""
    return {state: float(duration.mean()) for state, duration in profile.durations.items() if len(duration)}


def floor_of(profile: Profile) -> Floor | None:
    """The floor of a run; None if neither memory nor computation is known, or if the run has no steps.

    The flat part is the shortest computation of any step, and the slope is the shortest memory time per synaptic event
    of the largest core of any step. No step is below the floor.
    """
    compute_s = None
    if profile.compute_s is not None and profile.steps:
        compute_s = float(profile.compute_s.min())
    synop_s = None
    busy = profile.synops_max > 0
    if profile.memory_s is not None and busy.any():
        synop_s = float((profile.memory_s[busy] / profile.synops_max[busy]).min())
    return None if compute_s is None and synop_s is None else Floor(compute_s, synop_s)


def times_over_floor(profile: Profile) -> FloatArray | None:
    """Time of each step divided by its floor, at least 1 except for rounding; None if either is not known."""
    floor = floor_of(profile)
    if floor is None or profile.total_s is None:
        return None
    under = floor.at(profile.synops_max)
    return profile.total_s[under > 0.0] / under[under > 0.0]


def imbalance(profile: Profile) -> dict[str, float | None]:
    """Largest core divided by the mean of all cores, 1 if all are equal; None if the sum is 0.

    ``synops``, ``messages_in``, ``messages_out`` and ``neurons`` compare sums over the run, which another mapping could
    change. ``synops_in_step`` compares the largest core of each step, and therefore includes chance in single steps.
    """
    by_core: Mapping[str, IntArray] = {
        "synops": profile.core_synops,
        "messages_in": profile.core_messages_in,
        "messages_out": profile.core_messages_out,
        "neurons": profile.core_neurons,
    }
    largest = {name: _over_mean(values) for name, values in by_core.items()}
    total = int(profile.synops.sum())
    in_step = int(profile.synops_max.sum()) * len(profile.core_synops) / total if total else None
    return {**largest, "synops_in_step": in_step}


def _over_mean(values: IntArray) -> float | None:
    total = int(values.sum())
    return int(values.max()) * len(values) / total if total else None
