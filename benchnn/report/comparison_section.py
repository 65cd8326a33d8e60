"""The section of a page about a comparison of simulators."""

from benchnn.record.reading import Record
from benchnn.report.figures.comparison import comparison_picture
from benchnn.report.figures.distributions import Sample, overlaid_distributions
from benchnn.report.figures.raster import raster_picture
from benchnn.report.figures.scaling import Spread
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, Section, Tile, command_line, parameter_rows
from benchnn.report.series_section import spread_of
from benchnn.report.sources import ComparisonSource
from benchnn.report.train_distance_tables import train_distance_tables
from benchnn.statistics.statistics import statistics_of
from benchnn.statistics.statistics_set import StatisticsSet
from simcore.display.markup import Markup, alert, element, note, pairs, table
from simcore.display.numbers import HTML


def comparison_section(source: ComparisonSource, reference: StatisticsSet | None) -> Section:
    """The section of a comparison; the distributions of a reference are overlaid if one is given.

    Raises
    ------
    InputError
        If the record is damaged, or the reference describes another network.
    """
    record = source.record
    rows = dict(record.named_parts("simulators"))
    rtf = {name: spread_of(row, "real_time_factor") for name, row in rows.items()}
    construction = {name: spread_of(row, "construction_s") for name, row in rows.items()}
    picture = comparison_picture(rtf, construction)
    shown: list[Picture | Markup] = [note("No simulator was timed.") if picture is None else picture]
    chapters = [
        Chapter("Speed", [*shown, _times(rows, rtf, construction)]),
        Chapter("Activity", [*_activity(source, reference), *_statistics(record), *_spike_trains(record)]),
        Chapter("Runs", [_runs(record)]),
        Chapter("Comparison", [*_about(record, rows), command_line(record)]),
    ]
    name = record.part("model").text("name") or HTML.absent
    return Section(
        str(source.folder),
        f"Comparison of simulators: {name}",
        _lead(record, list(rows)),
        _tiles(rtf),
        _warnings(record),
        chapters,
        bool(source.spikes) and reference is not None,
    )


def _lead(record: Record, names: list[str]) -> str:
    connectivity = record.text("connectivity") or "unknown"
    time = HTML.milliseconds(record.number("time.model_time_ms"))
    threads = HTML.counted(record.number("threads"), "thread")
    return f"{', '.join(names)}; {connectivity} connectivity, {time}, {threads} each."


def _tiles(rtf: dict[str, Spread | None]) -> list[Tile]:
    first_name, first = next(iter(rtf.items()), ("", None))
    tiles = []
    for name, spread in rtf.items():
        ratio = "real-time factor"
        if spread is not None and first is not None and first.median > 0.0 and name != first_name:
            ratio = f"real-time factor, {spread.median / first.median:.3g} x {first_name}"
        tiles.append(
            Tile(
                name,
                HTML.absent if spread is None else HTML.figures(spread.median),
                ratio if spread else "not measured",
            )
        )
    return tiles


def _warnings(record: Record) -> list[Markup]:
    failed = [
        alert([f"Failed: {run.text('simulator')}, run {run.text('repeat')}: ", element("q", run.text("error") or "")])
        for run in record.parts("runs")
        if run.get("error") is not None
    ]
    if record.get("interrupted_by") is not None:
        failed.append(alert(f"Interrupted by {record.text('interrupted_by')}."))
    return failed


def _times(rows: dict[str, Record], rtf: dict[str, Spread | None], construction: dict[str, Spread | None]) -> Markup:
    first_rtf, first_build = (next(iter(values.values()), None) for values in (rtf, construction))
    cells = []
    for name, row in rows.items():
        own = rtf[name]
        cells.append(
            (
                " ".join(word for word in (name, row.text("version"), row.text("mode")) if word),
                HTML.absent if own is None else HTML.figures(own.median),
                HTML.absent if own is None else f"{HTML.figures(own.low)} to {HTML.figures(own.high)}",
                _interval(row),
                _ratio(own, first_rtf),
                HTML.seconds(row.number("preparation_s.median")),
                HTML.seconds(row.number("construction_s.median")),
                _ratio(construction[name], first_build),
                HTML.seconds(row.number("compile_s.median")),
                HTML.size(row.number("peak_rss_bytes.median")),
                HTML.joules(row.number("propagation_j.median")),
                HTML.count(row.number("runs")),
                "" if own is not None else row.reason("real_time_factor"),
            )
        )
    built = ("preparation", "construction", "ratio", "compilation")
    head = ("simulator", "RTF", "range", "95 % interval", "ratio", *built, "peak memory", "energy", "runs", "reason")
    return table("Median times of the runs, and ratios to the first simulator", head, cells, range(1, 12))


def _interval(row: Record) -> str:
    """Confidence interval of the median real-time factor, by order statistics; absent for too few runs."""
    low, high = (row.number(f"real_time_factor.interval_95.{end}") for end in ("low", "high"))
    return HTML.absent if low is None or high is None else f"{HTML.figures(low)} to {HTML.figures(high)}"


def _ratio(own: Spread | None, first: Spread | None) -> str:
    return HTML.figures(None if own is None or first is None or not first.median else own.median / first.median, 3)


def _activity(source: ComparisonSource, reference: StatisticsSet | None) -> list[Picture | Markup]:
    """A raster of the first simulator, and the distributions of all simulators with the same populations."""
    if not source.spikes:
        return [note("No simulator recorded spikes.")]
    first_name, first = next(iter(source.spikes.items()))
    samples = [
        Sample(
            name,
            [statistics_of(spikes)],
            (spikes.stop_step - spikes.start_step) * spikes.resolution_ms,
        )
        for name, spikes in source.spikes.items()
        if spikes.sizes == first.sizes
    ]
    raster = raster_picture(first)
    rasters: list[Picture | Markup] = (
        [] if raster is None else [note(f"The raster shows spikes of {first_name}."), raster]
    )
    return [*rasters, *overlaid_distributions(samples, source.record.part("model"), first.sizes, reference)]


def _statistics(record: Record) -> list[Markup]:
    """A table for each statistic: populations by simulators."""
    found = dict(record.named_parts("statistics"))
    if not found:
        return []
    by_name = {name: dict(Record({"all": part.values}, part.path).named_parts("all")) for name, part in found.items()}
    first = next(iter(by_name.values()))
    kinds = list(dict.fromkeys(kind for part in first.values() for kind in part.values))
    tables = []
    for kind in kinds:
        rows = [(name, *(_mean(parts, name, kind) for parts in by_name.values())) for name in first]
        tables.append(table(f"Means: {kind}", ("population", *by_name), rows, range(1, 1 + len(by_name))))
    return tables


def _mean(parts: dict[str, Record], population: str, kind: str) -> str:
    return HTML.figures(parts[population].number(kind)) if population in parts else HTML.absent


def _spike_trains(record: Record) -> list[Markup]:
    """The agreement of the spikes of other simulators with those of the first."""
    sentences = []
    for entry in record.parts("agreement"):
        pair = f"{entry.text('simulator')} against {entry.text('reference')}: "
        equal, difference = HTML.count(entry.number("equal_spikes")), entry.part("first_difference")
        if not difference.values:
            sentences.append(note(f"{pair}all {equal} spikes are equal."))
            continue
        where = f"neuron {difference.text('neuron')} of {difference.text('population')}"
        time, only = HTML.milliseconds(difference.number("time_ms")), difference.text("spikes_in")
        sentences.append(note(f"{pair}{equal} spikes are equal; at {time} {where} spikes only in {only}."))
    return [*sentences, *train_distance_tables(record)]


def _runs(record: Record) -> Markup:
    cells = [
        (
            run.text("simulator") or HTML.absent,
            run.text("repeat") or HTML.absent,
            "spikes recorded" if run.flag("recorded") else "timed",
            HTML.figures(run.number("real_time_factor")),
            "succeeded" if run.get("error") is None else element("span", "failed", class_="bad"),
            run.text("folder") or HTML.absent,
        )
        for run in record.parts("runs")
    ]
    return table("All runs", ("simulator", "repeat", "purpose", "RTF", "outcome", "folder"), cells, (1, 3))


def _about(record: Record, simulators: dict[str, Record]) -> list[Markup]:
    triad = record.part("machine").list("stream_triad_gb_s")
    rows = [
        ("drives", ", ".join(map(str, record.list("drives"))) or "none"),
        ("seed", record.text("seed") or HTML.absent),
        ("warm-up", HTML.milliseconds(record.number("time.warmup_ms"))),
        ("processor", record.part("machine").text("cpu_model") or HTML.absent),
        (
            "STREAM triad, before and after",
            f"{', '.join(HTML.figures(value, 3) for value in triad)} GB/s" if triad else HTML.absent,
        ),
    ]
    differing = [(name, str(text)) for name, row in simulators.items() for text in row.list("differences")]
    return [
        *([pairs("Differences of a network from the description", differing)] if differing else []),
        pairs("Common to all runs", rows),
        pairs("Parameters of the model", parameter_rows(record.part("model").part("parameters"))),
    ]
