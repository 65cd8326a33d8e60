"""Short texts for parts of a description."""

from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Any

import numpy as np

FEW = 3
"""Maximum number of texts that are listed."""


def counted(number: int, noun: str) -> str:
    """Format a number with a noun, such as ``1 drive`` or ``2,597 drives``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def known_names(kind: str, owner: object, names: Iterable[str]) -> str:
    """State the names of a kind: ``the parameters of X are a, b``, or ``X has no parameters``."""
    listed = ", ".join(names)
    return f"the {kind} of {owner} are {listed}" if listed else f"{owner} has no {kind}"


def every(steps: int) -> str:
    """How often something happens: ``every step`` or ``every 15 steps``."""
    return "every step" if steps == 1 else f"every {steps:,} steps"


def brief(part: Any, without: Iterable[str] = ()) -> str:
    """Describe a dataclass by its class and non-default fields, such as ``Poisson(rate_hz=8000, weight=20)``.

    Parameters
    ----------
    part
        A rule, a distribution or a drive.
    without
        Fields to omit.
    """
    fields_shown = [
        f"{field.name}={value_words(getattr(part, field.name))}"
        for field in fields(part)
        if field.name not in without and not _is_default(getattr(part, field.name), field.default)
    ]
    return f"{type(part).__name__}({', '.join(fields_shown)})" if fields_shown else type(part).__name__


def _is_default(value: Any, default: Any) -> bool:
    return default is not MISSING and not isinstance(value, np.ndarray) and bool(value == default)


def value_words(value: Any) -> str:
    """Describe a number, a string, an array or a distribution."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple) and len(value) <= FEW and all(isinstance(entry, str) for entry in value):
        return f"({', '.join(value)})"
    if isinstance(value, np.ndarray | list | tuple):
        return counted(len(value), "value")
    return brief(value) if hasattr(value, "__dataclass_fields__") else str(value)


def name_words(name: str) -> str:
    """Return the name of a population, with the neurons if it is a selection."""
    return name if type(name) is str else repr(name)


def interval_words(low: float, high: float, unit: str) -> str:
    """Describe an interval, or its only value."""
    return f"{low:g} {unit}" if low == high else f"{low:g} to {high:g} {unit}"
