"""A run of the cortical microcircuit and published simulations of the same network."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchnn.report.figures.point_labels import Label, set_labels
from benchnn.report.picture import Picture
from benchnn.report.published import Published
from benchnn.report.style import BLUE, FAINT, INK, MAGENTA, ORANGE, RED, TEAL, new_figure, set_log_axis

SIZE_PT = 300.0, 215.0
"""Approximate size of the area inside the axes."""
KINDS = {"CPU": (BLUE, "o"), "GPU": (ORANGE, "s"), "FPGA": (TEAL, "^"), "neuromorphic": (RED, "D")}


@dataclass(frozen=True)
class Own:
    """Real-time factor, energy per synaptic event (None if not measured) and drive of a run."""

    real_time_factor: float
    energy_uj: float | None
    drive: str


def published_picture(results: Sequence[Published], own: Own) -> Picture:
    """Energy per synaptic event over the real-time factor; published results are numbered as in the table."""
    figure, (axes,) = new_figure(3.9)
    known = [(number, one, one.energy_uj) for number, one in enumerate(results, 1) if one.energy_uj is not None]
    x = [*(one.real_time_factor for _, one, _ in known), own.real_time_factor]
    y = [*(energy for _, _, energy in known), *([] if own.energy_uj is None else [own.energy_uj])]
    set_log_axis(axes, "x", x)
    set_log_axis(axes, "y", y)
    for _, one, energy in known:
        colour, marker = KINDS.get(one.kind, (FAINT, "v"))
        face = "white" if one.drive == "dc" else colour
        axes.plot([one.real_time_factor], [energy], marker, color=colour, mfc=face, mew=1.2, ms=6)
    for kind, (colour, marker) in KINDS.items():
        axes.plot([], [], marker, color=colour, ms=6, label=kind)
    if own.energy_uj is None:
        axes.axvline(own.real_time_factor, color=MAGENTA, lw=1.2, ls="--", label="this run, energy not measured")
    else:
        face = "white" if own.drive == "dc" else MAGENTA
        axes.plot([own.real_time_factor], [own.energy_uj], "*", color=MAGENTA, mfc=face, ms=14, label="this run")
    labels = [Label(one.real_time_factor, energy, str(number), INK) for number, one, energy in known]
    set_labels(axes, labels, axes.get_xlim(), axes.get_ylim(), SIZE_PT)
    axes.set_xlabel("real-time factor")
    axes.set_ylabel("energy per synaptic event (µJ)")
    axes.grid()
    figure.legend(loc="outside upper left", ncols=3, columnspacing=1.2)
    measured = "not measured" if own.energy_uj is None else f"{own.energy_uj:.3g} microjoule"
    description = (
        f"Energy per synaptic event as a function of the real-time factor of {len(known)} published simulations, "
        f"listed in the table; this run: real-time factor {own.real_time_factor:.4g}, energy {measured}."
    )
    caption = (
        "Numbers refer to the table. Filled marks: Poisson drive; hollow marks: direct current. Points further down "
        "and to the left are better."
    )
    return Picture("published", "Published simulations of this network.", description, figure, caption)
