"""What a page shows of the energy of a run."""

from benchnn.record.reading import Record
from benchnn.report.figures.published import Own, published_picture
from benchnn.report.picture import Picture
from benchnn.report.published import LIST, LIST_URL, Published, is_published_network, published_results
from benchnn.report.section import Chapter, told
from simcore.display.markup import Markup, link, note, pairs, table
from simcore.display.numbers import HTML

COMPARABLE_MS = 10_000.0
"""Model time that published results are measured over, at least."""
UNKNOWN = "not measured"
WINDOWS = {"construction_j": "construction", "warmup_j": "warm-up", "propagation_j": "state propagation"}


def energy_chapter(record: Record) -> Chapter:
    """Energy that was measured, or why none was; and the run among published ones where it may be compared."""
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
        content.append(note(f"Estimate, no measurement: {total}, {value} µJ per synaptic event ({basis})."))
    return Chapter("Energy", [*content, *_among_published(record, per_event)])


def _totals(record: Record, per_event: float | None) -> Markup:
    part = record.part("energy")
    each = f"{HTML.figures(per_event, 3)} µJ"
    rows: list[tuple[str, str]] = [
        ("covers", ", ".join(map(str, part.list("covers"))) or HTML.absent),
        *(
            (name, told(record, f"energy.{key}", HTML.joules(record.number(f"energy.{key}")), UNKNOWN))
            for key, name in WINDOWS.items()
        ),
        ("mean power", told(record, "energy.mean_power_w", f"{HTML.figures(part.number('mean_power_w'))} W", UNKNOWN)),
        ("idle power before", told(record, "energy.idle_w", f"{HTML.figures(part.number('idle_w'))} W", UNKNOWN)),
        (
            "per synaptic event",
            told(record, "energy_per_synaptic_event_uj", each, UNKNOWN),
        ),
    ]
    return pairs("Energy; idle power is not subtracted", rows)


def _domains(part: Record) -> list[Markup]:
    rows = [
        (
            one.text("host") or "outside",
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
    """The run among published results."""
    if record.part("model").text("name") != "pd14":
        return []
    if not is_published_network(record):
        why = "pd14 at full scale with the parameters that it has by default"
        return [note(f"No published results beside this run: they are of {why}.")]
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
        sentences.append(f"The energy of this run is not known ({reason}): only its real-time factor is marked.")
    else:
        covers = ", ".join(map(str, record.part("energy").list("covers"))) or "unknown parts"
        sentences.append(f"The energy of this run covers: {covers}.")
        sentences.append("Published energies are measured at the power outlet; what covers less is a lower bound.")
    timed = record.number("time.timed_ms")
    if timed is not None and timed < COMPARABLE_MS:
        sentences.append(f"This run was timed over {timed:,g} ms; published results over 10,000 ms or more.")
    sentences.append("Runs with a direct current and with Poisson drive do different work.")
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
    origin = note(["Values as listed by ", link(LIST_URL, LIST), ", unless remarked."])
    return [table("Published simulations of the cortical microcircuit", head, rows, (5, 6)), origin]
