"""Tables of the distances between spike trains."""

from benchnn.record.reading import Record
from benchnn.statistics.train_distances import COINCIDENT, VAN_ROSSUM, VICTOR_PURPURA
from simcore.display.markup import Markup, note, table
from simcore.display.numbers import HTML


def train_distance_tables(record: Record) -> list[Markup]:
    """One table for each pair of recordings of a comparison or validation; empty if spike trains were not compared."""
    part = record.part("train_distances")
    titles = {
        COINCIDENT: f"coincident spikes, within {part.text('coincidence_steps')} steps",
        VAN_ROSSUM: f"van Rossum distance, {HTML.milliseconds(part.number('van_rossum_tau_ms'))}",
        VICTOR_PURPURA: f"Victor-Purpura distance, {HTML.figures(part.number('victor_purpura_cost_hz'))} 1/s",
    }
    shown = []
    for number, pair in enumerate(part.parts("pairs")):
        rows, reasons = [], []
        for name, measures in pair.named_parts("populations"):
            rows.append((name, *(_cell(measures, measure) for measure in titles)))
            place = f"train_distances.pairs.{number}.populations.{name}"
            reasons += [record.reason(f"{place}.{key}") for key in titles if measures.get(key) is None]
        caption = f"Spike trains, {pair.text('candidate')} against {pair.text('reference')}"
        head = ("population", *titles.values())
        shown.append(table(f"{caption}: mean over neurons [95 % interval]", head, rows, (1, 2, 3)))
        shown += [note(f"{why[:1].upper()}{why[1:]}.") for why in dict.fromkeys(reasons)]
    return shown


def _cell(measures: Record, measure: str) -> str:
    value = measures.part(measure)
    if not value.values:
        return HTML.absent
    low, high = (HTML.figures(value.number(end), 3) for end in ("low", "high"))
    return f"{HTML.figures(value.number('mean'))} [{low}, {high}]"
