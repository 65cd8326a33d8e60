"""The chapter of a page about the plastic synapses of a run."""

from benchnn.record.folder import WEIGHTS
from benchnn.record.plasticity import UPDATES
from benchnn.record.reading import Record
from benchnn.report.figures.weights import weights_picture
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, value_or_reason
from benchnn.report.sources import RunSource
from simcore.display.markup import Markup, note, pairs, table
from simcore.display.numbers import HTML
from simcore.recording.weights_file import read_weights

HEAD = ("projection", "rule", "synapses", "mean", "sd", "min", "max", "unit", *UPDATES)


def plasticity_chapters(source: RunSource) -> list[Chapter]:
    """The chapter of the plastic synapses of a run; empty if the network has none.

    Raises
    ------
    InputError
        If the file of the weights is damaged.
    """
    record, path = source.record, source.folder / WEIGHTS
    if record.get("plasticity") is None:
        return []
    rows = [_row(number, part) for number, part in record.named_parts("plasticity")]
    numbers = [column for column in range(2, len(HEAD)) if HEAD[column] != "unit"]
    caption = "Weights at the end of the run, and updates in the measured window"
    content: list[Picture | Markup] = [table(caption, HEAD, rows, numbers)]
    picture = weights_picture(read_weights(path)) if path.is_file() else None
    if picture is None:
        content.append(note("Weights were not recorded; record them with --record weights:PROJECTION:EVERY_MS."))
    else:
        content.append(picture)
    digest = [("weights", value_or_reason(record, "weight_digest"))]
    content.append(pairs("Runs with equal digests have equal weights", digest))
    return [Chapter("Plasticity", content)]


def _row(number: str, part: Record) -> tuple[str, ...]:
    name = f"{number}: {part.text('projection') or HTML.absent}"
    weights = (HTML.figures(part.number(key)) for key in ("mean", "sd", "min", "max"))
    counts = (HTML.count(part.number(key)) for key in UPDATES)
    rule, unit = (part.text(key) or HTML.absent for key in ("rule", "weight_unit"))
    return (name, rule, HTML.count(part.number("synapses")), *weights, unit, *counts)
