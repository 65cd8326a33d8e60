"""Median, smallest and largest value of repeats, as in the records of studies."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any


def spread_of(values: Sequence[float]) -> dict[str, float] | None:
    """Return median, smallest and largest value; None without values."""
    return {"median": median(values), "min": min(values), "max": max(values)} if values else None


def median_of(row: Mapping[str, Any], measure: str, factor: float = 1.0) -> float | None:
    """Return the median of a measure in a row of a record, times a factor; None if it was not measured."""
    return None if row[measure] is None else row[measure]["median"] * factor
