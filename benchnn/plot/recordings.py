"""Rasters, traces, and distributions of rates, irregularity and correlations."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchnn.plot.canvas import canvas
from benchnn.report.figures.distributions import CORRELATIONS, CV, RATES, Quantity, draw_densities
from benchnn.report.figures.populations import MAX_SHOWN
from benchnn.report.figures.raster import SHOWN_MS, can_be_shown, draw_raster
from benchnn.report.style import SERIES
from benchnn.statistics.statistics import statistics_of
from simcore.errors import choice, keywords_known, number, require
from simcore.recording.recorded_traces import Traces
from simcore.recording.spikes import Spikes
from simcore.recording.trace_files import unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = tuple((colour, dashes) for dashes in ("-", "--", ":") for colour in SERIES)
MAX_TRACES = 12


@keywords_known
def raster(spikes: Spikes, axes: "Axes | None" = None, *, last_ms: float = SHOWN_MS) -> "Axes":
    """Draw the spikes of some neurons of each population.

    Parameters
    ----------
    spikes
        Spikes that `Simulator.spikes` returned, or `Run.spikes`.
    axes
        Axes to draw into; the axes of a new figure by default.
    last_ms
        Duration that is shown, up to the end of the recording.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    InputError
        If the recording has no neurons or no duration.
    UnavailableError
        If matplotlib is not installed.
    """
    _require_spikes(spikes)
    require(number(last_ms, "last_ms") > 0.0, "last_ms", last_ms, "must be > 0")
    with canvas(axes, 4.6) as where:
        draw_raster(where, spikes, last_ms)
    return where


@keywords_known
def rates(spikes: Spikes, axes: "Axes | None" = None) -> "Axes":
    """Draw the distribution of the rates of single neurons, a line for each population.

    Parameters
    ----------
    spikes
        Spikes that `Simulator.spikes` returned, or `Run.spikes`.
    axes
        Axes to draw into; the axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    InputError
        If the recording has no neurons or no duration.
    UnavailableError
        If matplotlib is not installed.
    """
    return _distribution(RATES, spikes, axes)


@keywords_known
def cv(spikes: Spikes, axes: "Axes | None" = None) -> "Axes":
    """Draw the distribution of the coefficient of variation of the intervals between the spikes of a neuron.

    Parameters
    ----------
    spikes
        Spikes that `Simulator.spikes` returned, or `Run.spikes`.
    axes
        Axes to draw into; the axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    InputError
        If no neuron has three spikes.
    UnavailableError
        If matplotlib is not installed.
    """
    return _distribution(CV, spikes, axes)


@keywords_known
def correlations(spikes: Spikes, axes: "Axes | None" = None) -> "Axes":
    """Draw the distribution of the correlations of spike counts in 2 ms, of pairs of at most 250 neurons each.

    Parameters
    ----------
    spikes
        Spikes that `Simulator.spikes` returned, or `Run.spikes`.
    axes
        Axes to draw into; the axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    InputError
        If no two neurons of a population have spikes.
    UnavailableError
        If matplotlib is not installed.
    """
    return _distribution(CORRELATIONS, spikes, axes)


@keywords_known
def traces(traces: Traces, axes: "Axes | None" = None, *, variable: str | None = None) -> "Axes":
    """Draw the traces of one variable, at most 12 of them.

    Parameters
    ----------
    traces
        Traces that `Simulator.traces` returned, or `Run.traces`.
    axes
        Axes to draw into; the axes of a new figure by default.
    variable
        Name of the variable; the first recorded one by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    InputError
        If the variable was not recorded.
    UnavailableError
        If matplotlib is not installed.
    """
    usable = isinstance(traces, Traces) and len(traces) > 0
    require(usable, "traces", traces, "use traces that Simulator.traces returned")
    recorded = list(dict.fromkeys(name for _, _, name in traces))
    chosen = recorded[0] if variable is None else choice(variable, "variable", recorded)
    shown = [key for key in traces if key[2] == chosen][:MAX_TRACES]
    with canvas(axes, 2.6) as where:
        for index, (population, neuron, name) in enumerate(shown):
            colour, dashes = LINES[index % len(LINES)]
            values = traces[population, neuron, name]
            where.plot(traces.times_ms, values, color=colour, ls=dashes, lw=0.9, label=f"{population} {neuron}")
        where.set_xlabel("model time (ms)")
        where.set_ylabel(f"{chosen} ({unit_of(chosen)})")
        where.margins(x=0.0)
        if len(shown) > 1:
            where.legend(ncols=min(4, len(shown)), loc="lower left", bbox_to_anchor=(0.0, 1.0))
    return where


def _distribution(quantity: Quantity, spikes: Spikes, axes: "Axes | None") -> "Axes":
    _require_spikes(spikes)
    own = statistics_of(spikes)
    known = {name: quantity.values(one) for name, one in own.items() if len(quantity.values(one))}
    require(bool(known), "spikes", spikes, f"it contains too few spikes for the {quantity.unit}")
    shown: Sequence[str] = list(known)[:MAX_SHOWN]
    time_ms = (spikes.stop_step - spikes.start_step) * spikes.resolution_ms
    with canvas(axes, 2.6) as where:
        draw_densities(where, quantity, [[known[name]] for name in shown], time_ms, shown, LINES)
        where.set_xlabel(quantity.unit)
        where.set_ylabel("probability density")
        where.legend(ncols=min(4, len(shown)), loc="lower left", bbox_to_anchor=(0.0, 1.0))
    return where


def _require_spikes(spikes: object) -> None:
    usable = isinstance(spikes, Spikes) and can_be_shown(spikes)
    allowed = "use spikes that Simulator.spikes returned, with at least one neuron and a duration above 0"
    require(usable, "spikes", spikes, allowed)
