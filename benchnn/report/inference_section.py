"""The section of a page about an inference: ``benchnn infer``."""

from collections.abc import Iterator

import numpy as np

from benchnn.inference.record_keys import DIRECT
from benchnn.inference.table import CROSSBARS, NEUROBENCH
from benchnn.record.reading import Record
from benchnn.report.figures.inference import (
    Point,
    accuracy_picture,
    confusion_picture,
    densities_picture,
    energy_picture,
)
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, Section, Tile, command_line, parameter_rows
from benchnn.report.sources import StudySource
from simcore.display.markup import Markup, note, pairs, table
from simcore.display.numbers import HTML, TEXT
from simcore.errors import InputError


def inference_section(source: StudySource) -> Section:
    """The section of an inference.

    Raises
    ------
    InputError
        If the record is damaged.
    """
    record = source.record
    rows = record.parts("rows")
    data, model = record.part("data"), record.part("model")
    lead = (
        f"{HTML.counted(data.number('samples'), 'sample')}, {record.text('coding') or HTML.absent} coding, readout by "
        f"{(record.text('readout') or HTML.absent).replace('_', ' ')}."
    )
    simulated = [row for row in rows if row.get("crossbar") is None]
    chapters = [
        Chapter("Accuracy", [*_pictures(simulated), _cases(simulated)]),
        Chapter("On analogue crossbars", _crossbars(rows)),
        Chapter("Costs on chips", _costs(rows)),
        Chapter("NeuroBench", _neurobench(rows)),
        Chapter("Layers", _layers(record, rows)),
        Chapter("Inference", [*_about(record), command_line(record)]),
    ]
    title = f"Inference of {model.text('name') or HTML.absent}"
    return Section(
        str(source.folder), title, lead, _tiles(record, simulated), [], [one for one in chapters if one.content]
    )


def _tiles(record: Record, rows: list[Record]) -> list[Tile]:
    tiles = []
    known = [(share, row) for row in rows if (share := row.number("accuracy.share")) is not None]
    if known:
        share, row = max(known, key=lambda entry: entry[0])
        interval = f"{_percent(row.number('accuracy.low'))} to {_percent(row.number('accuracy.high'))}"
        remark = f"{HTML.counted(row.number('steps'), 'step')}; 95 % interval {interval}"
        tiles.append(Tile("best accuracy", _percent(share), remark))
    tiles.append(Tile("samples per second", HTML.figures(record.number("samples_per_s")), "on this machine"))
    energies = [(energy, row) for row in rows if (energy := row.number("chip.energy_j")) is not None]
    if energies:
        energy, row = min(energies, key=lambda entry: entry[0])
        remark = f"{row.text('chip.name')}, {HTML.counted(row.number('steps'), 'step')}"
        tiles.append(Tile("lowest energy per inference", HTML.prefixed(energy, "J"), remark))
    return tiles


def _percent(share: float | None) -> str:
    return HTML.absent if share is None else f"{100 * share:.2f} %"


def _name(row: Record) -> str:
    noise = row.number("noise")
    return f"{row.text('network') or HTML.absent} network" + (f", noise {noise:g}" if noise else "")


def _place(row: Record) -> str:
    """Network and chip."""
    chip = row.text("chip.name")
    return f"{_name(row)} on {chip}" if chip else _name(row)


def _series(rows: list[Record]) -> dict[str, list[Point]]:
    series: dict[str, list[Point]] = {}
    for row in rows:
        share, low, high = (row.number(f"accuracy.{key}") for key in ("share", "low", "high"))
        steps = row.number("mean_steps")
        if share is None or low is None or high is None or steps is None:
            continue
        exits = "" if row.get("exit_entropy") is None else ", early exit"
        point = Point(steps, share, low, high, row.number("chip.energy_j"))
        series.setdefault(f"{_place(row)}{exits}", []).append(point)
    return {name: sorted(points, key=lambda point: point.steps) for name, points in series.items()}


def _pictures(rows: list[Record]) -> Iterator[Picture]:
    series = _series(rows)
    if series:
        yield accuracy_picture(series)
        energy = energy_picture(series)
        if energy is not None:
            yield energy
    confused = [row for row in rows if row.get("confusion") is not None]
    if confused:
        best = max(confused, key=lambda row: row.number("accuracy.share") or 0.0)
        matrix = np.array(best.list("confusion"))
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.dtype.kind not in "iu":
            raise InputError(f"cannot use {best.path}: {best.prefix}confusion is not a square matrix of counts")
        yield confusion_picture(matrix.astype(np.int64))


def _cases(rows: list[Record]) -> Markup:
    chips = any(row.get("chip") is not None for row in rows)
    cells = [
        (
            _name(row),
            *([row.text("chip.name") or "none"] if chips else []),
            HTML.count(row.number("steps")),
            HTML.figures(row.number("exit_entropy")),
            _percent(row.number("accuracy.share")),
            f"{_percent(row.number('accuracy.low'))} to {_percent(row.number('accuracy.high'))}",
            HTML.figures(row.number("mean_steps")),
            HTML.figures(row.number("spikes")),
            HTML.figures(row.number("synaptic_events")),
        )
        for row in rows
    ]
    before = ("network", "chip") if chips else ("network",)
    head = (*before, "steps", "exit below", "accuracy", "95 % interval", "mean steps", "spikes", "synaptic events")
    return table(
        "Cases; spikes and events are means over the samples", head, cells, tuple(range(len(before), len(head)))
    )


def _costs(rows: list[Record]) -> list[Picture | Markup]:
    on_chip = [row for row in rows if row.get("chip") is not None]
    if not on_chip:
        return []
    cells = [
        (
            _name(row),
            row.text("chip.name") or HTML.absent,
            HTML.count(row.number("steps")),
            HTML.figures(row.number("exit_entropy")),
            _percent(row.number("accuracy.share")),
            HTML.prefixed(row.number("chip.latency_s"), "s"),
            HTML.prefixed(row.number("chip.energy_j"), "J"),
            HTML.prefixed(row.number("chip.estimate_j"), "J"),
            HTML.prefixed(row.number("chip.energy_delay_js"), "Js"),
        )
        for row in on_chip
    ]
    head = ("network", "chip", "steps", "exit below", "accuracy", "latency", "energy", "events x energy",
            "energy x latency")  # fmt: skip
    unknown = dict.fromkeys(
        (f"{row.text('chip.name')}: {key.removeprefix('chip.')}", str(why))
        for row in on_chip
        for key, why in row.part("reasons").values.items()
        if key.startswith("chip.")
    )
    bounds = dict.fromkeys(
        (f"{row.text('chip.name')}: {key}, lower bound", f"without {why}")
        for row in on_chip
        for key, why in row.part("chip.lower_bounds").values.items()
    )
    basis = pairs("Unknown values and lower bounds", [*unknown, *bounds])
    estimate = note(
        "Events x energy is the usual estimate: synaptic events times their published energy. This "
        "estimate leaves out updates, messages, barriers and static power. The modelled energy includes those of them "
        "whose energies are published."
    )
    title = "Inference on a chip, one sample after another"
    return [table(title, head, cells, tuple(range(2, 9))), estimate, *([basis] if unknown or bounds else [])]


def _crossbars(rows: list[Record]) -> list[Picture | Markup]:
    found = [row for row in rows if row.get("crossbar") is not None]
    cells = [
        (
            row.text("crossbar.sheet") or HTML.absent,
            (row.text("crossbar.weight_encoding") or HTML.absent).replace("_", ", "),
            *(HTML.figures(row.number(f"crossbar.{key}")) for key in CROSSBARS.values()),
            HTML.figures(row.number("noise")),
            HTML.count(row.number("steps")),
            HTML.figures(row.number("exit_entropy")),
            _percent(row.number("accuracy.share")),
            f"{_percent(row.number('accuracy.low'))} to {_percent(row.number('accuracy.high'))}",
            _percent(row.number("crossbar.answers_as_original")),
        )
        for row in found
    ]
    properties = (name.replace(TEXT.ohm, HTML.ohm) for name in CROSSBARS)
    head = ("crossbars", "weights", *properties, "sample noise", "steps", "exit below", "accuracy", "95 % interval",
            "agreement")  # fmt: skip
    title = "Answers with errors of crossbars; agreement: share of answers that equal the simulator's"
    return [table(title, head, cells, tuple(range(2, len(head))))] if cells else []


def _neurobench(rows: list[Record]) -> list[Picture | Markup]:
    parts = {"metrics": "NeuroBench's", "ours": "the simulator's"}
    asked = [row for row in rows if row.get("neurobench") is not None]
    cells = [
        (
            _name(row),
            HTML.figures(row.number("mean_steps")),
            f"{name} (layers: {row.text('neurobench.layers') or HTML.absent})" if part == "metrics" else name,
            *(HTML.figures(row.number(f"neurobench.{part}.{key}")) for key in NEUROBENCH),
        )
        for row in asked
        for part, name in parts.items()
    ]
    head = ("network", "mean steps", "definition", *NEUROBENCH.values())
    title = "Metrics, means over the samples, by NeuroBench's definitions and by the simulator's"
    return [table(title, head, cells, (1, *range(3, len(head))))] if cells else []


def _layers(record: Record, rows: list[Record]) -> list[Picture | Markup]:
    longest = max(rows, key=lambda row: row.number("steps") or 0.0, default=None)
    densities = {} if longest is None else longest.part("densities").values
    sent = {name: values for name, values in densities.items() if isinstance(values, list) and any(values)}
    cells = [
        (
            layer.text("name") or HTML.absent,
            HTML.count(layer.number("neurons")),
            HTML.count(layer.number("late_steps")),
            HTML.figures(float(np.mean(sent[name]))) if (name := layer.text("name")) in sent else HTML.absent,
        )
        for layer in record.parts("layers")
    ]
    head = ("layer", "neurons", "steps late", "spikes per neuron and step")
    layers = table("Layers", head, cells, (1, 2, 3))
    return [*([densities_picture(sent)] if sent else []), layers]


def _about(record: Record) -> list[Markup]:
    data = record.part("data")
    rows = [
        ("data", data.text("file") or HTML.absent),
        ("digest of the data", data.text("sha256") or HTML.absent),
        ("samples per batch", HTML.count(record.number("batch"))),
        ("ranks", HTML.count(record.number("ranks"))),
        ("wall time", HTML.seconds(record.number("wall_s"))),
        ("peak memory", HTML.size(record.number("peak_rss_bytes"))),
    ]
    products = record.number("direct_products")
    if record.text("coding") == DIRECT and products:
        rows.append(("products of a sample and the first layer's weights, not counted elsewhere", HTML.count(products)))
    return [
        pairs("Run", rows),
        pairs("Parameters of the model", parameter_rows(record.part("model.parameters"))),
    ]
