"""The section of a page about a workload on accelerators: ``benchnn accelerate``."""

from benchnn.accelerators.table import texts_together
from benchnn.record.reading import Record
from benchnn.report.figures.accelerators import EnergyOverSteps, Parts, parts_picture, steps_picture
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, Section, Tile, command_line
from benchnn.report.sources import StudySource
from simcore.display.markup import Markup, note, pairs, table
from simcore.display.numbers import HTML
from simcore.errors import InputError


def accelerators_section(source: StudySource) -> Section:
    """The section of a workload on accelerators.

    Raises
    ------
    InputError
        If the record is damaged.
    """
    record = source.record
    rows, workload = record.parts("rows"), record.part("workload")
    chapters = [
        Chapter("Accelerators", [*_pictures(rows), *map(note, _texts(record, "cautions")), _costs(rows)]),
        Chapter("Sources of the numbers", _basis(record, rows)),
        Chapter("Training", [_training(one) for one in record.parts("training")]),
        Chapter("Published figures", _published(record)),
        Chapter("Workload", [*_layers(workload), command_line(record)]),
    ]
    layers = workload.parts("layers")
    densities = workload.text("densities") or HTML.absent
    lead = f"{workload.text('title') or HTML.absent}: {HTML.counted(len(layers), 'layer')}, densities {densities}."
    title = f"{workload.text('name') or HTML.absent} on accelerators"
    return Section(
        str(source.folder), title, lead, _tiles(workload, record), [], [one for one in chapters if one.content]
    )


def _texts(record: Record, key: str) -> list[str]:
    return [str(entry) for entry in record.list(key)]


def _tiles(workload: Record, record: Record) -> list[Tile]:
    tiles = [
        Tile("products per step", HTML.figures(workload.number("operations")), "zeros included"),
        Tile("weights", HTML.figures(workload.number("weights"))),
    ]
    share = record.number("accuracy.share")
    if share is not None:
        samples = HTML.counted(record.number("accuracy.samples"), "sample")
        tiles.append(Tile("accuracy", f"{100 * share:.2f} %", samples))
    return tiles


def _name(row: Record) -> str:
    accounting = row.text("accounting")
    return f"{row.text('on') or HTML.absent}" + (f", {accounting}" if accounting else "")


def _parts(row: Record) -> dict[str, float]:
    part = row.part("energy_parts_j")
    values = {name: part.number(name) for name in part.values}
    return {name: value for name, value in values.items() if value is not None}


def _pictures(rows: list[Record]) -> list[Picture]:
    """Parts at the largest number of steps of each accelerator, and energies over the steps."""
    last: dict[str, Record] = {}
    series: dict[str, list[tuple[int, float]]] = {}
    for row in sorted(rows, key=lambda row: row.number("steps") or 0.0):
        last[_name(row)] = row
        steps, energy = row.number("steps"), row.number("energy_j")
        if steps is not None and energy:
            series.setdefault(_name(row), []).append((int(steps), energy))
    order = dict.fromkeys(map(_name, rows))
    bars = [Parts(name, parts) for name in order if sum((parts := _parts(last[name])).values()) > 0.0]
    pictures = [parts_picture(bars)] if bars else []
    lines = [EnergyOverSteps(last[name].text("on") or "", name, series[name]) for name in order if name in series]
    over_steps = steps_picture(lines)
    return pictures if over_steps is None else [*pictures, over_steps]


def _costs(rows: list[Record]) -> Markup:
    cells = [
        (
            row.text("on") or HTML.absent,
            row.text("accounting") or (f"{row.text('network')} network" if row.get("network") else ""),
            HTML.figures(row.number("mean_steps")),
            _bounded(row, "energy_j", HTML.prefixed(row.number("energy_j"), "J")),
            _bounded(row, "latency_s", HTML.prefixed(row.number("latency_s"), "s")),
            _bounded(row, "energy_delay_js", HTML.prefixed(row.number("energy_delay_js"), "Js")),
            _bounded(row, "area_m2", _area(row.number("area_m2"))),
        )
        for row in rows
    ]
    head = ("accelerator", "accounting, network", "steps", "energy", "latency", "energy x latency", "area")
    return table("Costs of one inference", head, cells, tuple(range(2, 7)))


def _bounded(row: Record, key: str, text: str) -> str:
    """A value as text, marked if it is a lower bound."""
    return f"≥ {text}" if row.part("lower_bounds").get(key) else text


def _area(area_m2: float | None) -> str:
    return HTML.absent if area_m2 is None else f"{1e6 * area_m2:,.4g} mm²"


def _basis(record: Record, rows: list[Record]) -> list[Markup]:
    covered = [
        (
            f"{entry.text('on')}: {entry.text('model')}",
            f"includes {entry.text('includes')}; leaves out {entry.text('leaves_out')}",
        )
        for entry in record.parts("models")
        if entry.get("includes") is not None
    ]
    plain = [row.values for row in rows]
    unknown = [(f"{on}: {names}", f"unknown: {why}") for on, names, why in texts_together(plain, "reasons")]
    bounds = [
        (f"{on}: {names}", f"a lower bound, without {left_out}")
        for on, names, left_out in texts_together(plain, "lower_bounds")
    ]
    named = (("Models", covered), ("Unknown values and lower bounds", [*unknown, *bounds]))
    return [pairs(title, entries) for title, entries in named if entries]


def _training(row: Record) -> Markup:
    cells = [
        (phase, name, HTML.figures(part.number(name), 6))
        for phase, part in row.named_parts("energy_parts_macs")
        for name in part.values
    ]
    steps = HTML.counted(row.number("steps"), "step")
    title = f"{_name(row)}, {steps}: energy in 16-bit multiply-accumulate operations"
    return table(title, ("phase", "part", "energy"), cells, (2,))


def _published(record: Record) -> list[Markup]:
    rows = record.parts("published")
    cells = [
        (
            row.text("case") or HTML.absent,
            row.text("quantity") or HTML.absent,
            row.text("on") or "",
            _with_unit(row),
            HTML.figures(row.number("ours"), 5),
            HTML.change(row.number("deviation")),
            "" if row.get("agrees") is None else ("agrees" if row.flag("agrees") else "differs"),
            ": ".join(filter(None, (row.text("verdict"), row.text("reason") or row.text("note")))),
        )
        for row in rows
    ]
    head = ("case", "quantity", "accelerator", "published", "computed here", "deviation", "", "verdict")
    sources = dict.fromkeys(row.text("source") or HTML.absent for row in rows)
    if not cells:
        return []
    return [table("Published values, and values computed here", head, cells, (3, 4, 5)), *map(note, sources)]


def _with_unit(row: Record) -> str:
    unit = row.text("unit")
    return f"{row.text('printed') or HTML.absent}{'' if unit in (None, '1') else f' {unit}'}"


def _layers(workload: Record) -> list[Markup]:
    cells = [
        (
            layer.text("name") or HTML.absent,
            layer.text("kind") or HTML.absent,
            HTML.count(layer.number("channels")),
            _sides(layer, "input_size"),
            HTML.count(layer.number("filters")),
            _sides(layer, "output_size"),
            _sides(layer, "kernel"),
            HTML.figures(layer.number("operations")),
            HTML.figures(layer.number("weights")),
            HTML.figures(layer.number("input_density"), 3),
        )
        for layer in workload.parts("layers")
    ]
    head = ("layer", "kind", "channels", "input", "filters", "output", "kernel", "products per step", "weights",
            "density of the input")  # fmt: skip
    sources = [(key, str(text)) for key, text in workload.part("sources").values.items()]
    return [
        *([table("Layers", head, cells, (2, 4, 7, 8, 9))] if cells else []),
        *([pairs("Sources of the workload", sources)] if sources else []),
    ]


def _sides(layer: Record, key: str) -> str:
    sides = layer.list(key)
    if len(sides) != 2:
        raise InputError(f"cannot use {layer.path}: {layer.prefix}{key} is not a pair of height and width")
    return f"{sides[0]} x {sides[1]}"
