"""The section of a page about many-core designs: ``benchnn many-core``."""

from benchnn.record.reading import Record
from benchnn.report.figures.many_core import DesignPoint, GainCurve, designs_picture, gain_picture
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, Section, Tile, command_line
from benchnn.report.sources import StudySource
from simcore.accelerators.many_core.design import PUBLISHED
from simcore.display.markup import Markup, note, pairs, table
from simcore.display.numbers import HTML

MOST_LABELLED = 12
"""Up to this number, all designs are labelled; beyond it, only those that the paper names."""
NAMED = {design.name for design in PUBLISHED}
DRAWN = ("memory", "ridge")
"""Regimes of the figure. Where computation binds, the gain equals the gain at the ridge and is at least 1."""


def many_core_section(source: StudySource) -> Section:
    """The section of many-core designs.

    Raises
    ------
    InputError
        If the record is damaged.
    """
    record = source.record
    designs, rows = record.parts("designs"), record.parts("rows")
    chapters = [
        Chapter("Designs", [*_designs_picture(designs), _designs(designs), *_claims(record), *_cautions(record)]),
        Chapter("Networks on designs", [_rows(rows)] if rows else []),
        Chapter("Sparse weights", _sparsity(record.part("sparsity"))),
        Chapter("Components", [_components(record.part("components"))]),
        Chapter("Sources of the numbers", [*_reasons(record, rows), command_line(record)]),
    ]
    names = ", ".join(network.text("name") or HTML.absent for network in record.parts("networks"))
    lead = f"{record.text('sheet.title') or HTML.absent}: {names}; loading of weights {record.text('options.weights')}."
    return Section(
        str(source.folder),
        "Many-core designs",
        lead,
        _tiles(record, designs),
        [],
        [c for c in chapters if c.content],
    )


def _tiles(record: Record, designs: list[Record]) -> list[Tile]:
    tiles = [Tile("designs", HTML.count(len(designs)))]
    even = record.number("sparsity.break_even")
    if even is not None:
        tiles.append(Tile("break-even of sparse weights", f"{even:.3f}", "sparsity, where memory binds"))
    return tiles


def _tops(value: float | None) -> str:
    return HTML.fixed(None if value is None else value / 1e12, 2)


def _designs_picture(designs: list[Record]) -> list[Picture]:
    """The figure of the designs by their means at the first batch size; empty if no design has one."""
    points, batch = [], ""
    for design in designs:
        means = design.parts("means")
        if not means:
            continue
        share, throughput = means[0].number("utilisation"), means[0].number("operations_per_s")
        batch, name = means[0].text("batch") or "", design.text("name") or HTML.absent
        # A tiny number becomes 0 in TOPS, which a logarithmic axis cannot show.
        if share is not None and throughput is not None and throughput / 1e12 > 0.0:
            labelled = len(designs) <= MOST_LABELLED or name in NAMED
            points.append(DesignPoint(name, int(design.number("size") or 0), share, throughput, labelled))
    return [designs_picture(points, batch)] if points else []


def _designs(designs: list[Record]) -> Markup:
    batches = [mean.text("batch") or HTML.absent for mean in designs[0].parts("means")] if designs else []
    head = ["X,N,Tx,Ty", "network", "clock", "peak TOPS"]
    head += [name for batch in batches for name in (f"utilisation, {batch}", f"TOPS, {batch}")]
    cells = []
    for design in designs:
        line = [
            design.text("name") or HTML.absent,
            design.text("network") or HTML.absent,
            HTML.prefixed(design.number("clock_hz"), "Hz"),
            _tops(design.number("peak_operations_per_s")),
        ]
        means = {mean.text("batch"): mean for mean in design.parts("means")}
        for batch in batches:
            mean = means.get(batch)
            share, throughput = (None, None) if mean is None else (
                mean.number("utilisation"), mean.number("operations_per_s"))  # fmt: skip
            line += [HTML.share(share), _tops(throughput)]
        cells.append(tuple(line))
    return table(
        "Designs, highest throughput first; means over the networks", tuple(head), cells, tuple(range(2, len(head)))
    )


def _claims(record: Record) -> list[Markup]:
    return [
        note(
            f"Published claim: {one.text('claim')}. It holds in {HTML.count(one.number('holds_in'))} of "
            f"{HTML.counted(one.number('rows'), 'row')} ({one.text('verdict')})."
        )
        for one in record.parts("claims")
    ]


def _cautions(record: Record) -> list[Markup]:
    return [note(str(text)) for text in record.list("cautions")]


def _rows(rows: list[Record]) -> Markup:
    cells = [
        (
            row.text("design") or HTML.absent,
            row.text("network") or HTML.absent,
            row.text("asked") or HTML.absent,
            HTML.count(row.number("batch")),
            HTML.share(row.number("utilisation")),
            _tops(row.number("operations_per_s")),
            HTML.prefixed(row.number("latency_s"), "s"),
            HTML.figures(row.number("inputs_per_s")),
        )
        for row in rows
    ]
    head = ("X,N,Tx,Ty", "workload", "asked", "batch", "utilisation", "TOPS", "latency", "inputs per second")
    return table("Networks on designs", head, cells, tuple(range(3, 8)))


def _sparsity(sparsity: Record) -> list[Picture | Markup]:
    names = {unit.number("cells"): " and ".join(map(str, unit.list("names"))) for unit in sparsity.parts("units")}
    curves: dict[tuple[str, int], list[tuple[float, float]]] = {}
    cells = []
    for row in sparsity.parts("rows"):
        share, block, gains = row.number("sparsity"), row.number("cells"), row.part("gains")
        if share is None or block is None:
            continue
        for regime in gains.values:
            value = gains.number(regime)
            if value and share < 1.0 and regime in DRAWN:
                curves.setdefault((regime, int(block)), []).append((share, value))
        cells.append(
            (
                f"{share:g}",
                HTML.count(block),
                HTML.fixed(row.number("blocks_left"), 4),
                HTML.fixed(row.number("stored_share"), 3),
                *(f"{name} {HTML.fixed(gains.number(name), 3)}" for name in gains.values),
            )
        )
    drawn = [
        GainCurve(regime, block, names.get(block) or f"blocks of {block}", sorted(points))
        for (regime, block), points in curves.items()
    ]
    even = sparsity.number("break_even")
    content: list[Picture | Markup] = [gain_picture(drawn, even)] if drawn and even is not None and even < 1.0 else []
    if sparsity.text("note"):
        content.append(note(sparsity.text("note") or ""))
    regimes = max((len(line) - 4 for line in cells), default=0)
    head = ("sparsity", "weights per block", "remaining blocks", "stored bytes", *["gain"] * regimes)
    if cells:
        content.append(
            table(
                "Gain of sparse weights",
                head,
                [line for line in cells if len(line) == len(head)],
                tuple(range(len(head))),
            )
        )
    return content


def _components(components: Record) -> Markup:
    rows = []
    for name in ("synthesised", "chip"):
        unit = components.part(name)
        area, energies = unit.number("area_m2"), unit.part("energy_j")
        values = [HTML.absent if area is None else f"{1e12 * area:,.0f} µm²"]
        values += [f"{HTML.prefixed(energies.number(key), 'J', 3)} ({key})" for key in energies.values]
        values.append(components.text(f"evidence.{name}") or "")
        rows.append((f"unit, {name}", "; ".join(values)))
    ratios, memory = components.part("ratios"), components.part("memory_m2_per_mib")
    rows += [(f"chip to synthesis: {name}", HTML.figures(ratios.number(name), 3)) for name in ratios.values]
    for name in memory.values:
        area = memory.number(name)
        shown_area = HTML.absent if area is None else f"{1e6 * area:.2f} mm² per MiB"
        rows.append(
            (f"memory: {name.replace('_', ' ')}", f"{shown_area}; {components.text('evidence.memory_m2_per_mib')}")
        )
    return pairs("Multiply-accumulate units and memory", rows)


def _reasons(record: Record, rows: list[Record]) -> list[Markup]:
    unknown = [(name, f"unknown: {why}") for name, why in record.part("reasons").values.items()]
    unknown += dict.fromkeys(
        (f"{row.text('network')} on {row.text('design')}", f"batch size unknown: {row.text('reasons.batch')}")
        for row in rows
        if row.number("batch") is None
    )
    return [pairs("Unknown values", unknown)] if unknown else []
