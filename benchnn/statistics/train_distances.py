"""Distances between two recordings of one network, neuron by neuron, with a confidence interval of their mean.

References
----------
van Rossum (2001), A novel spike distance, Neural Comput. 13:751.
Victor, Purpura (1996), Nature and precision of temporal coding in visual cortex, J. Neurophysiol. 76:1310.
Efron, Tibshirani (1993), An introduction to the bootstrap, Chapman & Hall: the percentile interval.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from benchnn.statistics.statistics import chosen_neurons
from simcore.errors import InputError, UnavailableError, integer, number, require
from simcore.recording.spikes import IntArray, Spikes, by_neuron
from simcore.values import LONGEST_MS

FloatArray = npt.NDArray[np.float64]
Train: TypeAlias = FloatArray
"""Spike times of a neuron, ascending, in ms."""

COINCIDENT, VAN_ROSSUM, VICTOR_PURPURA = "coincident_share", "van_rossum", "victor_purpura"
MEASURES = (COINCIDENT, VAN_ROSSUM, VICTOR_PURPURA)
LONGEST_WINDOW_MS = 10_000.0
"""Part of longer recordings for van Rossum and Victor-Purpura distances, whose cost grows faster, ms."""
MOST_PAIRS = 1 << 21
"""Maximum number of pairs of spikes of a neuron, one from each recording, for the Victor-Purpura distance."""
SHORTEST_TAU_MS = 1e-3
RESAMPLES = 1000
CONFIDENCE_PERCENT = 95.0

SILENT = "all neurons are silent in both recordings"
ONE_NEURON = "an interval requires two neurons"
TOO_MANY_SPIKES = f"more than {MOST_PAIRS:,} pairs of spikes of a neuron would be compared"


@dataclass(frozen=True)
class DistanceSettings:
    """Settings of the comparison of spike trains.

    Parameters
    ----------
    coincidence_steps
        Largest distance of coincident spikes in steps.
    van_rossum_tau_ms
        Time constant of the exponential filter of the van Rossum distance, ms.
    victor_purpura_cost_hz
        Cost of shifting a spike by 1 s in the Victor-Purpura distance, 1/s; deleting or inserting a spike costs 1.

    Raises
    ------
    InputError
        If a value is not allowed.
    """

    coincidence_steps: int = 10
    van_rossum_tau_ms: float = 10.0
    victor_purpura_cost_hz: float = 100.0

    def __post_init__(self) -> None:
        integer(self.coincidence_steps, "coincidence_steps", 0)
        tau, cost = self.van_rossum_tau_ms, self.victor_purpura_cost_hz
        allowed = f"must be in [{SHORTEST_TAU_MS:g}, {LONGEST_MS:g}] ms"
        require(SHORTEST_TAU_MS <= number(tau, "van_rossum_tau_ms") <= LONGEST_MS, "van_rossum_tau_ms", tau, allowed)
        # The inverse of a time in the same range.
        lowest, highest = 1e3 / LONGEST_MS, 1e3 / SHORTEST_TAU_MS
        allowed = f"must be in [{lowest:g}, {highest:g}] 1/s"
        require(lowest <= number(cost, "victor_purpura_cost_hz") <= highest, "victor_purpura_cost_hz", cost, allowed)


@dataclass(frozen=True)
class Estimate:
    """A mean over neurons, its 95 % interval (None for a single neuron), and the number of neurons."""

    mean: float
    interval: tuple[float, float] | None
    neurons: int


@dataclass(frozen=True)
class PopulationDistances:
    """Distances between the spike trains of a population in two recordings.

    Parameters
    ----------
    estimates
        Mean over neurons for each of `MEASURES`; None if unknown.
    reasons
        Reasons for measures that are None.
    """

    estimates: dict[str, Estimate | None]
    reasons: dict[str, str]


def window_ms(spikes: Spikes) -> float:
    """Return the length of the part of a recording for van Rossum and Victor-Purpura distances, ms."""
    return float(min((spikes.stop_step - spikes.start_step) * spikes.resolution_ms, LONGEST_WINDOW_MS))


def train_distances(
    candidate: Spikes, reference: Spikes, settings: DistanceSettings | None = None, seed: int = 0
) -> dict[str, PopulationDistances]:
    """Compare each neuron's spike trains in two recordings.

    Parameters
    ----------
    candidate, reference
        Two recordings of the same network and window.
    settings
        Window of coincidence, time constant and cost; the defaults of `DistanceSettings` if None.
    seed
        Seed of the choice of at most 250 neurons for van Rossum and Victor-Purpura distances.

    Returns
    -------
    dict
        Share of coincident spikes, van Rossum and Victor-Purpura distance by population. The last two are None, with
        the reason, if Elephant is not installed.

    Raises
    ------
    InputError
        If populations, recorded neurons, time step or window of the recordings differ.
    """
    for name in ("sizes", "resolution_ms", "start_step", "stop_step"):
        own, other = getattr(candidate, name), getattr(reference, name)
        require(own == other, f"{name} of the candidate", own, f"must be {other}, as in the reference")
    require_same_neurons(candidate, reference)
    candidate, reference = candidate.of_recorded(), reference.of_recorded()
    settings = settings or DistanceSettings()
    of_reference = {name: (stamps, ids) for name, stamps, ids in reference.by_population()}
    return {
        name: _of_population(candidate, name, (stamps, ids), of_reference[name], settings, seed)
        for name, stamps, ids in candidate.by_population()
    }


def require_same_neurons(candidate: Spikes, reference: Spikes) -> None:
    """Refuse recordings of different neurons of a network.

    Raises
    ------
    InputError
        If the recorded neurons differ.
    """
    for name, size in candidate.sizes.items():
        own, other = (np.arange(size) if one.recorded is None else one.recorded[name] for one in (candidate, reference))
        if not np.array_equal(own, other):
            raise InputError(
                f"candidate and reference must record the same neurons, but they recorded different neurons of {name} "
                f"({len(own):,} and {len(other):,})"
            )


def _of_population(
    spikes: Spikes, name: str, left: tuple[IntArray, IntArray], right: tuple[IntArray, IntArray],
    settings: DistanceSettings, seed: int,
) -> PopulationDistances:  # fmt: skip
    """Distances from the stamps and population-local ids of both recordings."""
    n = spikes.sizes[name]
    shares = estimate(coincident_shares(left, right, n, settings.coincidence_steps))
    found: dict[str, Estimate | None] = {COINCIDENT: shares, VAN_ROSSUM: None, VICTOR_PURPURA: None}
    reasons = {} if shares is not None else {COINCIDENT: SILENT}
    chosen, length = chosen_neurons(n, seed), window_ms(spikes)
    pairs = list(zip(*(_trains(spikes, side, n, chosen, length) for side in (left, right)), strict=True))
    try:
        van_rossum, victor_purpura = _elephant(settings)
    except UnavailableError as error:
        return PopulationDistances(found, reasons | dict.fromkeys((VAN_ROSSUM, VICTOR_PURPURA), str(error)))
    found[VAN_ROSSUM] = estimate(_distances(pairs, van_rossum))
    if max(len(a) * len(b) for a, b in pairs) > MOST_PAIRS:
        reasons[VICTOR_PURPURA] = TOO_MANY_SPIKES
    else:
        found[VICTOR_PURPURA] = estimate(_distances(pairs, victor_purpura))
    return PopulationDistances(found, reasons)


def coincident_shares(
    left: tuple[IntArray, IntArray], right: tuple[IntArray, IntArray], n: int, steps: int
) -> FloatArray:
    """Return the share of coincident spikes, 2 x matched / all spikes, of each neuron with spikes, in order of id.

    Parameters
    ----------
    left, right
        Stamps and ids of the spikes of each recording, stamps in ascending order.
    n
        Number of neurons.
    steps
        Largest distance of coincident spikes in steps.
    """
    spikes = np.bincount(left[1], minlength=n) + np.bincount(right[1], minlength=n)
    spiking = spikes > 0
    return np.asarray(2.0 * coincident_spikes(left, right, n, steps)[spiking] / spikes[spiking])


def coincident_spikes(
    left: tuple[IntArray, IntArray], right: tuple[IntArray, IntArray], n: int, steps: int
) -> IntArray:
    """Count the spikes of each of `n` neurons that match spikes at a distance of at most `steps` one to one.

    The parameters are the same as of `coincident_shares`. Matching the two earliest coincident spikes in each case
    gives the largest number.
    """
    stamps, ids = (np.concatenate(both) for both in zip(left, right, strict=True))
    # The two recordings are merged by time; then ids, which are small integers, are sorted by radix.
    order = np.argsort(stamps, kind="stable")
    order = order[np.argsort(ids[order].astype(np.min_scalar_type(n)), kind="stable")]
    stamps, ids, of_left = stamps[order], ids[order], order < len(left[0])
    # Spikes are not matched across a pause of more than `steps`: groups of spikes between pauses are independent.
    apart = (ids[1:] != ids[:-1]) | (stamps[1:] - stamps[:-1] > steps)
    edges = np.flatnonzero(np.concatenate([[True], apart, [True]])) if len(ids) else np.zeros(1, dtype=np.int64)
    left_edges = np.concatenate([[0], np.cumsum(of_left)])[edges]
    matched = _matched(stamps[of_left], stamps[~of_left], left_edges, edges - left_edges, steps)
    return np.bincount(ids[edges[:-1]], matched, minlength=n).astype(np.int64)


def _matched(left: IntArray, right: IntArray, left_edges: IntArray, right_edges: IntArray, steps: int) -> IntArray:
    """Matched spikes of each group, by two pointers that advance in all groups at the same time."""
    found = np.zeros(len(left_edges) - 1, dtype=np.int64)
    group = np.arange(len(found))
    i, i_end, j, j_end = left_edges[:-1], left_edges[1:], right_edges[:-1], right_edges[1:]
    while len(group):
        within = (i < i_end) & (j < j_end)
        group, i, i_end, j, j_end = (values[within] for values in (group, i, i_end, j, j_end))
        ahead = left[i] - right[j]
        together = np.abs(ahead) <= steps
        found[group[together]] += 1
        i, j = i + (together | (ahead < 0)), j + (together | (ahead > 0))
    return found


def _trains(spikes: Spikes, side: tuple[IntArray, IntArray], n: int, chosen: IntArray, length_ms: float) -> list[Train]:
    """The spike times, from the start of the recording, of each chosen neuron."""
    place = np.full(n, -1)
    place[chosen] = np.arange(len(chosen))
    stamps, ids = side
    times: FloatArray = (stamps - spikes.start_step) * np.float64(spikes.resolution_ms)
    mine = (place[ids] >= 0) & (times <= length_ms)
    return list(by_neuron(times[mine], place[ids[mine]], len(chosen)))


def _elephant(settings: DistanceSettings) -> tuple[Callable[[Train, Train], float], Callable[[Train, Train], float]]:
    """Elephant's van Rossum and Victor-Purpura distances of two trains."""
    try:
        from elephant.spike_train_dissimilarity import van_rossum_distance, victor_purpura_distance
        from quantities import Hz, ms
    except ImportError as error:
        why = f"van Rossum and Victor-Purpura distances require elephant ({error})"
        raise UnavailableError(f"{why}: pip install 'benchnn[elephant]'") from error

    def of_two(measure: Any, scale: Any) -> Callable[[Train, Train], float]:
        return lambda left, right: float(measure([left * ms, right * ms], scale, sort=False)[0, 1])

    tau, cost = settings.van_rossum_tau_ms * ms, settings.victor_purpura_cost_hz * Hz
    return of_two(van_rossum_distance, tau), of_two(victor_purpura_distance, cost)


def _distances(pairs: list[tuple[Train, Train]], measure: Callable[[Train, Train], float]) -> FloatArray:
    """Distance of each pair of trains; equal trains, which are frequent, are skipped."""
    return np.array([0.0 if np.array_equal(left, right) else measure(left, right) for left, right in pairs])


def estimate(values: FloatArray, seed: int = 0) -> Estimate | None:
    """Return the mean of the values of neurons with its 95 % percentile bootstrap interval; None without neurons.

    Parameters
    ----------
    values
        One value for each neuron.
    seed
        Seed of the 1000 resamples, so that the same values have the same interval.
    """
    if len(values) == 0:
        return None
    mean = float(values.mean())
    if len(values) == 1:
        return Estimate(mean, None, 1)
    generator = np.random.default_rng(seed)
    # Only the values of the drawn neurons matter, and there are few distinct values.
    different, counts = np.unique(values, return_counts=True)
    shares = counts / len(values)
    means = [generator.multinomial(len(values), shares) @ different / len(values) for _ in range(RESAMPLES)]
    tail = (100.0 - CONFIDENCE_PERCENT) / 2.0
    low, high = np.percentile(means, [tail, 100.0 - tail])
    return Estimate(mean, (float(low), float(high)), len(values))
