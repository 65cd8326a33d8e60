"""The section of a page about a comparison of mappings: ``benchnn map --compare``."""

import numpy as np

from benchnn.record.reading import Record
from benchnn.report.figures.portfolio_maps import MappedLoads, portfolio_pictures
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, Section, Tile, command_line, parameter_rows
from benchnn.report.sources import StudySource
from simcore.display.markup import Markup, alert, note, pairs, table
from simcore.display.numbers import HTML
from simcore.errors import InputError

PARTS = ("memory", "compute", "traffic", "barrier", "total")


def portfolio_section(source: StudySource) -> Section:
    """The section of a comparison of mappings.

    Raises
    ------
    InputError
        If the record is damaged.
    """
    record = source.record
    rows = record.parts("rows")
    compared = [row for row in rows if row.get("error") is None]
    model, chip = record.text("model.name") or HTML.absent, record.text("chip") or HTML.absent
    warnings = [alert(f"{_name(row)}: {row.text('error')}") for row in rows if row.get("error") is not None]
    warnings += [alert(f"{_name(row)}: {row.text('refusal')}") for row in compared if row.get("refusal") is not None]
    chapters = [
        Chapter("Mappings", [_traffic(compared), _costs(compared), *_reasons(compared)]),
        Chapter("Heat maps", _pictures(record, compared)),
        Chapter("Comparison", [*_about(record), command_line(record)]),
    ]
    neurons = HTML.counted(record.number("model.neurons"), "neuron")
    lead = f"{HTML.counted(len(rows), 'mapping')} of {neurons}; traffic follows from expected rates."
    return Section(str(source.folder), f"Mappings of {model} on {chip}", lead, _tiles(compared), warnings, chapters)


def _name(row: Record) -> str:
    return f"{row.text('mapper') or HTML.absent}, {row.text('place') or HTML.absent}"


def _tiles(rows: list[Record]) -> list[Tile]:
    tiles = []
    for title, key, unit in (
        ("fewest messages", "messages_per_s", "/s"),
        ("fewest hops", "hops_per_s", "/s"),
        ("shortest step", "step_time_s.total", "s"),
    ):
        known = [(value, row) for row in rows if (value := row.number(key)) is not None]
        if known:
            value, row = min(known, key=lambda entry: entry[0])
            tiles.append(Tile(title, HTML.prefixed(value, unit), _name(row)))
    return tiles


def _traffic(rows: list[Record]) -> Markup:
    cells = [
        (
            _name(row),
            HTML.count(row.number("cores")),
            HTML.figures(row.number("messages_per_s")),
            HTML.change(row.number("over_bound")),
            HTML.figures(row.number("hops_per_s")),
            HTML.figures(row.number("mean_hops")),
            HTML.figures(row.number("busiest_link_messages_per_s")),
            HTML.figures(row.number("busiest_core_synops_per_step")),
            HTML.prefixed(row.number("latency_s.mean"), "s", 3),
            HTML.prefixed(row.number("latency_s.largest"), "s", 3),
        )
        for row in rows
    ]
    head = ("mapper, place", "cores", "messages/s", "above the bound", "hops/s", "mean hops",
            "busiest link, messages/s", "busiest core, events per step", "mean latency", "largest latency")  # fmt: skip
    return table("Expected traffic; latencies are lower bounds without contention", head, cells, tuple(range(1, 10)))


def _costs(rows: list[Record]) -> Markup:
    cells = [
        (
            _name(row),
            *(HTML.prefixed(row.number(f"step_time_s.{part}"), "s") for part in PARTS),
            row.text("state") or HTML.absent,
            HTML.prefixed(row.number("energy_j"), "J"),
            HTML.prefixed(row.number("energy_per_spike_j"), "J"),
            HTML.seconds(row.number("wall_s.map")),
            HTML.seconds(row.number("wall_s.place")),
        )
        for row in rows
    ]
    head = ("mapper, place", *PARTS, "bound by", "energy per second", "energy per spike", "mapping", "placing")
    numbers = (1, 2, 3, 4, 5, 7, 8, 9, 10)
    caption = "Duration of the mean step (a lower bound), energy, and wall time of mapping and placing"
    return table(caption, head, cells, numbers)


def _reasons(rows: list[Record]) -> list[Markup]:
    unknown = dict.fromkeys((key, str(why)) for row in rows for key, why in row.part("reasons").values.items())
    return [pairs("Unknown values", list(unknown))] if unknown else []


def _pictures(record: Record, rows: list[Record]) -> list[Picture | Markup]:
    loads = [_loads(row) for row in rows if row.part("loads").values]
    if not loads:
        return [note("The record does not contain the loads of cores and links.")]
    torus = (record.text("topology") or "").endswith("torus")
    return [*portfolio_pictures(loads, torus)]


def _loads(row: Record) -> MappedLoads:
    part = row.part("loads")
    position = np.array(part.list("router_position"), dtype=np.float64).reshape(-1, 2)
    origin, target, router = (
        np.array(part.list(key), dtype=np.int64) for key in ("link_origin", "link_target", "core_router")
    )
    passed, synops = (
        np.array(part.list(key), dtype=np.float64) for key in ("link_messages_per_s", "core_synops_per_s")
    )
    links = len(origin) == len(target) == len(passed)
    ends = np.concatenate([origin, target, router])
    if not links or len(router) != len(synops) or not len(router) or ends.max() >= len(position):
        raise InputError(f"cannot use {row.path}: {part.prefix}: its lists have inconsistent lengths or indices")
    return MappedLoads(_name(row), position, origin, target, passed, router, synops)


def _about(record: Record) -> list[Markup]:
    bound = record.number("messages_bound_per_s")
    rows = [
        ("seed", record.text("seed") or HTML.absent),
        ("synapses", HTML.count(record.number("synapses"))),
        ("lower bound of messages/s for mappings that ignore single synapses", HTML.figures(bound)),
    ]
    rates = [(name, f"{HTML.figures(value)} 1/s") for name, value in record.part("rates_hz").values.items()]
    return [
        pairs("Network", rows),
        pairs("Expected rates", rates),
        pairs("Parameters of the model", parameter_rows(record.part("model.parameters"))),
    ]
