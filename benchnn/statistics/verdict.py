"""A verdict on whether a candidate differs from a reference: one test over all statistics with a given error level.

The seeds are the sample. If candidate and reference are the same network, the labels of the recordings do not matter:
the observed division into two groups is one of many equally likely divisions. Each statistic is standardised by its
mean and standard deviation over the divisions, and its adjusted p value is the share of divisions in which the
*largest* of all statistics is at least as large. Therefore the probability that any statistic of an equal candidate
fails is at most the level, for any number of statistics and any dependence between them.

References
----------
Westfall, Young (1993), Resampling-based multiple testing, Wiley: the single-step maxT procedure.
Szekely, Rizzo (2013), Energy statistics, J. Stat. Plan. Inference 143:1249: two-sample statistics from distances.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from benchnn.statistics.distances import (
    METRICS,
    Feature,
    Recording,
    distance_matrices,
    features,
    sample_distances,
)
from benchnn.statistics.measures import MICROCIRCUIT, Measures
from simcore.errors import InputError, require

FloatArray = npt.NDArray[np.float64]

LEVEL = 0.01
"""Probability that an equal candidate fails."""
MAX_DIVISIONS = 10_000
"""Maximum number of divisions; if there are more, a random sample is used."""
SHORT_SHARE = 5e-4
"""Share of the shortest intervals between spikes that count as short."""
SYNCHRONY = "synchrony"
SHORT = "short ISI"
NETWORK = "network"
SAMPLE = "sample"


@dataclass(frozen=True)
class Finding:
    """One statistic in the verdict.

    Parameters
    ----------
    population, statistic
        The compared quantity.
    metric
        ``KS`` and ``EMD`` for distributions, ``mean`` for a number of each recording.
    candidate, reference
        Means over the recordings, or mean distances between candidate and reference and between reference recordings.
    spread
        Standard deviation over reference recordings, or over pairs of them.
    threshold
        For distances: mean plus two standard deviations over pairs of reference recordings, the community rule.
    adjusted_p
        Adjusted p value, see the module; None if there are too few recordings for a test.
    """

    population: str
    statistic: str
    metric: str
    candidate: float
    reference: float
    spread: float
    threshold: float | None
    adjusted_p: float | None

    @property
    def within_threshold(self) -> bool | None:
        """Apply the community rule; None if it does not apply or the threshold is not finite."""
        if self.threshold is None or not math.isfinite(self.threshold):
            return None
        return self.candidate <= self.threshold


@dataclass(frozen=True)
class Verdict:
    """All findings; `passed` is None if there are too few recordings for a test."""

    findings: tuple[Finding, ...]
    level: float
    divisions: int
    passed: bool | None


def enough(n_candidate: int, n_reference: int, level: float = LEVEL) -> bool:
    """Whether these numbers of recordings can fail at this level: at least 2 / level divisions are required."""
    return n_candidate >= 2 and n_reference >= 2 and comb(n_candidate + n_reference, n_candidate) >= 2.0 / level


def judge(
    candidate: Sequence[Recording],
    reference: Sequence[Recording],
    level: float = LEVEL,
    measures: Measures = MICROCIRCUIT,
) -> Verdict:
    """Compare two groups of recordings.

    Parameters
    ----------
    candidate, reference
        Recordings of equal length of the same populations; statistics by population.
    level
        Probability that an equal candidate fails.
    measures
        The statistics to compare.

    Raises
    ------
    InputError
        If there are no candidate or fewer than two reference recordings.
    """
    _require_groups(len(candidate), len(reference))
    pooled = [*candidate, *reference]
    return judge_pooled(pooled, distance_matrices(pooled, measures), len(candidate), level, measures)


def _require_groups(n_candidate: int, n_reference: int) -> None:
    if n_candidate < 1 or n_reference < 2:
        raise InputError(
            "a verdict requires at least one candidate and two reference recordings, not "
            f"{n_candidate} and {n_reference}"
        )


def judge_pooled(
    pooled: Sequence[Recording],
    matrices: FloatArray,
    n_candidate: int,
    level: float = LEVEL,
    measures: Measures = MICROCIRCUIT,
) -> Verdict:
    """Judge as `judge` does, with given distances of all pairs; the first recordings belong to the candidate."""
    scalars = scalar_statistics(pooled, measures)
    return _judged(features(pooled, measures), matrices, scalars, n_candidate, level)


def judge_samples(
    name: str, candidate: Sequence[FloatArray], reference: Sequence[FloatArray], level: float = LEVEL
) -> Verdict:
    """Judge as `judge` does, from one sample of numbers per simulation, such as weights.

    Parameters
    ----------
    name
        Name of the numbers, such as the name of a projection.
    candidate, reference
        Numbers of each simulation, at least one.
    level
        Probability that an equal candidate fails.

    Raises
    ------
    InputError
        As `judge`, or if a sample is empty.
    """
    _require_groups(len(candidate), len(reference))
    pooled = [np.asarray(sample, dtype=np.float64) for sample in (*candidate, *reference)]
    require(all(sample.size for sample in pooled), f"samples of {name}", [], "must not be empty")
    compared = [Feature(name, SAMPLE, metric) for metric in METRICS]
    scalars = {
        (name, "mean"): np.array([sample.mean() for sample in pooled]),
        (name, "standard deviation"): np.array([sample.std() for sample in pooled]),
    }
    return _judged(compared, sample_distances(pooled), scalars, len(candidate), level)


def _judged(
    compared: Sequence[Feature], matrices: FloatArray, scalars: dict[tuple[str, str], FloatArray], n_candidate: int,
    level: float,
) -> Verdict:  # fmt: skip
    """Judge distances of all pairs by feature, and numbers of each simulation; the first belong to the candidate."""
    n = matrices.shape[1]
    divisions = _divisions(n, n_candidate)
    tested = enough(n_candidate, n - n_candidate, level)
    adjusted: list[float | None] = [None] * (len(matrices) + len(scalars))
    if tested:
        effects = np.concatenate([_energies(matrices, divisions), _differences(scalars, divisions)])
        adjusted = list(_adjusted_p(effects))
    findings = [
        _distance_finding(feature, matrix, n_candidate, p)
        for feature, matrix, p in zip(compared, matrices, adjusted, strict=False)
    ]
    findings += [
        _mean_finding(population, statistic, values, n_candidate, p)
        for (population, statistic), values, p in zip(scalars, scalars.values(), adjusted[len(matrices) :], strict=True)
    ]
    passed = all(p is None or p > level for p in adjusted) if tested else None
    return Verdict(tuple(findings), level, len(divisions), passed)


def scalar_statistics(
    recordings: Sequence[Recording], measures: Measures = MICROCIRCUIT
) -> dict[tuple[str, str], FloatArray]:
    """Return one value for each recording, by population and statistic.

    A statistic that is undefined in a recording is omitted.
    """
    found: dict[tuple[str, str], FloatArray] = {}
    for population in recordings[0]:
        own = [recording[population] for recording in recordings]
        for name, field in measures.distributions.items():
            found[population, f"mean {name}"] = np.array([_mean(getattr(values, field)) for values in own])
        found[population, SYNCHRONY] = np.array([float(values.synchrony) for values in own])
    found[NETWORK, SHORT] = short_interval_shares(recordings)
    return {key: values for key, values in found.items() if np.all(np.isfinite(values))}


def short_interval_shares(recordings: Sequence[Recording]) -> FloatArray:
    """Return the share of short intervals between spikes for each recording; NaN without intervals.

    Short intervals are the shortest 0.05 % over all recordings, which are sensitive to the refractory period.
    """
    counts = np.array([sum(values.interval_counts for values in recording.values()) for recording in recordings])
    cumulative = np.cumsum(counts, axis=1)
    totals = cumulative[:, -1]
    if np.any(totals == 0.0):
        return np.full(len(recordings), np.nan)
    limit = int(np.argmax(cumulative.sum(axis=0) >= SHORT_SHARE * totals.sum()))
    return np.asarray(cumulative[:, limit] / totals)


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _divisions(n: int, n_candidate: int) -> npt.NDArray[np.bool_]:
    """Recordings of the candidate, one row for each division; the first row is the observed division."""
    observed = np.zeros((1, n), dtype=bool)
    observed[0, :n_candidate] = True
    if comb(n, n_candidate) <= MAX_DIVISIONS:
        others = np.zeros((comb(n, n_candidate), n), dtype=bool)
        for row, chosen in enumerate(combinations(range(n), n_candidate)):
            others[row, chosen] = True
        # The first combination is the observed division.
        return others
    generator = np.random.default_rng(0)
    places = np.argsort(generator.random((MAX_DIVISIONS - 1, n)), axis=1)
    return np.concatenate([observed, places < n_candidate])


def _energies(matrices: FloatArray, divisions: npt.NDArray[np.bool_]) -> FloatArray:
    """Twice the mean distance between the groups minus the mean distances within them, shape (features, divisions)."""
    # A distance to an empty sample, whose square must still be finite.
    finite = np.where(np.isfinite(matrices), matrices, 1e100)
    inside = divisions.astype(np.float64)
    outside = 1.0 - inside
    n, m = inside[0].sum(), outside[0].sum()
    towards = np.einsum("kij,dj->kdi", finite, inside)
    between = np.einsum("kdi,di->kd", towards, outside) / (n * m)
    within = np.einsum("kdi,di->kd", towards, inside) / max(n * (n - 1.0), 1.0)
    away = np.einsum("kij,dj->kdi", finite, outside)
    others = np.einsum("kdi,di->kd", away, outside) / max(m * (m - 1.0), 1.0)
    return np.asarray(2.0 * between - within - others)


def _differences(scalars: dict[tuple[str, str], FloatArray], divisions: npt.NDArray[np.bool_]) -> FloatArray:
    """Absolute value of Welch's t of the two groups, shape (statistics, divisions)."""
    values = np.array(list(scalars.values())).reshape(-1, divisions.shape[1])
    rows = []
    for inside in (divisions.astype(np.float64), 1.0 - divisions):
        n = inside[0].sum()
        mean = values @ inside.T / n
        squares = (values**2) @ inside.T - n * mean**2
        rows.append((mean, np.maximum(squares, 0.0) / max(n - 1.0, 1.0) / n))
    (left, left_error), (right, right_error) = rows
    error = np.sqrt(left_error + right_error)
    difference = np.abs(left - right)
    # Numbers that are equal in all recordings up to rounding.
    tiny = 1e-12 * np.max(np.abs(values), axis=1, initial=0.0)[:, np.newaxis]
    return np.asarray(np.where(difference <= tiny, 0.0, difference / np.maximum(error, tiny + 1e-300)))


def _adjusted_p(effects: FloatArray) -> FloatArray:
    """Single-step maxT: share of divisions whose largest standardised effect reaches that of each statistic."""
    mean = effects.mean(axis=1, keepdims=True)
    std = effects.std(axis=1, keepdims=True)
    scaled = np.where(std > 0.0, (effects - mean) / np.where(std > 0.0, std, 1.0), 0.0)
    largest = scaled.max(axis=0)
    return np.asarray([(largest >= own - 1e-9).mean() for own in scaled[:, 0]])


def _distance_finding(feature: Feature, matrix: FloatArray, n_candidate: int, p: float | None) -> Finding:
    between = matrix[:n_candidate, n_candidate:].ravel()
    reference = matrix[n_candidate:, n_candidate:]
    pairs = reference[np.triu_indices(len(reference), 1)]
    mean, spread = float(pairs.mean()), 0.0
    if len(pairs) > 1:
        # The distance to a recording without values is infinite.
        spread = float(pairs.std(ddof=1)) if math.isfinite(mean) else math.inf
    return Finding(
        feature.population,
        feature.statistic,
        feature.metric,
        float(between.mean()),
        mean,
        spread,
        mean + 2.0 * spread,
        p,
    )


def _mean_finding(population: str, statistic: str, values: FloatArray, n_candidate: int, p: float | None) -> Finding:
    candidate, reference = values[:n_candidate], values[n_candidate:]
    spread = float(reference.std(ddof=1))
    return Finding(population, statistic, "mean", float(candidate.mean()), float(reference.mean()), spread, None, p)
