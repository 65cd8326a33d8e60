"""The chapter of a page about the prediction of a scaling series."""

from benchnn.record.reading import Record
from benchnn.report.figures.prediction import Estimate, PredictedPoint, prediction_picture
from benchnn.report.picture import Picture
from benchnn.report.published_scaling import PublishedCurve, published_curves
from benchnn.report.section import Chapter
from simcore.display.markup import Markup, alert, link, note, pairs, table
from simcore.display.numbers import HTML
from simcore.display.words import counted

PARTS = ("deliver", "update", "exchange", "unpack", "other")
QUANTITIES = {
    "real_time_factor": "real-time factor",
    "deliver_us_per_step": "deliver",
    "update_us_per_step": "update",
    "construction_s": "network construction",
    "peak_rss_bytes": "peak memory",
    "spikes_per_model_s": "spikes",
    "events_per_model_s": "synaptic events",
    "bytes_sent_per_exchange": "bytes sent",
}
"""Quantities with a band, and their names on the page."""


def prediction_chapter(record: Record) -> list[Chapter]:
    """The chapter of the prediction; empty if nothing was predicted."""
    if record.get("prediction") is None:
        return []
    prediction, kind = record.part("prediction"), record.text("kind") or HTML.absent
    rows = prediction.parts("rows")
    curves = published_curves(record.text("model") or "", kind)
    points = [_point(row) for row in rows]
    content: list[Picture | Markup] = []
    if any(point.rtf is not None for point in points):
        content.append(prediction_picture(points, curves, kind))
    content += [*_failures(prediction, rows), _values(rows), *_band(prediction), _steps(rows), _costs(prediction)]
    return [Chapter("Prediction", [*content, *_published(curves)])]


def _point(row: Record) -> PredictedPoint:
    return PredictedPoint(
        round(row.number("ranks") or 0),
        round(row.number("threads") or 0),
        _estimate(row, "real_time_factor"),
        _estimate(row, "peak_rss_bytes", 1e-9),
        _estimate(row, "construction_s"),
    )


def _estimate(row: Record, key: str, factor: float = 1.0) -> Estimate | None:
    predicted, low, high, measured = (row.number(f"{key}.{part}") for part in ("predicted", "low", "high", "measured"))

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    # A logarithmic axis cannot show 0.
    if not predicted:
        return None
    return Estimate(predicted * factor, scaled(low), scaled(high), scaled(measured) or None)


def _failures(prediction: Record, rows: list[Record]) -> list[Markup]:
    found = [
        alert(f"Not predicted: {row.text('layout')}: {row.reason('real_time_factor')}.")
        for row in rows
        if row.get("real_time_factor") is None
    ]
    if not prediction.flag("complete"):
        found.append(alert("The prediction is not complete."))
    return found


def _layout(row: Record) -> str:
    return f"{HTML.count(row.number('ranks'))} x {HTML.count(row.number('threads'))}"


def _band_text(estimate: Estimate | None) -> str:
    if estimate is None or estimate.low is None or estimate.high is None:
        return "none"
    return f"{HTML.figures(estimate.low)} to {HTML.figures(estimate.high)}"


def _values(rows: list[Record]) -> Markup:
    head = (
        "ranks x threads", "neurons", "RTF", "band", "measured", "efficiency", "construction", "peak memory per rank",
        "rates",
    )  # fmt: skip
    cells = []
    for row in rows:
        rtf = _estimate(row, "real_time_factor")
        cells.append(
            (
                _layout(row),
                HTML.count(row.number("neurons")),
                HTML.figures(None if rtf is None else rtf.predicted),
                _band_text(rtf),
                HTML.figures(None if rtf is None else rtf.measured) if row.flag("run_here") else "",
                HTML.share(row.number("efficiency")),
                HTML.seconds(row.number("construction_s.predicted")),
                HTML.size(row.number("peak_rss_bytes.predicted")),
                row.text("rates_source") or HTML.absent,
            )
        )
    return table("Predictions from dry runs of selected ranks", head, cells, range(1, 8))


def _band(prediction: Record) -> list[Markup]:
    """The factors of the bands, and the numbers of layouts that they follow from."""
    factors = [(name, prediction.number(f"band_factors.{name}")) for name in prediction.part("band_factors").values]
    rows = [
        (QUANTITIES.get(name, name), f"{factor:.3g}", HTML.count(prediction.number(f"band_layouts.{name}")))
        for name, factor in factors
        if factor is not None
    ]
    if not rows:
        return [note("The prediction has no band, because no layout was both run and predicted.")]
    share = HTML.share(prediction.number("confidence"))
    sentences = [
        f"A measured value is expected to be within the band, from the prediction divided by the factor to the "
        f"prediction times the factor, with a probability of {share}.",
        "The factor of a quantity follows from the errors on the layouts that were both run and predicted.",
    ]
    tried, inside = (prediction.number(key) for key in ("tried_values", "tried_inside"))
    if tried:
        sentences.append(
            f"{inside:.0f} of {tried:.0f} measured values are within the band that follows from the other layouts."
        )
    bands = table("Bands of the predictions", ("quantity", "factor", "layouts"), rows, (1, 2))
    return [note(" ".join(sentences)), bands]


def _steps(rows: list[Record]) -> Markup:
    cells = [(_layout(row), *(HTML.figures(row.number(f"parts_us_per_step.{part}")) for part in PARTS)) for row in rows]
    head = ("ranks x threads", *PARTS)
    return table("Parts of a step (µs) of the slowest rank of the dry runs", head, cells, range(1, 6))


def _costs(prediction: Record) -> Markup:
    rows = []
    for name, key in (("predicted machine", "communication"), ("machine of the real runs", "communication_here")):
        part = prediction.part(key)
        if part.values:
            per_node = round(part.number("ranks_per_node") or 1)
            costs = f"{HTML.figures(part.number('latency_us'))} µs, {HTML.figures(part.number('bandwidth_gb_s'))} GB/s"
            rows.append((name, f"{costs}, {counted(per_node, 'rank')} per node; {part.text('source')}"))
            inside = part.part("inside_node")
            if inside.values:
                near = f"{HTML.figures(inside.number('latency_us'))} µs, "
                near += f"{HTML.figures(inside.number('bandwidth_gb_s'))} GB/s; {inside.text('source')}"
                rows.append((f"{name}, within a node", near))
    return pairs("Costs of messages", rows) if rows else note("A single rank does not exchange messages.")


def _published(curves: list[PublishedCurve]) -> list[Markup]:
    """The sources of published curves."""
    if not curves:
        return []
    rows = [
        (
            curve.simulator,
            curve.hardware,
            f"{point.units:,} {curve.unit}{'s' if point.units > 1 else ''}",
            HTML.figures(point.real_time_factor),
            HTML.seconds(point.construction_s),
            link(curve.url, curve.source),
        )
        for curve in curves
        for point in curve.points
    ]
    head = ("simulator", "hardware", "size", "RTF", "construction", "source")
    return [table("Published, on other hardware", head, rows, (3, 4))]
