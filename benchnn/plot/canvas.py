"""Axes to draw into: those of the caller, or new ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchnn.report.style import WIDTH_IN, drawing
from simcore.errors import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@contextmanager
def canvas(axes: "Axes | None", height_in: float) -> Iterator["Axes"]:
    """Given axes, or those of a new figure of pyplot; new ones have the settings of the report's figures.

    Raises
    ------
    InputError
        If `axes` is not a Matplotlib axes object.
    UnavailableError
        If matplotlib is not installed.
    """
    with drawing():
        from matplotlib.axes import Axes as Known
    require(axes is None or isinstance(axes, Known), "axes", axes, "use axes of matplotlib, or omit the argument")
    if axes is None:
        from matplotlib import pyplot

        # The first figure makes pyplot choose and set up its backend; in a notebook, that must outlast the settings.
        figure = pyplot.figure(figsize=(WIDTH_IN, height_in), layout="constrained")
        with drawing():
            axes = figure.subplots()
    with drawing():
        yield axes
