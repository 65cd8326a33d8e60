"""Colours, sizes and settings of all figures.

The colours are from Paul Tol's *bright* and *vibrant* schemes, which remain distinct for all kinds of colour vision;
lines and marks of different colours also differ in shape, width or label. Reference: P. Tol, Colour schemes,
SRON/EPS/TN/09-002.
"""

import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from simcore.errors import UnavailableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT, GRID = "#222222", "#666666", "#DDDDDD"
BLUE, RED, ORANGE, TEAL, CYAN, MAGENTA, GREY, YELLOW = (
    "#0077BB", "#CC3311", "#EE7733", "#009988", "#33BBEE", "#EE3377", "#BBBBBB", "#DDAA33"
)  # fmt: skip
ON_COLOUR = {
    BLUE: "white", RED: "white", ORANGE: "black", TEAL: "white", CYAN: "black", MAGENTA: "white", GREY: "black",
    YELLOW: "black", FAINT: "white",
}  # fmt: skip
"""Colours of text on bars; they are legible on light pages and with the filter of dark pages."""
SERIES = (BLUE, ORANGE, TEAL, MAGENTA, CYAN, RED)
MARKERS = ("o", "s", "^", "D", "v", "P")
PHASES = {"update": BLUE, "deliver": ORANGE, "communicate": TEAL, "record": MAGENTA, "other": GREY}
BEYOND = 1.35
"""Factor by which a logarithmic axis extends beyond its values."""
FEW_TICKS: Sequence[Sequence[float]] = ((1,),)
TICKS: Sequence[Sequence[float]] = ((1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7))
"""Ticks of a logarithmic axis as factors of powers of ten; the last are for axes on which the first leave one tick."""
WIDTH_IN = 5.0
"""Width of every figure: about that of a phone's screen, so that text stays legible."""

SETTINGS: Mapping[str, object] = {
    # Text is not converted to paths, so that it can be read aloud, searched and set in the reader's font.
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.labelsize": 8.5,
    "figure.labelsize": 8.5,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "text.parse_math": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 1.5,
    "lines.markersize": 5,
    "path.simplify": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


@contextmanager
def drawing() -> Iterator[None]:
    """Context with the settings of all figures; settings of the process and of the user's files are ignored.

    Raises
    ------
    UnavailableError
        If matplotlib is not installed.
    """
    try:
        from matplotlib import style
    except ImportError as error:
        raise UnavailableError("matplotlib is not installed: pip install 'benchnn[report]'") from error
    with style.context(["default", dict(SETTINGS)]), warnings.catch_warnings():
        # The page uses the reader's fonts, so letters that matplotlib's font lacks do no harm.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def new_figure(height_in: float, rows: int = 1, columns: int = 1, sharex: bool = False) -> "tuple[Figure, list[Axes]]":
    """Return a figure of the common width, and its axes row by row."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=sharex)
    return figure, list(axes.flat)


def plain(text: str) -> str:
    """Replace control characters, which SVG cannot contain, by spaces."""
    return "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in text)


def shortened(text: str, length: int = 28) -> str:
    """Shorten a text for a label."""
    text = plain(text)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def on_log_axis(values: Sequence[float]) -> "tuple[list[float], list[str]]":
    """Ticks at 1, 2 and 5 times powers of ten around positive values, and their labels.

    If the values span more than 50, ticks are at powers of ten; if only one tick would be shown, there are more.
    """
    import math

    low, high = min(values), max(values)
    decades = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
    for mantissas in FEW_TICKS if high / low > 50 else TICKS:
        every = [float(f"{mantissa}e{decade}") for decade in decades for mantissa in mantissas]
        if sum(low / BEYOND <= tick <= high * BEYOND for tick in every) > 1:
            break
    ticks = [tick for tick in every if low / 2.5 <= tick <= high * 2.5]
    return ticks, [f"{tick:,.10g}" for tick in ticks]


def set_log_axis(axes: "Axes", which: str, values: Sequence[float]) -> None:
    """Make an axis logarithmic, with plain numbers as tick labels."""
    from matplotlib.ticker import NullFormatter, NullLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    ticks, labels = on_log_axis(values)
    axis.set_ticks(ticks, labels)
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
    (axes.set_xlim if which == "x" else axes.set_ylim)(min(values) / BEYOND, max(values) * BEYOND)
