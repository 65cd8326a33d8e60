"""Rooflines: throughput and energy per operation as functions of the operations per byte."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchnn.report.figures.point_labels import Label, set_labels
from benchnn.report.picture import Picture
from benchnn.report.style import FAINT, INK, MARKERS, RED, SERIES, new_figure, set_log_axis, shortened
from simcore.accelerators.roofline.machine import Level, Machine
from simcore.accelerators.roofline.roofs import Placed
from simcore.display.numbers import HTML

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GIGA, PICO = 1e9, 1e-12
HEIGHT_IN, MARGIN_IN = 2.9, 0.2
"""Heights of a panel and of a line of the legend."""
AROUND = 3.0
"""Factor by which the axis of intensities extends beyond ridges and points."""
Style = str | tuple[int, tuple[int, ...]]
STYLES: tuple[Style, ...] = ("-", "-.", ":", (0, (4, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 3)))
"""Styles of the lines of levels; their number limits the levels that are drawn for a machine."""
BOUND = "--"
"""Style of lines that are bounds."""
NO_BYTES = "bytes not\ncounted"
MOST_LABELS = 40
WIDTH_PT, HEIGHT_PT = 290.0, 150.0
"""Approximate size of the area inside the axes."""


@dataclass(frozen=True, eq=False)
class Roofed:
    """A machine and the points under its roofs."""

    machine: Machine
    points: Sequence[Placed]


@dataclass(frozen=True)
class _Span:
    """Limits of the axis of intensities, and the place of points without bytes; None if there are none."""

    low: float
    high: float
    without: float | None


def roofline_picture(machines: Sequence[Roofed]) -> Picture | None:
    """Throughput roofs, energy roofs, and points; None if no machine has a roof or a point.

    Parameters
    ----------
    machines
        In the order of the legend.
    """
    with_energy = any(_has_energy(entry) for entry in machines)
    if not any(entry.points or entry.machine.peak_ops_per_s is not None for entry in machines):
        return None
    named = sum(1 + len(_drawn(entry)) * (len(_drawn(entry)) > 1) for entry in machines)
    rows, lines = 1 + with_energy, math.ceil(named / 2)
    figure, axes = new_figure(HEIGHT_IN * rows + MARGIN_IN * (lines + 1), rows)
    span = _span(machines)
    _throughput(axes[0], machines, span)
    if with_energy:
        _energy(axes[1], machines, span)
    axes[-1].set_xlabel("operations/byte")
    for number, entry in enumerate(machines):
        _name(axes[0], entry, number)
    figure.legend(loc="outside upper left", ncols=2, handlelength=2.4, columnspacing=1.2, fontsize=7.5)
    title = "Rooflines: throughput" + (" and minimum energy per operation." if with_energy else ".")
    caption = (
        "Filled marks were reached in a measurement or in the model of the machine; open marks are the maximum for "
        "this work. Dashed lines are bounds, because a level or a part is unknown. Bytes are those of the level that "
        "binds, or of the outermost level; if a machine has several lines, a point has one mark for each line at "
        "which it moves bytes. A red edge marks an impossible point above a roof."
    )
    left_out = sum(len(_known(entry.machine)) - len(_drawn(entry)) for entry in machines)
    if left_out:
        caption += f" {left_out} more levels have no line."
    return Picture("roofline", title, _description(machines), figure, caption)


def intensity_of(point: Placed) -> float | None:
    """Operations per byte at the level that binds, or at the last level that moves bytes; None if there is none."""
    finite = {name: at for name, at in point.intensities_ops_per_byte.items() if math.isfinite(at)}
    bound = finite.get(point.throughput.bound_by or "")
    return bound if bound is not None else next(reversed(finite.values()), None)


def _colour(number: int) -> str:
    return SERIES[number % len(SERIES)]


def _marker(number: int) -> str:
    return MARKERS[number % len(MARKERS)]


def _name(axes: "Axes", entry: Roofed, number: int) -> None:
    """Add the legend's entries of a machine, and of its levels if several have a line."""
    machine, drawn = entry.machine, _drawn(entry)
    label = f"{shortened(machine.name, 20)} ({shortened(machine.operation, 22)}s)"
    axes.plot([], [], color=_colour(number), marker=_marker(number), lw=1.2, label=label)
    for level, style in zip(drawn, STYLES, strict=False):
        if len(drawn) > 1:
            axes.plot([], [], color=_colour(number), lw=1.2, ls=style, label=f"  {shortened(level.name, 26)}")


def _known(machine: Machine) -> list[Level]:
    """Levels whose bandwidth is known."""
    return [level for level in machine.levels if level.bandwidth_bytes_per_s is not None]


def _drawn(entry: Roofed) -> list[Level]:
    """Levels with a line, in the order of the machine: first those that bind a point, then the innermost."""
    binding = {point.throughput.bound_by for point in entry.points}
    known = _known(entry.machine)
    first = sorted(known, key=lambda level: level.name not in binding)[: len(STYLES)]
    return [level for level in known if level in first]


def _places(entry: Roofed, point: Placed, span: _Span) -> list[float]:
    """Intensities at which a point has marks."""
    own = intensity_of(point) or span.without or span.high
    drawn = _drawn(entry)
    at = [point.intensities_ops_per_byte.get(level.name, math.inf) for level in drawn] if len(drawn) > 1 else []
    return list(dict.fromkeys([own, *(value for value in at if math.isfinite(value))]))


def _span(machines: Sequence[Roofed]) -> _Span:
    at = [intensity_of(point) for entry in machines for point in entry.points]
    at += [
        value
        for entry in machines
        for level in _drawn(entry)
        for point in entry.points
        if math.isfinite(value := point.intensities_ops_per_byte.get(level.name, math.inf))
    ]
    peaks = [(entry.machine.peak_ops_per_s, level) for entry in machines for level in entry.machine.levels]
    known = [value for value in at if value is not None]
    known += [peak / level.bandwidth_bytes_per_s for peak, level in peaks if peak and level.bandwidth_bytes_per_s]
    low, high = (min(known) / AROUND, max(known) * AROUND) if known else (0.1, 1000.0)
    return _Span(low, high, high * AROUND if None in at else None)


def _throughput(axes: "Axes", machines: Sequence[Roofed], span: _Span) -> None:
    reached: list[float] = []
    labels: list[Label] = []
    for number, entry in enumerate(machines):
        for across, up, style in _roofs(entry, span):
            axes.plot(across, [value / GIGA for value in up], color=_colour(number), lw=1.2, ls=style, zorder=2)
            reached += [value / GIGA for value in up[-1:]]
        for point in entry.points:
            value = point.ops_per_s if point.ops_per_s is not None else point.throughput.ops_per_s
            if value is None:
                continue
            places = _places(entry, point, span)
            for at in places:
                _mark(axes, number, (at, value / GIGA), point.ops_per_s is not None, bool(point.faults))
            axes.plot([min(places), max(places)], [value / GIGA] * 2, color=_colour(number), lw=0.4, zorder=1)
            reached.append(value / GIGA)
            labels.append(Label(max(places), value / GIGA, point.point.name, INK))
    set_log_axis(axes, "y", [min(reached) / 2.0, 2.0 * max(reached)] if reached else [1.0, 10.0])
    _finish(axes, span, "throughput (10⁹ operations/s)", labels)


def _roofs(entry: Roofed, span: _Span) -> Iterator[tuple[list[float], list[float], Style]]:
    """Lines of a machine's throughput roofs: intensities, operations/s, and the style of the line."""
    machine, known = entry.machine, _drawn(entry)
    peak = machine.peak_ops_per_s
    ends = [_end(level, peak, span) for level in known]
    for level, end, style in zip(known, ends, STYLES, strict=False):
        slope = level.bandwidth_bytes_per_s or 0.0
        if end > span.low:
            yield [span.low, end], [slope * span.low, slope * end], style
    if peak is not None:
        begin = max(min(ends, default=span.low), span.low)
        yield [begin, span.without or span.high], [peak, peak], BOUND if machine.levels and not known else STYLES[0]


def _end(level: Level, peak: float | None, span: _Span) -> float:
    """Intensity at which the line of a level ends: its ridge."""
    ridge = math.inf if peak is None else peak / (level.bandwidth_bytes_per_s or math.inf)
    return min(ridge, span.high)


def _has_energy(entry: Roofed) -> bool:
    return any(point.ops_per_j or point.energy.j_per_op for point in entry.points)


def _energy(axes: "Axes", machines: Sequence[Roofed], span: _Span) -> None:
    reached: list[float] = []
    labels: list[Label] = []
    for number, entry in enumerate(machines):
        across, up, dashed = _least_energy(entry.machine, span)
        if len(across):
            axes.plot(across, up, color=_colour(number), lw=1.2, ls=BOUND if dashed else "-", zorder=2)
            reached += [float(up.min()), float(up.max())]
        for point in entry.points:
            value = 1.0 / point.ops_per_j if point.ops_per_j else point.energy.j_per_op
            if value:
                at = intensity_of(point) or span.without or span.high
                _mark(axes, number, (at, value / PICO), point.ops_per_j is not None, bool(point.faults))
                reached.append(value / PICO)
                labels.append(Label(at, value / PICO, point.point.name, INK))
    set_log_axis(axes, "y", [min(reached) / 2.0, 2.0 * max(reached)])
    _finish(axes, span, "energy per operation (pJ)", labels)


def _least_energy(machine: Machine, span: _Span) -> "tuple[np.ndarray, np.ndarray, bool]":
    """Energy per operation, pJ, over the intensity at the outermost level, if no other level moves bytes."""
    across = np.geomspace(span.low, span.high, 200)
    outermost = machine.levels[-1] if machine.levels else None
    byte_j = None if outermost is None else outermost.energy_j_per_byte
    bandwidth = None if outermost is None else outermost.bandwidth_bytes_per_s
    energy = np.zeros_like(across)
    if machine.op_energy_j is not None:
        energy += machine.op_energy_j
    if byte_j is not None:
        energy += byte_j / across
    roof = np.full_like(across, math.inf if machine.peak_ops_per_s is None else machine.peak_ops_per_s)
    if bandwidth is not None:
        roof = np.minimum(roof, bandwidth * across)
    if machine.static_w is not None:
        energy += machine.static_w / roof
    known = energy > 0.0
    unknown = None in (machine.op_energy_j, machine.static_w) or (outermost is not None and byte_j is None)
    # Static power counts for the time that follows from the throughput roof.
    bound = machine.peak_ops_per_s is None or len(_known(machine)) < len(machine.levels)
    unknown |= bool(machine.static_w) and bound
    return across[known], energy[known] / PICO, unknown


def _mark(axes: "Axes", number: int, at: tuple[float, float], reached: bool, fault: bool) -> None:
    colour = _colour(number)
    face, edge = colour if reached else "white", RED if fault else colour
    axes.plot([at[0]], [at[1]], _marker(number), ms=4.5, mec=edge, mfc=face, mew=1.8 if fault else 1.1, zorder=3)


def _finish(axes: "Axes", span: _Span, title: str, labels: Sequence[Label]) -> None:
    set_log_axis(axes, "x", [span.low, span.high])
    ticks = [tick for tick in axes.get_xticks() if span.low <= tick <= span.high]
    right = span.high
    if span.without is not None:
        # A label close to that of the points without bytes would touch it.
        ticks = [tick for tick in ticks if tick <= span.high / AROUND]
    names = [f"{tick:,.10g}" for tick in ticks]
    if span.without is not None:
        ticks, names = [*ticks, span.without], [*names, NO_BYTES]
        right = AROUND * span.without
        axes.axvline(span.high * 1.2, color=FAINT, lw=0.5, ls=":")
    axes.set_xticks(ticks, names)
    axes.set_xlim(span.low, right)
    axes.set_ylabel(title)
    axes.grid(zorder=0)
    set_labels(axes, labels[:MOST_LABELS], (span.low, right), axes.get_ylim(), (WIDTH_PT, HEIGHT_PT))


def _description(machines: Sequence[Roofed]) -> str:
    machines_in_words = []
    for entry in machines:
        peak = HTML.prefixed(entry.machine.peak_ops_per_s, "operations/s")
        points = ", ".join(
            f"{point.point.name} {HTML.prefixed(point.ops_per_s, 'operations/s')} of at most "
            f"{HTML.prefixed(point.throughput.ops_per_s, 'operations/s')}, {point.regime}"
            for point in entry.points
        )
        machines_in_words.append(f"{entry.machine.name}, peak {peak}{': ' + points if points else ''}")
    return f"{'; '.join(machines_in_words)}."
