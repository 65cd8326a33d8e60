"""Median, smallest and largest value of repeats: how the records of studies hold a measure."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any


def spread_of(values: Sequence[float]) -> dict[str, float] | None:
    """Median, smallest and largest of the values; None if there are none."""
    return {"median": median(values), "min": min(values), "max": max(values)} if values else None


def median_of(row: Mapping[str, Any], measure: str, factor: float = 1.0) -> float | None:
    """The median of a measure in a row of a record, times a factor; None if it was not measured."""
    return None if row[measure] is None else row[measure]["median"] * factor
