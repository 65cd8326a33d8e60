"""Overview of the description of a network on one screen."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from simcore.display.numbers import TEXT
from simcore.display.overview import MAX_ROWS, Columns, Overview
from simcore.display.words import brief, counted, interval_words, name_words, value_words
from simcore.memory import BASELINE_BYTES

BYTES_PER_SYNAPSE = 4
BYTES_PER_WEIGHT = 4
"""Additional bytes of a synapse whose weight changes."""
BYTES_PER_NEURON = 72
"""Bytes of a process with the cpu backend and 16-bit weights, and of a neuron: state, inputs and coefficients."""


class Described(Protocol):
    """Required members of a `simcore.network.Network`, which this module cannot import."""

    @property
    def populations(self) -> Sequence[Any]: ...
    @property
    def projections(self) -> Sequence[Any]: ...
    @property
    def drives(self) -> Sequence[Any]: ...
    @property
    def recorders(self) -> Sequence[Any]: ...
    @property
    def resolution_ms(self) -> float: ...
    @property
    def n_neurons(self) -> int: ...
    def wiring(self, index: int) -> Any: ...
    def delays(self, index: int) -> npt.NDArray[Any]: ...


def network_overview(network: Described) -> Overview:
    """Return an overview of sizes, projections, drives, expected synapses and memory, and delays."""
    synapses = [p.rule.expected_synapses(network.wiring(index)) for index, p in enumerate(network.projections)]
    title = (
        f"Network of {counted(network.n_neurons, 'neuron')} in {counted(len(network.populations), 'population')}, "
        f"{sum(synapses):,.0f} synapses expected"
    )
    changing = sum(n for p, n in zip(network.projections, synapses, strict=True) if _changes(p))
    bytes_of_synapses = BYTES_PER_SYNAPSE * sum(synapses) + BYTES_PER_WEIGHT * changing
    memory = BASELINE_BYTES + bytes_of_synapses + BYTES_PER_NEURON * network.n_neurons
    lines = [
        f"resolution {network.resolution_ms:g} ms, {_delays(network)}, about {TEXT.size(memory)} of memory expected",
    ]
    recorders = [brief(recorder) for recorder in network.recorders]
    if recorders:
        lines.append(f"recorders: {', '.join(recorders[:4])}{', ...' if len(recorders) > 4 else ''}")
    tables = [_populations(network, synapses), _projections(network, synapses), _drives(network)]
    return Overview(title, lines, tables)


def _changes(projection: Any) -> bool:
    return projection.plasticity is not None and projection.plasticity.changes_weights


def _delays(network: Described) -> str:
    known = [delays for index in range(len(network.projections)) if (delays := network.delays(index)).size]
    if not known:
        return "no delays"
    low, high = min(int(delays.min()) for delays in known), max(int(delays.max()) for delays in known)
    return f"delays {interval_words(low * network.resolution_ms, high * network.resolution_ms, 'ms')}"


def _populations(network: Described, synapses: Sequence[float]) -> Columns:
    incoming = dict.fromkeys((population.name for population in network.populations), 0.0)
    for projection, number in zip(network.projections, synapses, strict=True):
        incoming[projection.target] += number
    rows = [
        (p.name, f"{p.size:,}", p.model, f"{incoming[p.name] / p.size:,.1f}") for p in network.populations[:MAX_ROWS]
    ]
    left = network.populations[MAX_ROWS:]
    neurons = counted(sum(p.size for p in left), "neuron")
    more = f"{counted(len(left), 'more population')} with {neurons}" if left else ""
    return Columns(("population", "neurons", "neuron model", "mean in-degree"), rows, "lrlr", more)


def _projections(network: Described, synapses: Sequence[float]) -> Columns:
    """Return the projections with the most synapses, in the order of the description."""
    plastic = any(projection.plasticity is not None for projection in network.projections)
    largest = np.sort(np.argsort(-np.array(synapses), kind="stable")[:MAX_ROWS]).tolist()
    rows = []
    for index in largest:
        projection = network.projections[index]
        # A rule for selected neurons is shown as the rule itself.
        rule = brief(getattr(projection.rule, "rule", projection.rule))
        # A kernel over the distances of the projection is shown as the kernel.
        values = (getattr(value, "kernel", value) for value in (projection.weight, projection.delay_ms))
        weight, delay = map(value_words, values)
        rows.append(
            (
                f"{name_words(projection.source)} -> {name_words(projection.target)}",
                rule,
                f"{synapses[index]:,.0f}",
                weight,
                delay,
                *([projection.plasticity.name if projection.plasticity else "static"] if plastic else []),
            )
        )
    left = len(network.projections) - len(rows)
    rest = sum(synapses) - sum(synapses[index] for index in largest)
    more = f"{counted(left, 'more projection')} with {rest:,.0f} synapses" if left else ""
    headings = ("projection", "rule", "synapses", "weight", "delay (ms)", *(["plasticity"] if plastic else []))
    return Columns(headings, rows, "llrlll"[: len(headings)], more)


def _drives(network: Described) -> Columns:
    rows = [(name_words(drive.target), brief(drive, ("target",))) for drive in network.drives[:MAX_ROWS]]
    left = len(network.drives) - len(rows)
    return Columns(("target", "drive"), rows, "ll", counted(left, "more drive") if left else "")
