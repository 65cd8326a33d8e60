"""The chapter of a page about the energy of a run."""

from benchnn.record.reading import Record
from benchnn.report.figures.published import Own, published_picture
from benchnn.report.picture import Picture
from benchnn.report.published import LIST, LIST_URL, Published, is_published_network, published_results
from benchnn.report.section import Chapter, value_or_reason
from simcore.display.markup import Markup, link, note, pairs, table
from simcore.display.numbers import HTML

COMPARABLE_MS = 10_000.0
"""Shortest model time of a published measurement."""
UNKNOWN = "not measured"
WINDOWS = {"construction_j": "construction", "warmup_j": "warm-up", "propagation_j": "state propagation"}


def energy_chapter(record: Record) -> Chapter:
    """Measured energy, or the reason why it is missing; and published results if they are comparable."""
    content: list[Picture | Markup] = []
    per_event = record.number("energy_per_synaptic_event_uj")
    if record.get("energy") is None:
        content.append(note(f"Energy was not measured: {record.reason('energy')}."))
    else:
        content += [_totals(record, per_event), *_domains(record.part("energy"))]
    estimate = record.part("energy_estimate")
    if estimate.values:
        value = HTML.figures(estimate.number("per_synaptic_event_uj"), 3)
        basis = estimate.text("basis") or "basis unknown"
        total = HTML.joules(estimate.number("propagation_j"))
        content.append(note(f"Estimated, not measured: {total}, {value} µJ per synaptic event ({basis})."))
    return Chapter("Energy", [*content, *_among_published(record, per_event)])


def _totals(record: Record, per_event: float | None) -> Markup:
    part = record.part("energy")
    each = f"{HTML.figures(per_event, 3)} µJ"
    rows: list[tuple[str, str]] = [
        ("covers", ", ".join(map(str, part.list("covers"))) or HTML.absent),
        *(
            (name, value_or_reason(record, f"energy.{key}", HTML.joules(record.number(f"energy.{key}")), UNKNOWN))
            for key, name in WINDOWS.items()
        ),
        (
            "mean power",
            value_or_reason(record, "energy.mean_power_w", f"{HTML.figures(part.number('mean_power_w'))} W", UNKNOWN),
        ),
        (
            "idle power before the run",
            value_or_reason(record, "energy.idle_w", f"{HTML.figures(part.number('idle_w'))} W", UNKNOWN),
        ),
        (
            "per synaptic event",
            value_or_reason(record, "energy_per_synaptic_event_uj", each, UNKNOWN),
        ),
    ]
    return pairs("Energy; idle power is not subtracted", rows)


def _domains(part: Record) -> list[Markup]:
    rows = [
        (
            one.text("host") or "external",
            f"{one.text('meter') or HTML.absent} {one.text('domain') or ''}",
            one.text("covers") or HTML.absent,
            "yes" if one.flag("counted") else "no",
            *(HTML.joules(one.number(key)) for key in WINDOWS),
            one.text("fault") or "",
        )
        for one in part.parts("domains")
    ]
    head = ("host", "meter and domain", "covers", "counted", *WINDOWS.values(), "fault")
    return [table("Energy by domain", head, rows, (4, 5, 6))] if rows else []


def _among_published(record: Record, per_event: float | None) -> list[Picture | Markup]:
    """The run and published results."""
    if record.part("model").text("name") != "pd14":
        return []
    if not is_published_network(record):
        why = "pd14 at full scale with its default parameters"
        return [note(f"Published results are not shown: they were obtained with {why}.")]
    rtf = record.number("real_time_factor")
    if rtf is None:
        return []
    results = published_results()
    own = Own(rtf, per_event, record.text("model.parameters.input") or "unknown")
    return [published_picture(results, own), note(_comparability(record, per_event)), *_table(results)]


def _comparability(record: Record, per_event: float | None) -> str:
    sentences = []
    if per_event is None:
        reason = record.reason("energy_per_synaptic_event_uj")
        sentences.append(f"The energy of this run is unknown ({reason}); the figure marks only its real-time factor.")
    else:
        covers = ", ".join(map(str, record.part("energy").list("covers"))) or "unknown parts"
        sentences.append(f"The energy of this run covers: {covers}.")
        sentences.append(
            "Published energies are measured at the power outlet; a measurement that covers less is a lower bound."
        )
    timed = record.number("time.timed_ms")
    if timed is not None and timed < COMPARABLE_MS:
        sentences.append(f"This run was timed over {timed:,g} ms, published results over at least 10,000 ms.")
    sentences.append("Runs with direct current and runs with Poisson drive do different amounts of work.")
    return " ".join(sentences)


def _table(results: list[Published]) -> list[Markup]:
    rows = [
        (
            str(number),
            f"{one.authors} {one.year}",
            one.simulator,
            f"{one.kind}: {one.hardware}",
            "direct current" if one.drive == "dc" else "Poisson",
            HTML.figures(one.real_time_factor),
            HTML.figures(one.energy_uj, 3),
            one.source if one.doi is None else link(f"https://doi.org/{one.doi}", one.source),
            one.remark,
        )
        for number, one in enumerate(results, 1)
    ]
    head = ("no.", "authors", "simulator", "hardware", "drive", "RTF", "µJ per event", "source", "remark")
    origin = note(["Values are those listed by ", link(LIST_URL, LIST), " unless the remark gives another source."])
    return [table("Published simulations of the cortical microcircuit", head, rows, (5, 6)), origin]
