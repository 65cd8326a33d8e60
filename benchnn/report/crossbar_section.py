"""The section of a page about the study of a crossbar: ``benchnn crossbar``."""

from benchnn.accelerators.crossbars.record_keys import (
    CYCLES,
    DEVICE_NOISE,
    RATIO,
    READ_NOISE,
    STUCK,
    SWEEPS,
    TIME,
    WIRES,
    WORN_OUT,
)
from benchnn.accelerators.crossbars.table import MEASURES, TITLES, shown_value
from benchnn.record.reading import Record
from benchnn.report.figures.crossbars import Panel, by_size, panels_picture, wires_picture
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, Section, Tile, command_line
from benchnn.report.sources import StudySource
from simcore.display.markup import Markup, note, table
from simcore.display.numbers import HTML

AXES = {
    RATIO: "conductance, off state / top level",
    DEVICE_NOISE: "standard deviation (%)",
    READ_NOISE: "standard deviation (%)",
    STUCK: "share of cells (%)",
    TIME: "time (s)",
    WORN_OUT: "share of cells (%)",
    CYCLES: "cycles",
}
LOGARITHMIC = (RATIO, STUCK, TIME, WORN_OUT, CYCLES)
SHARES = ("current_share", "worst_column_share", "clipped_share", "decision_accuracy")
KEYS = (
    "current_share", "worst_column_share", "error_rms_lsb", "error_mean_lsb", "error_worst_lsb", "clipped_share",
    "decision_accuracy",
)  # fmt: skip
"""Keys of a row, in the order of the table's column heads."""


def crossbar_section(source: StudySource) -> Section:
    """The section of the study of a crossbar.

    Raises
    ------
    InputError
        If the record is damaged.
    """
    record = source.record
    rows = record.parts("rows")
    tables = [_table(sweep, chosen) for sweep in SWEEPS if (chosen := _of(rows, sweep))]
    chapters = [
        Chapter("Crossbar", [*_pictures(rows), *tables]),
        Chapter("Sources of the numbers", [*_reasons(record), command_line(record)]),
    ]
    name = record.text("sheet.title") or HTML.absent
    size = HTML.count(record.number("array.size"))
    lead = (
        f"{size} x {size} cells, {HTML.count(record.number('array.adc_bits'))}-bit codes; "
        f"{HTML.counted(record.number('seeds'), 'random array')} with "
        f"{HTML.counted(record.number('reads'), 'read')} each."
    )
    return Section(str(source.folder), name, lead, _tiles(record), [], [one for one in chapters if one.content])


def _of(rows: list[Record], sweep: str) -> list[Record]:
    return [row for row in rows if row.text("sweep") == sweep]


def _percent(value: float | None) -> str:
    return HTML.absent if value is None else f"{100 * value:.3g} %"


def _tiles(record: Record) -> list[Tile]:
    share, loss = record.number("wear.worn_out_share"), record.number("wear.loss")
    tiles = [Tile("decision accuracy", _percent(record.number("wear.fresh_accuracy")), "before wear")]
    if share is not None and loss is not None:
        cycles = record.number("wear.cycles")
        remark = (
            "" if cycles is None else f"{HTML.figures(cycles, 3)} cycles" if cycles >= 1.0 else "less than one cycle"
        )
        tiles.append(Tile(f"worn-out cells at a loss of {100 * loss:g} %", _percent(share), remark))
    return tiles


def _pictures(rows: list[Record]) -> list[Picture]:
    lines: dict[int, list[tuple[float, float, float]]] = {}
    for row in _of(rows, WIRES):
        point = [row.number(key) for key in ("value", "current_share.mean", "worst_column_share.mean")]
        size = row.number("size")
        if size is not None and None not in point:
            lines.setdefault(int(size), []).append((point[0] or 0.0, point[1] or 0.0, point[2] or 0.0))
    pictures = [wires_picture(by_size(lines))] if lines else []
    for name, title, key, measure, factor, highest in (
        ("crossbar-errors", "Errors of products.", "error_rms_lsb", "rms error (LSB)", 1.0, None),
        ("crossbar-decisions", "Decision accuracy.", "decision_accuracy", "right decisions (%)", 100.0, 100.0),
    ):
        panels = [panel for sweep in SWEEPS if sweep != WIRES and (panel := _panel(rows, sweep, key)).points]
        pictures += [panels_picture(name, title, measure, factor, highest, panels)] if panels else []
    return pictures


def _panel(rows: list[Record], sweep: str, key: str) -> Panel:
    percent = AXES[sweep].endswith("(%)")
    points = []
    for row in _of(rows, sweep):
        value = row.number("value")
        mean, low, high = (row.number(f"{key}.{part}") for part in ("mean", "low", "high"))
        if value is not None and mean is not None and low is not None and high is not None:
            points.append((100 * value if percent else value, mean, low, high))
    return Panel(TITLES[sweep], AXES[sweep], sweep in LOGARITHMIC, sorted(points))


def _table(sweep: str, rows: list[Record]) -> Markup:
    cells = []
    for row in rows:
        value = row.number("value")
        sides = (HTML.count(row.number("size")),) if sweep == WIRES else ()
        first = HTML.absent if value is None else shown_value(sweep, value, HTML)
        cells.append((first, *sides, *(_cell(row, key) for key in KEYS)))
    head = (TITLES[sweep], *(("size",) if sweep == WIRES else ()), *MEASURES)
    return table(TITLES[sweep].capitalize(), head, cells, tuple(range(len(head))))


def _cell(row: Record, key: str) -> str:
    mean = row.number(f"{key}.mean")
    return _percent(mean) if key in SHARES else HTML.fixed(mean, 2)


def _reasons(record: Record) -> list[Markup]:
    return [note(f"{name.replace('_', ' ')}: {why}") for name, why in record.part("reasons").values.items()]
