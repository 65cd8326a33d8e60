"""The section of a page about a scaling series."""

from benchnn.record.reading import Record
from benchnn.report.figures.phases import Stack, phase_picture
from benchnn.report.figures.scaling import Point, Spread, scaling_pictures
from benchnn.report.picture import Picture
from benchnn.report.prediction_chapter import prediction_chapter
from benchnn.report.section import Chapter, Section, Tile, command_line, origin_chapter, parameter_rows
from benchnn.report.sources import SeriesSource
from simcore.display.markup import Markup, alert, element, note, pairs, table
from simcore.display.numbers import HTML
from simcore.display.words import counted

PHASES = ("update", "deliver", "communicate")


def spread_of(record: Record, key: str) -> Spread | None:
    """Median and range of a quantity; None where it was not measured."""
    median, low, high = (record.number(f"{key}.{part}") for part in ("median", "min", "max"))
    return None if median is None or low is None or high is None else Spread(median, low, high)


def series_section(source: SeriesSource) -> Section:
    """The section of a scaling series.

    Raises
    ------
    InputError
        If the record is damaged.
    """
    record, rows = source.record, source.record.parts("rows")
    kind, model = record.text("kind") or HTML.absent, record.text("model") or HTML.absent
    seeds = record.list("seeds")
    scaled = record.text("scaled") or "scaling unknown"
    lead = f"{scaled[:1].upper()}{scaled[1:]}; {counted(len(rows), 'layout')}, {counted(len(seeds), 'seed')}."
    about = [
        pairs("Parameters of the first network", parameter_rows(record.part("parameters"))),
        command_line(record),
    ]
    chapters = [
        Chapter("Speed", [*_pictures(rows, kind), _speed(rows), *_why_no_energy(rows), _costs(rows)]),
        *prediction_chapter(record),
        Chapter("Digests", [*_digests(rows, kind), _digest_table(rows, kind)]),
        Chapter("Runs", [_runs(rows)]),
        Chapter("Series", about),
    ]
    if source.example is not None:
        chapters.append(_origin(source.example))
    title = f"{kind.capitalize()} scaling of {model}"
    return Section(str(source.folder), title, lead, _tiles(rows), _warnings(record, rows), chapters)


def _origin(example: Record) -> Chapter:
    return Chapter("Origin of the first run", origin_chapter(example).content)


def _pictures(rows: list[Record], kind: str) -> list[Picture | Markup]:
    points = [_point(row) for row in rows]
    stacks = [_stack(row, point.rtf) for row, point in zip(rows, points, strict=True) if point.rtf is not None]
    pictures: list[Picture | Markup] = [*scaling_pictures(points, kind)]
    if stacks:
        caption = "Medians over seeds; phases are means over threads; 'other' includes recording."
        # On a page with two columns, next to the real-time factor.
        pictures.insert(1, phase_picture(stacks, "Real-time factor by phase and layout.", caption))
    return pictures or [note("No run succeeded, so there is nothing to plot.")]


def _point(row: Record) -> Point:
    values = [run.number("real_time_factor") for run in row.parts("runs")]
    return Point(
        round(row.number("ranks") or 0),
        round(row.number("threads") or 0),
        row.flag("oversubscribed"),
        spread_of(row, "real_time_factor"),
        row.number("efficiency"),
        spread_of(row, "construction_s"),
        spread_of(row, "peak_rss_bytes"),
        tuple(value for value in values if value is not None),
        spread_of(row, "energy_per_synaptic_event_uj"),
    )


def _stack(row: Record, rtf: Spread) -> Stack:
    shares = {phase: row.number(f"{phase}_share.median") for phase in PHASES}
    phases = {phase: share * rtf.median for phase, share in shares.items() if share is not None}
    return Stack(_layout(row), rtf.median, phases)


def _layout(row: Record) -> str:
    return f"{HTML.count(row.number('ranks'))} x {HTML.count(row.number('threads'))}"


def _tiles(rows: list[Record]) -> list[Tile]:
    known = [(spread, row) for row in rows if (spread := spread_of(row, "real_time_factor")) is not None]
    runs = [run for row in rows for run in row.parts("runs")]
    failed = sum(run.get("error") is not None for run in runs)
    tiles = [Tile("runs", str(len(runs)), f"{failed} failed" if failed else "all succeeded")]
    if known:
        best, row = min(known, key=lambda entry: entry[0].median)
        last = known[-1][1]
        efficiency = last.number("efficiency")
        tiles.append(Tile("lowest real-time factor", HTML.figures(best.median), f"on {_layout(row)} (ranks x threads)"))
        tiles.append(Tile("efficiency", HTML.share(efficiency), f"of {_layout(last)} against {_layout(rows[0])}"))
    same = _all_same(rows)
    if same is not None:
        tiles.append(Tile("spike digests", "equal" if same else "DIFFERENT", "across layouts, seed by seed"))
    return tiles


def _warnings(record: Record, rows: list[Record]) -> list[Markup]:
    found = []
    for row in rows:
        for run in row.parts("runs"):
            error = run.text("error")
            if error is not None:
                where = f"Failed: {row.text('layout')}, seed {run.text('seed')}, {_ending(run)}: "
                found.append(alert([where, element("q", error), f" ({run.text('log') or 'no log'})"]))
    found += [alert(f"Error: {error}") for error in record.list("errors")]
    if record.get("interrupted_by") is not None:
        found.append(alert(f"Interrupted by {record.text('interrupted_by')}: the series is not complete."))
    elif record.get("complete") is False:
        found.append(alert("The series is not complete."))
    if any(row.flag("oversubscribed") for row in rows):
        cpus = HTML.count(record.number("usable_cpus"))
        found.append(
            alert(f"Some layouts have more threads than usable CPUs ({cpus}); their times are not meaningful.")
        )
    return found


def _ending(run: Record) -> str:
    code = run.number("exit_code")
    if code is None:
        return "not started"
    return f"killed by signal {-code:.0f}" if code < 0 else f"exit code {code:.0f}"


def _speed(rows: list[Record]) -> Markup:
    speed = ("RTF", "range", "efficiency", "µJ per event", "events per s", "rate (1/s)")
    head = ("ranks x threads", "neurons", "synapses", *speed, "remark")
    cells = []
    for row in rows:
        rtf = spread_of(row, "real_time_factor")
        events = row.number("synaptic_events_per_s.median")
        cells.append(
            (
                _layout(row),
                HTML.count(row.number("neurons")),
                HTML.count(row.number("synapses.median")),
                HTML.figures(None if rtf is None else rtf.median),
                HTML.absent if rtf is None else f"{HTML.figures(rtf.low)} to {HTML.figures(rtf.high)}",
                HTML.share(row.number("efficiency")),
                _energy(row),
                HTML.absent if events is None else HTML.scaled(events),
                HTML.figures(row.number("mean_rate_hz.median")),
                _remark(row),
            )
        )
    return table("Speed by layout: medians and ranges over seeds", head, cells, range(1, 9))


def _energy(row: Record) -> str:
    return HTML.figures(row.number("energy_per_synaptic_event_uj.median"), 3)


def _why_no_energy(rows: list[Record]) -> list[Markup]:
    """One sentence for each reason."""
    key = "energy_per_synaptic_event_uj"
    whys = [row.reason(key) for row in rows if row.get(key) is None]
    return [note(f"Energy was not measured: {why}.") for why in dict.fromkeys(whys)]


def _remark(row: Record) -> str:
    failed = sum(run.get("error") is not None for run in row.parts("runs"))
    remarks = ["oversubscribed"] if row.flag("oversubscribed") else []
    remarks += [f"{failed} failed"] if failed else []
    remarks += [] if row.parts("runs") else ["not run"]
    return ", ".join(remarks)


def _costs(rows: list[Record]) -> Markup:
    head = (
        "ranks x threads", "construction", *PHASES, "imbalance of update", "imbalance of deliver",
        "peak memory per rank",
    )  # fmt: skip
    cells = [
        (
            _layout(row),
            HTML.seconds(row.number("construction_s.median")),
            *(HTML.share(row.number(f"{phase}_share.median")) for phase in PHASES),
            *(HTML.figures(row.number(f"load_imbalance_{phase}.median")) for phase in ("update", "deliver")),
            HTML.size(row.number("peak_rss_bytes.max")),
        )
        for row in rows
    ]
    caption = "Network construction, shares of the state propagation, load imbalance and memory"
    return table(caption, head, cells, range(1, 8))


def _groups(rows: list[Record]) -> dict[tuple[str, float], list[tuple[str, str]]]:
    """Map (seed, growth factor of the network) to layout and spike digest of every run that succeeded."""
    groups: dict[tuple[str, float], list[tuple[str, str]]] = {}
    for row in rows:
        factor = row.number("network_factor") or 1.0
        for run in row.parts("runs"):
            digest = run.text("spike_digest")
            if digest is not None:
                groups.setdefault((run.text("seed") or HTML.absent, factor), []).append((_layout(row), digest))
    return groups


def _all_same(rows: list[Record]) -> bool | None:
    """Whether all layouts with the same seed and network have the same digest; None if no two layouts have."""
    shared = [found for found in _groups(rows).values() if len(found) > 1]
    return all(len({digest for _, digest in found}) == 1 for found in shared) if shared else None


def _digests(rows: list[Record], kind: str) -> list[Markup]:
    same = _all_same(rows)
    if same is None:
        few = "fewer than two layouts ran with the same seed"
        why = "each layout simulates a different network" if kind == "weak" else few
        return [note(f"Spike digests cannot be compared: {why}.")]
    if not same:
        return [alert("Spikes depend on the layout: digests of the same seed and network differ.")]
    return [note("For each seed, all layouts have the same spike digest: the spikes are identical, bit for bit.")]


def _digest_table(rows: list[Record], kind: str) -> Markup:
    cells = []
    for (seed, factor), found in _groups(rows).items():
        digests = list(dict.fromkeys(digest for _, digest in found))
        verdict = "one run" if len(found) == 1 else "same on all" if len(digests) == 1 else "DIFFERENT"
        layouts = ", ".join(layout for layout, _ in found)
        growth = [f"x {factor:g}"] if kind == "weak" else []
        cells.append((seed, *growth, layouts, verdict, element("code", " ".join(digests))))
    head = ("seed", *(["network"] if kind == "weak" else []), "ranks x threads", "verdict", "spike digest")
    return table("Spike digests by seed", head, cells)


def _runs(rows: list[Record]) -> Markup:
    cells = [
        (
            _layout(row),
            run.text("seed") or HTML.absent,
            HTML.figures(run.number("real_time_factor")),
            HTML.seconds(run.number("construction_s")),
            "succeeded" if run.get("error") is None else element("span", "failed", class_="bad"),
            run.text("result") or run.text("log") or HTML.absent,
        )
        for row in rows
        for run in row.parts("runs")
    ]
    head = ("ranks x threads", "seed", "RTF", "construction", "outcome", "file")
    return table("All runs", head, cells, (1, 2, 3))
