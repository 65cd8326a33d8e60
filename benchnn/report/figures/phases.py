"""The real-time factor as stacked phases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchnn.report.picture import Picture
from benchnn.report.style import ON_COLOUR, PHASES, new_figure, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTER_PT = 5.0
"""Approximate width of a digit in a bar, points."""
LONGEST_PT = {1: 300.0, 2: 120.0}
"""Approximate length of the longest bar, points, by the number of panels."""


@dataclass(frozen=True)
class Stack:
    """Real-time factor and its known parts by phase; the rest is drawn as ``other``."""

    label: str
    total: float
    phases: Mapping[str, float]

    @property
    def parts(self) -> dict[str, float]:
        """All parts, in the order of the phases."""
        known = {name: self.phases[name] for name in PHASES if name in self.phases}
        return {**known, "other": max(0.0, self.total - sum(known.values()))}


def phase_picture(stacks: Sequence[Stack], title: str, caption: str) -> Picture:
    """Bars of one or several runs: the real-time factor and, for several runs, the shares of its phases.

    Parameters
    ----------
    stacks
        At least one stack; all have the same phases.
    title, caption
        Title and caption of the figure.
    """
    several = len(stacks) > 1
    figure, axes = new_figure(1.05 + 0.36 * len(stacks), 1, 2 if several else 1)
    room = LONGEST_PT[len(axes)]
    _draw(axes[0], stacks, [1.0] * len(stacks), ".3g", room)
    axes[0].set_xlabel("real-time factor")
    if several:
        _draw(axes[1], stacks, [100.0 / stack.total if stack.total else 0.0 for stack in stacks], ".0f", room)
        axes[1].set_xlabel("share of the state propagation (%)")
        axes[1].set_yticklabels([])
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(labels), handlelength=1.0, columnspacing=1.2)
    bars = "; ".join(f"{stack.label}: {stack.total:.4g} ({_in_words(stack)})" for stack in stacks)
    return Picture("phases", title, f"Real-time factor by phase. {bars}.", figure, caption)


def _in_words(stack: Stack) -> str:
    return ", ".join(f"{name} {part:.3g}" for name, part in stack.parts.items())


def _draw(axes: "Axes", stacks: Sequence[Stack], scales: Sequence[float], form: str, room_pt: float) -> None:
    """Draw bars whose parts are multiplied by the scale of their stack, with the numbers that fit into their part."""
    longest = max(stack.total * scale for stack, scale in zip(stacks, scales, strict=True))
    places = range(len(stacks))
    ends = [0.0] * len(stacks)
    for name in stacks[0].parts:
        lengths = [stack.parts[name] * scale for stack, scale in zip(stacks, scales, strict=True)]
        axes.barh(places, lengths, left=ends, height=0.62, color=PHASES[name], label=name, edgecolor="white", lw=0.8)
        for place, length, end in zip(places, lengths, ends, strict=True):
            label = f"{length:{form}}"
            if longest and LETTER_PT * (len(label) + 1) < room_pt * length / longest:
                colour = ON_COLOUR[PHASES[name]]
                axes.text(end + length / 2, place, label, ha="center", va="center", color=colour, size=8)
        ends = [end + length for end, length in zip(ends, lengths, strict=True)]
    axes.set_yticks(places, [shortened(stack.label, 18) for stack in stacks])
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
