"""Figures of a workload on accelerators: energy stacked by part, and energy as a function of the number of steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchnn.report.picture import Picture
from benchnn.report.style import (
    BLUE,
    CYAN,
    GREY,
    MAGENTA,
    MARKERS,
    ON_COLOUR,
    ORANGE,
    RED,
    SERIES,
    TEAL,
    YELLOW,
    new_figure,
    set_log_axis,
    shortened,
)
from simcore.display.numbers import HTML

LETTERS = 60
"""Number of letters that fit into a whole bar."""
GROUPS = {
    "DRAM": (BLUE, ("dram",)),
    "on-chip buffers": (CYAN, ("sram", "temporary", "tile", "fetch")),
    "scratchpads": (TEAL, ("scratchpad",)),
    "arithmetic": (ORANGE, ("spike_mac", "mac", "accumulations", "multiplications", "crossbar", "subtractor")),
    "neurons": (MAGENTA, ("lif", "relu", "neuron")),
    "converters": (RED, ("adc", "mux")),
    "network": (YELLOW, ("h_tree",)),
    "other": (GREY, ("",)),
}
"""Groups of parts of the energy, by the first letters of their names; the first matching group is taken."""


@dataclass(frozen=True)
class Parts:
    """Energy per inference by part, J, of one accelerator and one accounting."""

    name: str
    energies_j: Mapping[str, float]


@dataclass(frozen=True)
class EnergyOverSteps:
    """Energy per inference, J, as a function of its time steps: `points` are (steps, energy), ascending."""

    on: str
    name: str
    points: Sequence[tuple[int, float]]


def parts_picture(bars: Sequence[Parts]) -> Picture:
    """A stacked bar for each accelerator; its parts are shares of the accelerator's own total."""
    from matplotlib.patches import Patch

    figure, (axes,) = new_figure(0.7 + 0.42 * len(bars))
    drawn: set[str] = set()
    for place, bar in enumerate(bars):
        total, left = sum(bar.energies_j.values()), 0.0
        for part, energy in sorted(bar.energies_j.items(), key=lambda entry: list(GROUPS).index(_group(entry[0]))):
            share, group = energy / total, _group(part)
            drawn.add(group)
            fill = GROUPS[group][0]
            axes.barh(place, share, left=left, height=0.7, color=fill, edgecolor="white", linewidth=0.6)
            # The colour identifies the group.
            label = part.removeprefix("dram_").removeprefix("sram_").replace("_", " ")
            if len(label) + 1 <= share * LETTERS:
                colour = ON_COLOUR[fill]
                axes.text(left + share / 2, place, label, ha="center", va="center", fontsize=6.5, color=colour)
            left += share
        axes.text(1.01, place, HTML.prefixed(total, "J", 3), va="center", fontsize=8)
    axes.set_yticks(range(len(bars)), [shortened(bar.name, 30) for bar in bars])
    axes.set_xlim(0.0, 1.17)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100 %"])
    axes.set_xlabel("share of the accelerator's own energy", x=0.43)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    patches = [Patch(color=colour, label=name) for name, (colour, _) in GROUPS.items() if name in drawn]
    figure.legend(handles=patches, loc="outside upper left", ncols=4, handlelength=1.0, columnspacing=1.2)
    description = "; ".join(
        f"{bar.name}: "
        + ", ".join(f"{part.replace('_', ' ')} {HTML.prefixed(energy, 'J')}" for part, energy in bar.energies_j.items())
        for bar in bars
    )
    caption = "Bars show shares, because the totals of different energy models do not include the same parts."
    return Picture("accelerators-parts", "Energy per inference by part.", f"{description}.", figure, caption)


def _group(part: str) -> str:
    return next(name for name, (_, starts) in GROUPS.items() if part.startswith(starts))


def steps_picture(lines: Sequence[EnergyOverSteps]) -> Picture | None:
    """Energy per inference as a function of its time steps; None unless a line has at least two points.

    Parameters
    ----------
    lines
        Lines of one accelerator share a colour; if there are two, the first is dashed.
    """
    several = [line for line in lines if len(line.points) > 1]
    if not several:
        return None
    names = list(dict.fromkeys(line.on for line in several))
    figure, (axes,) = new_figure(2.9 + 0.11 * len(several))
    for number, line in enumerate(several):
        steps, energies = zip(*line.points, strict=True)
        place = names.index(line.on)
        dashed = any(other.on == line.on for other in several[number + 1 :])
        axes.plot(
            steps,
            [energy * 1e6 for energy in energies],
            label=shortened(line.name, 34),
            color=SERIES[place % len(SERIES)],
            marker=MARKERS[place % len(MARKERS)],
            linestyle="--" if dashed else "-",
            markerfacecolor="white" if dashed else None,
        )
    counted = sorted({steps for line in several for steps, _ in line.points})
    set_log_axis(axes, "x", counted)
    axes.xaxis.set_ticks(counted, [f"{steps:,}" for steps in counted])
    set_log_axis(axes, "y", [energy * 1e6 for line in several for _, energy in line.points])
    axes.set_xlabel("time steps of an inference")
    axes.set_ylabel("energy per inference (µJ)")
    axes.grid()
    figure.legend(loc="outside upper left", ncols=2, handlelength=3.0)
    description = "; ".join(
        f"{line.name}: " + ", ".join(f"{HTML.prefixed(energy, 'J')} at {steps} steps" for steps, energy in line.points)
        for line in several
    )
    caption = "Compare slopes, not heights, between different energy models, because they include different parts."
    title = "Energy per inference as a function of the number of time steps."
    return Picture("accelerators-steps", title, f"{description}.", figure, caption)
