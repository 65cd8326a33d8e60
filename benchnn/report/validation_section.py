"""The section of a page about a validation."""

from benchnn.record.reading import Record
from benchnn.report.figures.distributions import Sample, distribution_pictures
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, Section, Tile, command_line, parameter_rows
from benchnn.report.sources import ValidationSource
from benchnn.report.train_distance_tables import train_distance_tables
from benchnn.statistics.statistics_set import StatisticsSet
from simcore.display.markup import Markup, alert, element, note, pairs, table
from simcore.display.numbers import HTML
from simcore.errors import InputError


def validation_section(source: ValidationSource) -> Section:
    """The section of a validation.

    Raises
    ------
    InputError
        If the record is damaged.
    """
    record = source.record
    findings = record.parts("findings")
    model, time = record.part("model"), record.part("time")
    level, trains = record.number("level"), train_distance_tables(record)
    chapters = [
        Chapter("Verdict", [_verdict(record, findings), _means(findings, level), _distances(findings, level)]),
        Chapter("Distributions", _distributions(source)),
        *([Chapter("Spike trains", trains)] if trains else []),
        Chapter("Recordings", [_side(record.part(name), name) for name in ("candidate", "reference")]),
        Chapter("Validation", [*_parameters(record), command_line(record)]),
    ]
    sides = [record.part(name) for name in ("candidate", "reference")]
    against = " against ".join(f"{side.text('simulator')} ({len(side.list('spike_digests'))})" for side in sides)
    length, before = (HTML.milliseconds(time.number(key)) for key in ("model_time_ms", "warmup_ms"))
    lead = f"{against}: recordings of {length} after a warm-up of {before}."
    title = f"Validation of {model.text('name') or HTML.absent}"
    return Section(str(source.folder), title, lead, _tiles(record, findings), [], chapters)


def _outcome(record: Record) -> str:
    return {True: "PASS", False: "FAIL"}.get(record.get("passed"), "no verdict")


def _tiles(record: Record, findings: list[Record]) -> list[Tile]:
    compared = [entry for entry in findings if entry.get("within_threshold") is not None]
    within = sum(entry.flag("within_threshold") for entry in compared)
    return [
        Tile("verdict", _outcome(record), f"{len(findings)} statistics"),
        Tile("within the reference's own spread", f"{within} of {len(compared)}", "distances, mean + 2 sd"),
        Tile("error level", HTML.figures(record.number("level")), "probability that an equal candidate fails"),
    ]


def _verdict(record: Record, findings: list[Record]) -> Markup:
    level = record.number("level")
    if record.get("passed") is None:
        return alert(f"No verdict: {record.reason('passed')}.")
    failed = [entry for entry in findings if _fails(entry, level)]
    if record.flag("passed"):
        probability = HTML.figures(level)
        return note(
            f"None of the {len(findings)} statistics differs; an equal candidate fails with probability {probability}."
        )
    names = ", ".join(
        f"{entry.text('population')} {entry.text('statistic')} ({entry.text('metric')})" for entry in failed
    )
    return alert(f"{len(failed)} of {len(findings)} statistics differ: {names}.")


def _fails(entry: Record, level: float | None) -> bool:
    p = entry.number("adjusted_p")
    return p is not None and level is not None and p <= level


def _value(entry: Record, key: str) -> str:
    """A number as text; records of earlier versions contain infinite numbers as text."""
    value = entry.get(key)
    return value if isinstance(value, str) else HTML.figures(entry.number(key))


def _within(entry: Record) -> str:
    if entry.get("within_threshold") is None:
        return HTML.absent
    return "yes" if entry.flag("within_threshold") else element("strong", "no", class_="bad")


def _p(entry: Record, level: float | None) -> str:
    text = HTML.figures(entry.number("adjusted_p"), 2)
    return element("strong", f"{text} differs", class_="bad") if _fails(entry, level) else text


def _means(findings: list[Record], level: float | None) -> Markup:
    cells = [
        (
            f"{entry.text('population')} {(entry.text('statistic') or '').removeprefix('mean ')}",
            _value(entry, "candidate"),
            _value(entry, "reference"),
            _value(entry, "spread"),
            _p(entry, level),
        )
        for entry in findings
        if entry.text("metric") == "mean"
    ]
    head = ("population, statistic", "candidate", "reference", "sd of reference", "adjusted p")
    return table("Means of the recordings", head, cells, (1, 2, 3, 4))


def _distances(findings: list[Record], level: float | None) -> Markup:
    cells = [
        (
            f"{entry.text('population')} {entry.text('statistic')} {entry.text('metric')}",
            _value(entry, "candidate"),
            _value(entry, "threshold"),
            _within(entry),
            _value(entry, "published_largest"),
            _p(entry, level),
        )
        for entry in findings
        if entry.text("metric") != "mean"
    ]
    head = ("population, statistic, metric", "distance", "mean + 2 sd", "within", "largest published", "adjusted p")
    caption = "Distances between candidate and reference, and between recordings of the reference"
    return table(caption, head, cells, (1, 2, 4, 5))


def _distributions(source: ValidationSource) -> list[Picture | Markup]:
    known = [
        _sample(name, side)
        for name, side in (("candidate", source.candidate), ("reference", source.reference))
        if side is not None and side.recordings
    ]
    if not known:
        return [note("The folder does not contain the statistics of the recordings.")]
    missing = "" if len(known) == 2 else "The folder contains the statistics of only one side."
    if source.candidate and source.reference and source.candidate.sizes != source.reference.sizes:
        raise InputError(f"cannot use {source.folder}: candidate and reference have different populations")
    return [*([note(missing)] if missing else []), *distribution_pictures(known)]


def _sample(name: str, side: StatisticsSet) -> Sample:
    return Sample(f"{name}: {side.simulator}", side.recordings, side.time_ms)


def _side(side: Record, name: str) -> Markup:
    seeds, digests = side.list("seeds"), side.list("spike_digests")
    cells = [
        (str(number), "from a file" if seed is None else str(seed), element("code", str(digest)))
        for number, (seed, digest) in enumerate(zip(seeds, digests, strict=False), 1)
    ]
    return table(f"{name.capitalize()}: {side.text('simulator')}", ("no.", "seed", "spike digest"), cells)


def _parameters(record: Record) -> list[Markup]:
    model, differing = record.part("model"), record.part("differing_parameters")
    found = [pairs("Parameters of the model", parameter_rows(model.part("parameters")))]
    if differing.values:
        found.append(pairs("Parameters that differ for the candidate", parameter_rows(differing)))
    return [*found, note(f"Number of compared divisions of the recordings: {HTML.count(record.number('divisions'))}.")]
