"""Distributions of rates, irregularity and correlations by population."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchnn.report.figures.populations import MAX_SHOWN
from benchnn.report.picture import Picture
from benchnn.report.style import BLUE, INK, MAGENTA, ORANGE, TEAL, new_figure, shortened
from benchnn.statistics.distances import Recording
from benchnn.statistics.statistics import PopulationStatistics

if TYPE_CHECKING:
    from matplotlib.axes import Axes
from collections.abc import Mapping
from dataclasses import replace

from benchnn.record.reading import Record
from benchnn.statistics.statistics_set import StatisticsSet, require_same_network
from simcore.display.markup import Markup, note

FloatArray = npt.NDArray[np.float64]

LINES = ((BLUE, "-"), (INK, "--"), (ORANGE, "-."), (TEAL, ":"), (MAGENTA, "-"))
BINS = 32
TAIL = 0.005
"""Share of the values that may lie outside the axis on each side."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Recordings of one simulator or side, of equal length."""

    label: str
    recordings: Sequence[Recording]
    time_ms: float


@dataclass(frozen=True)
class Quantity:
    """A statistic: its names, its unit, and the function that extracts its values."""

    name: str
    title: str
    unit: str
    values: Callable[[PopulationStatistics], FloatArray]


RATES = Quantity("rates", "Rates of single neurons", "rate (1/s)", lambda own: own.rates_hz)
CV = Quantity("cv", "Irregularity", "CV of the interspike intervals", lambda own: own.cv_isi)
CORRELATIONS = Quantity("correlations", "Pairwise correlations", "correlation, 2 ms bins", lambda own: own.correlations)
QUANTITIES = (RATES, CV, CORRELATIONS)


def distribution_pictures(samples: Sequence[Sample]) -> list[Picture]:
    """One figure for each statistic, with one panel for each population; statistics without values are left out.

    Parameters
    ----------
    samples
        At least one; all have the same populations.
    """
    populations = list(samples[0].recordings[0])[:MAX_SHOWN]
    pictures = (_picture(quantity, samples, populations) for quantity in QUANTITIES)
    return [picture for picture in pictures if picture is not None]


def _picture(quantity: Quantity, samples: Sequence[Sample], populations: Sequence[str]) -> Picture | None:
    shown = [
        population
        for population in populations
        if any(len(quantity.values(one[population])) for sample in samples for one in sample.recordings)
    ]
    if not shown:
        return None
    rows = -(-len(shown) // 2)
    figure, axes = new_figure(0.75 + 1.2 * rows, rows, 2)
    for panel in axes[len(shown) :]:
        panel.set_visible(False)
    means = []
    for panel, population in zip(axes, shown, strict=False):
        gathered = [[quantity.values(one[population]) for one in sample.recordings] for sample in samples]
        labels = [sample.label for sample in samples]
        draw_densities(panel, quantity, gathered, min(sample.time_ms for sample in samples), labels)
        panel.set_title(shortened(population), loc="left")
        means.append(f"{population} " + " and ".join(_mean(values) for values in gathered))
    for panel in axes[max(0, len(shown) - 2) : len(shown)]:
        panel.set_xlabel(quantity.unit)
    figure.supylabel("probability density")
    handles, labels = axes[0].get_legend_handles_labels()
    if len(labels) > 1:
        figure.legend(handles, labels, loc="outside upper left", ncols=min(3, len(labels)))
    of = " and ".join(sample.label for sample in samples)
    description = f"{quantity.title} of {of}, means by population: {', '.join(means)}."
    return Picture(quantity.name, f"{quantity.title}.", description, figure, _caption(samples))


def _caption(samples: Sequence[Sample]) -> str:
    several = any(len(sample.recordings) > 1 for sample in samples)
    spread = "Lines are means over recordings, bands their range. " if several else ""
    counts = (f"{sample.label}: {_recordings(len(sample.recordings))} of {sample.time_ms:g} ms" for sample in samples)
    return f"{spread}{'; '.join(counts)}. At most {TAIL * 200:g} % of the values lie outside the axes."


def _recordings(number: int) -> str:
    return f"{number} recording{'' if number == 1 else 's'}"


def _mean(values: Sequence[FloatArray]) -> str:
    pooled = np.concatenate(values)
    return f"{pooled.mean():.4g}" if len(pooled) else "none"


def _edges(quantity: Quantity, gathered: Sequence[Sequence[FloatArray]], time_ms: float) -> FloatArray:
    """Edges of the bins; bins of rates contain equal numbers of possible spike counts."""
    pooled = np.concatenate([values for recordings in gathered for values in recordings])
    if quantity.name == "rates":
        step = 1e3 / time_ms
        high = float(np.quantile(pooled, 1.0 - TAIL))
        width = step * max(1, round(high / step / BINS))
        return np.asarray(np.arange(-0.5 * step, high + 1.5 * width, width))
    low, high = np.quantile(pooled, [TAIL, 1.0 - TAIL]).tolist()
    margin = max(1e-3 * abs(high), 1e-6)
    return np.linspace(low - margin, high + margin, BINS + 1)


def draw_densities(
    axes: "Axes",
    quantity: Quantity,
    gathered: Sequence[Sequence[FloatArray]],
    time_ms: float,
    labels: Sequence[str],
    lines: Sequence[tuple[str, str]] = LINES,
) -> None:
    """Draw the probability density of recorded values, one line for each entry of `gathered`.

    Parameters
    ----------
    axes
        Axes to draw on.
    quantity
        The statistic that the values belong to.
    gathered
        For each line the values of its recordings; at least one value in total.
    time_ms
        Duration of the shortest recording.
    labels
        Labels of the lines.
    lines
        Colours and dashes, used in turn.
    """
    edges = _edges(quantity, gathered, time_ms)
    for index, (recordings, label) in enumerate(zip(gathered, labels, strict=True)):
        colour, dashes = lines[index % len(lines)]
        densities = np.array([_density(values, edges) for values in recordings if len(values)])
        if not len(densities):
            continue
        axes.stairs(densities.mean(axis=0), edges, color=colour, ls=dashes, lw=1.3, label=shortened(label))
        if len(densities) > 1:
            low, high = densities.min(axis=0), densities.max(axis=0)
            axes.stairs(high, edges, baseline=low, fill=True, color=colour, alpha=0.2, lw=0)
    axes.set_xlim(0.0 if quantity.name == "rates" else edges[0], edges[-1])
    axes.set_ylim(bottom=0.0)
    axes.locator_params(axis="y", nbins=3)
    axes.locator_params(axis="x", nbins=5)


def _density(values: FloatArray, edges: FloatArray) -> FloatArray:
    """Share of all values in each bin, divided by its width."""
    return np.asarray(np.histogram(values, edges)[0] / (len(values) * np.diff(edges)))


def overlaid_distributions(
    samples: Sequence[Sample], model: Record, sizes: Mapping[str, int], reference: StatisticsSet | None
) -> list[Picture | Markup]:
    """Distributions of samples and, if given, of a reference.

    Parameters
    ----------
    samples
        At least one.
    model
        The part ``model`` of their record, with name and parameters.
    sizes
        Neurons of each population.
    reference
        Statistics of the same network. If its recordings differ in length, a note says so.

    Raises
    ------
    InputError
        If the reference describes another network.
    """
    if reference is None:
        return list(distribution_pictures(samples))
    name, parameters = model.text("name") or "", model.part("parameters").values
    own = replace(reference, model=name, parameters=dict(parameters), sizes=dict(sizes))
    require_same_network(own, reference)
    overlaid = Sample(f"reference: {reference.simulator}", reference.recordings, reference.time_ms)
    pictures: list[Picture | Markup] = [*distribution_pictures([*samples, overlaid])]
    if any(abs(sample.time_ms - reference.time_ms) > 1e-6 for sample in samples):
        pictures.append(note("Recordings differ in length: distributions from longer recordings are narrower."))
    return pictures
