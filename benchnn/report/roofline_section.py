"""The section of a page about rooflines: ``benchnn roofline``."""

from collections.abc import Iterator

from benchnn.accelerators.roofline.table import most_energy, shown_intensity, unknown_values
from benchnn.record.reading import Record
from benchnn.report.figures.phase_roofline import fits_phases, phase_roofline
from benchnn.report.figures.roofline import Roofed, roofline_picture
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, Section, Tile, command_line
from benchnn.report.sources import StudySource
from simcore.accelerators.roofline.record import machine_of_record
from simcore.accelerators.roofline.roofs import placed
from simcore.display.markup import Markup, alert, note, pairs, table
from simcore.display.numbers import HTML


def roofline_section(source: StudySource) -> Section:
    """The section of rooflines.

    Raises
    ------
    InputError
        If the record is damaged.
    """
    record = source.record
    entries = record.parts("machines")
    roofed = [_roofed(entry) for entry in entries]
    content: list[Picture | Markup] = [*_pictures(roofed)]
    content += [note(str(text)) for text in record.list("cautions")]
    rows = [(entry, row) for entry in entries for row in entry.parts("rows")]
    content += [_throughput(rows), _energy(rows)] if rows else []
    chapters = [
        Chapter("Rooflines", content),
        Chapter("Machines", [_machines(entries), *_basis(roofed), *_unknown(entries, roofed)]),
        Chapter("Record", [command_line(record)]),
    ]
    faults = [alert(f"above its roof: {fault}") for _, row in rows for fault in row.list("faults")]
    names = ", ".join(entry.text("machine.name") or HTML.absent for entry in entries)
    return Section(
        str(source.folder), "Rooflines", f"Points under the roofs of {names}.", _tiles(rows), faults, chapters
    )


def _pictures(roofed: list[Roofed]) -> Iterator[Picture]:
    """One figure of all machines, except those whose levels need separate colours, which have one figure each."""
    apart = [entry for entry in roofed if fits_phases(entry.machine, entry.points)]
    common = roofline_picture([entry for entry in roofed if entry not in apart])
    if common is not None:
        yield common
    for number, entry in enumerate(apart, 1):
        yield phase_roofline(entry.machine, entry.points, f"roofline-levels-{number}")


def _roofed(entry: Record) -> Roofed:
    """A machine and its points, checked like those of a file."""
    machine, points = machine_of_record(entry.part("machine").values, str(entry.path))
    return Roofed(machine, [placed(machine, point) for point in points])


def _tiles(rows: list[tuple[Record, Record]]) -> list[Tile]:
    known = [(share, entry, row) for entry, row in rows if (share := row.number("of_throughput_roof")) is not None]
    if not known:
        return []
    share, entry, row = max(known, key=lambda found: found[0])
    return [Tile("closest to its roof", HTML.share(share), f"{row.text('point')} on {entry.text('machine.name')}")]


def _head(entry: Record, row: Record) -> tuple[str, str, str]:
    return entry.text("machine.name") or HTML.absent, row.text("point") or HTML.absent, row.text("counted") or ""


def _throughput(rows: list[tuple[Record, Record]]) -> Markup:
    cells = [
        (
            *_head(entry, row),
            HTML.figures(shown_intensity(row.part("intensities_ops_per_byte").values, row.text("bound_by"))),
            _bound("≤ ", row.number("roof_ops_per_s"), "op/s", bool(row.part("throughput_without").values)),
            row.text("bound_by") or HTML.absent,
            HTML.prefixed(row.number("ops_per_s"), "op/s"),
            HTML.share(row.number("of_throughput_roof")),
        )
        for entry, row in rows
    ]
    head = ("machine", "point", "counted", "operations/byte", "roof", "bound by", "reached", "share of the roof")
    return table("Throughput", head, cells, (3, 4, 6, 7))


def _energy(rows: list[tuple[Record, Record]]) -> Markup:
    cells = [
        (
            *_head(entry, row),
            _bound("≥ ", row.number("roof_j_per_op"), "J", bool(row.part("energy_without").values)),
            most_energy(row.text("dominated_by"), row.part("energy_without").values) or HTML.absent,
            HTML.prefixed(row.number("j_per_op"), "J"),
            HTML.share(row.number("of_energy_roof")),
        )
        for entry, row in rows
    ]
    head = ("machine", "point", "counted", "minimum", "largest part", "needed", "minimum / needed")
    return table("Energy per operation", head, cells, (3, 5, 6))


def _bound(sign: str, value: float | None, unit: str, bound: bool) -> str:
    return HTML.absent if value is None else f"{sign if bound else ''}{HTML.prefixed(value, unit)}"


def _machines(entries: list[Record]) -> Markup:
    cells = [cell for entry in entries for cell in _levels(entry)]
    head = ("machine", "level", "bandwidth, peak", "ridge (operations/byte)",
            "energy per byte or operation", "energy ridge (operations/byte)")  # fmt: skip
    return table("Levels", head, cells, (2, 3, 4, 5))


def _levels(entry: Record) -> Iterator[tuple[str, ...]]:
    machine = entry.part("machine")
    name = machine.text("name") or HTML.absent
    peak, energy = machine.number("peak_ops_per_s"), machine.number("op_energy_j")
    operation = machine.text("operation") or HTML.absent
    yield name, operation, HTML.prefixed(peak, "op/s"), "", HTML.prefixed(energy, "J"), ""
    ridges, energy_ridges = entry.part("ridges_ops_per_byte").values, entry.part("energy_ridges_ops_per_byte").values
    for level in machine.parts("levels"):
        own = level.text("name") or HTML.absent
        yield (
            name,
            own,
            HTML.prefixed(level.number("bandwidth_bytes_per_s"), "B/s"),
            HTML.figures(ridges.get(own)),
            HTML.prefixed(level.number("energy_j_per_byte"), "J"),
            HTML.figures(energy_ridges.get(own)),
        )


def _basis(roofed: list[Roofed]) -> list[Markup]:
    rows = [
        (f"{entry.machine.name}{': ' + name if name else ''}", basis)
        for entry in roofed
        for name, basis in (("", entry.machine.basis), *((one.point.name, one.point.basis) for one in entry.points))
        if basis
    ]
    return [pairs("Sources of the numbers", rows)] if rows else []


def _unknown(entries: list[Record], roofed: list[Roofed]) -> list[Markup]:
    rows = dict.fromkeys(
        (f"{one.machine.name}: {key}", str(why))
        for entry, one in zip(entries, roofed, strict=True)
        for key, why in unknown_values(
            one.machine, [point.point for point in one.points], entry.part("not_placed").values
        )
    )
    return [pairs("Unknown values", list(rows))] if rows else []
