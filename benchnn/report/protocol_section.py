"""The section of a page about a protocol."""

from collections.abc import Callable
from pathlib import Path

from benchnn.record.folder import SPIKES, TRACE_PATTERN, TRACES, WEIGHTS
from benchnn.record.reading import Record
from benchnn.report.figures.potentials import potentials_picture
from benchnn.report.figures.power import power_picture
from benchnn.report.figures.raster import raster_picture
from benchnn.report.figures.weights import weights_picture
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, Section, Tile, command_line, parameter_rows, value_or_reason
from benchnn.report.sources import StudySource
from benchnn.studies.protocol import RECORDED, TIMED
from simcore.display.markup import Markup, alert, element, note, pairs, table
from simcore.display.numbers import HTML
from simcore.recording.sonata import read_spikes
from simcore.recording.trace_files import read_traces
from simcore.recording.weights_file import read_weights


def protocol_section(source: StudySource) -> Section:
    """The section of a protocol.

    Raises
    ------
    InputError
        If the record or a recording is damaged.
    """
    record, folder = source.record, source.folder / RECORDED
    chapters = [
        Chapter("Energy", _power(record)),
        Chapter("Activity", [_populations(record), *_recorded(folder / SPIKES, _raster)]),
        Chapter("Membrane potentials", _potentials(folder)),
        Chapter("Weights", _recorded(folder / WEIGHTS, lambda path: weights_picture(read_weights(path)))),
        Chapter("Agreement with NEST", _agreement(record)),
        Chapter("Runs", [_runs(record)]),
        Chapter("Protocol", [*_about(record), command_line(record)]),
    ]
    model, time = record.part("model"), record.part("time")
    lead = (
        f"{HTML.milliseconds(time.number('model_time_ms'))} after a warm-up of "
        f"{HTML.milliseconds(time.number('warmup_ms'))}, seed "
        f"{record.text('seed')}, {HTML.counted(record.number('threads'), 'thread')}."
    )
    title = f"Protocol of {model.text('name') or HTML.absent}"
    return Section(str(source.folder), title, lead, _tiles(record), _warnings(record), chapters)


def _tiles(record: Record) -> list[Tile]:
    speed = record.part("speed")
    events, energy = speed.number("synaptic_events_per_s"), speed.number("energy_per_synaptic_event_uj")
    share = record.number("agreement.share")
    return [
        Tile("real-time factor", HTML.figures(speed.number("real_time_factor"))),
        Tile("synaptic events", HTML.absent if events is None else f"{HTML.scaled(events)}/s", "of wall time"),
        Tile(
            "energy per synaptic event",
            HTML.absent if energy is None else f"{HTML.figures(energy, 3)} µJ",
            "not measured" if energy is None else "",
        ),
        Tile("spikes in common with NEST", HTML.absent if share is None else f"{100.0 * share:.4g} %", _within(record)),
    ]


def _within(record: Record) -> str:
    steps = record.number("agreement.within_steps")
    compared = HTML.milliseconds(record.number("time.compared_ms"))
    return "not compared" if steps is None else f"within {steps:g} step, first {compared}"


def _warnings(record: Record) -> list[Markup]:
    failed = [
        alert([f"Failed: {run.text('name')}: ", element("q", run.text("error") or "")])
        for run in record.parts("runs")
        if run.get("error") is not None
    ]
    if record.get("interrupted_by") is not None:
        failed.append(alert(f"Interrupted by {record.text('interrupted_by')}."))
    digests = {run.text("name"): run.text("spike_digest") for run in record.parts("runs")}
    if None not in (pair := [digests.get(name) for name in (TIMED, RECORDED)]) and pair[0] != pair[1]:
        failed.append(alert("The timed run and the recorded run have different spikes."))
    return failed


def _power(record: Record) -> list[Picture | Markup]:
    powers, every_ms = record.list("speed.power_w"), record.number("speed.power_every_ms")
    picture = [power_picture([float(power) for power in powers], every_ms)] if powers and every_ms else []
    each, mean = record.number("speed.energy_per_synaptic_event_uj"), record.number("speed.mean_power_w")
    rows = [
        (
            "per synaptic event",
            value_or_reason(record, "speed.energy_per_synaptic_event_uj", f"{HTML.figures(each, 3)} µJ"),
        ),
        ("mean power", value_or_reason(record, "speed.mean_power_w", f"{HTML.figures(mean)} W")),
        ("power over time", value_or_reason(record, "speed.power_w", f"{len(powers)} intervals")),
    ]
    return [*picture, pairs("Energy of the state propagation; idle power is not subtracted", rows)]


def _populations(record: Record) -> Markup:
    rates, bursts = record.part("mean_rate_hz"), record.part("burst_shares")
    rows = [
        (name, HTML.figures(rates.number(name)), HTML.figures(bursts.number(name), 3))
        for name in dict.fromkeys([*rates.values, *bursts.values])
    ]
    interval = HTML.milliseconds(record.number("burst_interval_ms"))
    head = ("population", "mean rate (1/s)", f"share of spikes in bursts (intervals of at most {interval})")
    return table("Populations", head, rows, (1, 2))


def _raster(path: Path) -> Picture | None:
    return raster_picture(read_spikes(path).spikes())


def _potentials(folder: Path) -> list[Picture | Markup]:
    found = any(folder.glob(TRACE_PATTERN))
    picture = potentials_picture(read_traces(folder / TRACES)) if found else None
    return [note("Membrane potentials were not recorded.") if picture is None else picture]


def _recorded(path: Path, draw: Callable[[Path], Picture | None]) -> list[Picture | Markup]:
    """The figure of a recording; a note if the file is missing or empty."""
    picture = draw(path) if path.is_file() else None
    return [note("This quantity was not recorded.") if picture is None else picture]


def _agreement(record: Record) -> list[Markup]:
    part = record.part("agreement")
    if not part.values:
        return [note(f"Not compared: {record.reason('agreement')}.")]
    rows = [
        (name, HTML.figures(one.number("share")), *(HTML.count(one.number(k)) for k in ("spikes", "spikes_of_other")))
        for name, one in (*part.named_parts("populations"), ("all", part))
    ]
    head = ("population", "share of common spikes", "spikes of simcore", "spikes of NEST")
    shown = [table(f"Common spikes: at most {part.text('within_steps')} step apart", head, rows, (1, 2, 3))]
    first = part.part("first_difference")
    equal = HTML.count(part.number("equal_spikes"))
    if first.values:
        where = f"neuron {first.text('neuron')} of {first.text('population')} spikes only in {first.text('spikes_in')}"
        return [*shown, note(f"{equal} spikes are equal; at {HTML.milliseconds(first.number('time_ms'))} {where}.")]
    return [*shown, note(f"All {equal} spikes are equal.")]


def _runs(record: Record) -> Markup:
    rows = [
        (
            run.text("name") or HTML.absent,
            HTML.figures(run.number("real_time_factor")),
            element("code", run.text("spike_digest") or HTML.absent),
            "succeeded" if run.get("error") is None else element("span", "failed", class_="bad"),
        )
        for run in record.parts("runs")
    ]
    return table("All runs", ("folder", "RTF", "spike digest", "outcome"), rows, (1,))


def _about(record: Record) -> list[Markup]:
    rows = [("processor", record.part("machine").text("cpu_model") or HTML.absent)]
    return [
        pairs("Machine", rows),
        pairs("Parameters of the model", parameter_rows(record.part("model").part("parameters"))),
    ]
