"""Times of several simulators, side by side."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from benchnn.report.figures.scaling import Spread
from benchnn.report.picture import Picture
from benchnn.report.style import FAINT, MARKERS, SERIES, new_figure, set_log_axis, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def comparison_picture(rtf: Mapping[str, Spread | None], construction_s: Mapping[str, Spread | None]) -> Picture | None:
    """Real-time factor and construction time of each simulator, and ratios to the first; None if all are unknown.

    Parameters
    ----------
    rtf, construction_s
        Values of the same simulators, by name; None where not measured. A time of 0 is not drawn.
    """
    panels = [("real-time factor", rtf), ("construction (s)", construction_s)]
    shown = [
        (label, known)
        for label, values in panels
        if (known := {name: spread for name, spread in values.items() if spread is not None and spread.low > 0.0})
    ]
    if not shown:
        return None
    figure, axes = new_figure(0.75 + len(shown) * (0.55 + 0.34 * len(rtf)), len(shown), 1)
    for one, (label, known) in zip(axes, shown, strict=True):
        _draw(one, list(rtf), known)
        one.set_xlabel(f"{label}; in brackets: ratio to {shortened(next(iter(rtf)))}")
    description = "; ".join(
        f"{label}: " + ", ".join(f"{name} {spread.median:.4g}" for name, spread in known.items())
        for label, known in shown
    )
    caption = "Marks are medians, lines the range over repeats. Axes are logarithmic."
    title = "Real-time factor and network construction by simulator."
    return Picture("comparison", title, f"{description}.", figure, caption)


def _draw(axes: "Axes", names: list[str], known: Mapping[str, Spread]) -> None:
    reached = [value for spread in known.values() for value in (spread.low, spread.high)]
    set_log_axis(axes, "x", reached)
    low, high = axes.get_xlim()
    # Room for the numbers next to the marks.
    axes.set_xlim(low, high * (high / low) ** 0.45)
    first = known.get(names[0])
    for place, name in enumerate(names):
        colour, marker = SERIES[place % len(SERIES)], MARKERS[place % len(MARKERS)]
        spread = known.get(name)
        if spread is None:
            axes.text(low, place, " not measured", va="center", color=FAINT)
            continue
        axes.plot([spread.low, spread.high], [place, place], color=colour, lw=1.5)
        axes.plot([spread.median], [place], marker, color=colour, ms=7)
        ratio = f" ({spread.median / first.median:.3g} x)" if first is not None and name != names[0] else ""
        axes.annotate(
            f"{spread.median:.4g}{ratio}", (spread.high, place), (8, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(range(len(names)), [shortened(name, 18) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
