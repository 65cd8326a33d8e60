"""Published figures of workloads on accelerators, compared with ours from public constants and lists of layers."""

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from simcore.accelerators.answer import ModelOptions
from simcore.accelerators.models import answer
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.workloads.normalisation import convolution_parameters, normalised_operations
from simcore.accelerators.workloads.reader import load_workload
from simcore.accelerators.workloads.workload import Workload, with_density

FILE = "published.toml"
FACTORS = {"1": 1.0, "M": 1e6, "G": 1e9, "nJ": 1e-9, "pJ": 1e-12, "ns": 1e-9, "um2": 1e-12}
"""Units of printed figures, in SI units."""
OF_LAYERS: Mapping[str, Callable[[Workload], float]] = {
    # A multiplication and an addition are two operations.
    "operations": lambda workload: 2.0 * normalised_operations(workload),
    "products": normalised_operations,
    "parameters": convolution_parameters,
}
"""Quantities that follow from the list of layers."""


@dataclass(frozen=True)
class Figure:
    """A published figure.

    Parameters
    ----------
    source, case
        Key of a source of the file, and row of the table in that source.
    quantity
        ``energy``, ``energy factor``, ``latency``, ``area``, or one of `OF_LAYERS`.
    workload, on, steps, density, input_bits
        Subject of the figure; `on` is None for quantities of the layers, `input_bits` for the widths of the workload.
    network
        Workload with the same network as `workload`, but other layers; None for the network of `workload`.
    printed, unit
        Figure and unit as printed.
    verdict
        ``yes``, ``identity`` or ``no``, see the file.
    baseline_steps, baseline_density
        Steps and density of the reference network of an energy factor.
    tolerance
        Relative tolerance; None if our figure must have the printed digits.
    reason
        The figure that is not published, if the verdict is ``no``.
    note
        An unpublished assumption behind our figure.
    """

    source: str
    case: str
    quantity: str
    workload: str
    printed: str
    unit: str
    verdict: str
    network: str | None = None
    on: str | None = None
    steps: int | None = None
    density: float | None = None
    baseline_steps: int | None = None
    baseline_density: float | None = None
    tolerance: float | None = None
    reason: str | None = None
    note: str | None = None
    input_bits: int | None = None


def published_figures() -> tuple[dict[str, str], list[Figure]]:
    """The sources, and all figures in the order of the file."""
    raw = tomllib.loads((files("benchnn.accelerators") / FILE).read_text(encoding="utf-8"))
    return raw["sources"], [Figure(**entry) for entry in raw["figure"]]


def compared_figures(workload: str, on: Sequence[str]) -> list[dict[str, Any]]:
    """Compare our figures with the published figures of an included workload.

    Parameters
    ----------
    workload
        Name of the workload; figures of its network with another list of layers are included.
    on
        Names of accelerators.

    Returns
    -------
    list of dict
        Rows of the record, see ``accelerators.json``; `ours` is None, with a reason, if a figure cannot be computed.
    """
    sources, figures = published_figures()
    own = [one for one in figures if workload in (one.workload, one.network)]
    return [_compared(one, sources) for one in own if one.on is None or one.on in on]


def _compared(figure: Figure, sources: Mapping[str, str]) -> dict[str, Any]:
    ours = None if figure.verdict == "no" else our_figure(figure)
    printed = float(figure.printed) * FACTORS[figure.unit]
    return {
        "source": sources[figure.source],
        "case": figure.case,
        "quantity": figure.quantity,
        "on": figure.on,
        "printed": figure.printed,
        "unit": figure.unit,
        "ours": None if ours is None else ours / FACTORS[figure.unit],
        "deviation": None if ours is None else ours / printed - 1.0,
        "agrees": None if ours is None else agrees(figure, ours),
        "verdict": figure.verdict,
        "reason": figure.reason,
        "note": figure.note,
    }


def agrees(figure: Figure, ours: float) -> bool:
    """Whether our figure, in SI units, is within the tolerance, or has the printed digits."""
    own = ours / FACTORS[figure.unit]
    if figure.tolerance is not None:
        return math.isclose(own, float(figure.printed), rel_tol=figure.tolerance)
    digits = figure.printed.partition("e")[0].replace(".", "").lstrip("0")
    return math.isclose(float(f"{own:.{len(digits)}g}"), float(figure.printed), rel_tol=1e-12)


def our_figure(figure: Figure) -> float | None:
    """A published quantity, in SI units, computed with the models; None if they cannot compute it."""
    workload = load_workload(figure.workload)
    if figure.on is None:
        return OF_LAYERS[figure.quantity](workload) if workload.layers else None
    own = _answered(figure.workload, figure.on, figure.steps, figure.density, figure.input_bits)
    if figure.quantity != "energy factor":
        return own[("energy", "latency", "area").index(figure.quantity)]
    baseline = figure.baseline_steps, figure.baseline_density, figure.input_bits
    base = _answered(figure.workload, figure.on, *baseline)[0]
    return None if base is None or not own[0] else base / own[0]


@lru_cache(maxsize=128)
def _answered(
    name: str, on: str, steps: int | None, density: float | None, input_bits: int | None
) -> tuple[float | None, ...]:
    """Energy, latency and area in SI units, with the accounting of the publication."""
    workload = load_workload(name)
    if density is not None:
        workload = with_density(workload, density)
    if input_bits is not None:
        layers = tuple(replace(layer, input_bits=input_bits) for layer in workload.layers)
        workload = replace(workload, layers=layers)
    options = ModelOptions(steps or workload.steps or 1, as_published=True)
    found = answer(workload, load_accelerator(on), options)
    return found.energy_j, found.latency_s, found.area_m2
