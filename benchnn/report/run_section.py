"""The section of a page about a run."""

from benchnn.record.reading import Record
from benchnn.record.waits import waits_text
from benchnn.report.chip_chapter import chip_chapters
from benchnn.report.energy_chapter import energy_chapter
from benchnn.report.figures.distributions import Sample, overlaid_distributions
from benchnn.report.figures.phases import Stack, phase_picture
from benchnn.report.figures.raster import raster_picture
from benchnn.report.picture import Picture
from benchnn.report.plasticity_chapter import plasticity_chapters
from benchnn.report.section import Chapter, Section, Tile, origin_chapter, parameter_rows, value_or_reason
from benchnn.report.sources import RunSource
from benchnn.statistics.statistics import statistics_of
from benchnn.statistics.statistics_set import StatisticsSet
from simcore.display.markup import Markup, alert, note, pairs, table
from simcore.display.numbers import HTML
from simcore.display.words import interval_words

PHASES = ("update", "deliver", "communicate", "record")
PARTS = ("preparation", "compile", "construction", "routing", "warmup", "propagation")


def run_section(source: RunSource, reference: StatisticsSet | None) -> Section:
    """The section of a run; the distributions of a reference are overlaid if one is given.

    Raises
    ------
    InputError
        If the record is damaged, or the reference describes another network.
    """
    record = source.record
    chapters = [
        Chapter("Network", [*_network(record)]),
        Chapter("Time", [*_phase_pictures(record), _phase_table(record), *_waits(record), _wall_table(record)]),
        energy_chapter(record),
        *chip_chapters(source),
        _activity(source, reference),
        *plasticity_chapters(source),
        Chapter("Memory", [_memory(record)]),
        Chapter("Digests", [_digests(record)]),
        origin_chapter(record),
    ]
    title = f"Run of {record.part('model').text('name') or HTML.absent}"
    overlaid = reference is not None and source.spikes is not None
    return Section(str(source.folder), title, _lead(record), _tiles(record), _warnings(record), chapters, overlaid)


def _lead(record: Record) -> str:
    """One sentence: size of the network, simulator and layout."""
    model, layout, simulator = record.part("model"), record.part("layout"), record.part("simulator")
    ranks, threads = layout.number("ranks"), layout.number("threads_per_rank")
    who = f"{simulator.text('name') or 'simulator unknown'} {simulator.text('version') or ''}".strip()
    size = f"{HTML.counted(model.number('neurons'), 'neuron')}, {HTML.counted(model.number('synapses'), 'synapse')}"
    seed = record.text("seed") or HTML.absent
    return f"{size}, seed {seed}; {who} on {HTML.count(ranks)} x {HTML.count(threads)} (ranks x threads)."


def _phases_of(record: Record) -> dict[str, float]:
    """Phases as parts of the real-time factor of the slowest rank; means over threads."""
    rtf, whole = record.number("real_time_factor"), record.number("wall_s.propagation.max")
    known = {phase: record.number(f"phases_s.{phase}.mean") for phase in PHASES}
    return {phase: rtf * mean / whole for phase, mean in known.items() if mean is not None and rtf and whole}


def _tiles(record: Record) -> list[Tile]:
    rtf, events = record.number("real_time_factor"), record.number("synaptic_events")
    per_event = record.number("energy_per_synaptic_event_uj")
    covers = ", ".join(map(str, record.part("energy").list("covers")))
    timed = record.number("time.timed_ms")
    over = "" if timed is None else f"over {HTML.milliseconds(timed)}"
    return [
        Tile("real-time factor", HTML.figures(rtf), over if rtf is not None else record.reason("real_time_factor")),
        Tile("state propagation", HTML.seconds(record.number("wall_s.propagation.max")), "wall time"),
        Tile("network construction", HTML.seconds(record.number("wall_s.construction.max")), "wall time"),
        Tile("spikes", HTML.count(record.number("spikes"))),
        Tile("synaptic events", HTML.absent if events is None else HTML.scaled(events)),
        Tile(
            "energy per synaptic event",
            HTML.absent if per_event is None else f"{HTML.figures(per_event, 3)} µJ",
            f"of {covers}" if per_event is not None else "not measured",
        ),
        Tile("peak memory", HTML.size(record.number("memory_bytes.peak_rss.sum")), "sum over ranks"),
    ]


def _warnings(record: Record) -> list[Markup]:
    warnings = []
    if record.flag("interrupted"):
        warnings.append(alert("The run was stopped before the end of the model time."))
    suppressed = record.part("suppressed_spikes")
    number = sum(suppressed.number(name) or 0.0 for name in suppressed.values)
    if number:
        warnings.append(alert(f"{HTML.count(number)} spikes were suppressed: second spikes of a neuron in one step."))
    warnings += [alert(f"Adapted: {text}") for text in record.part("backend").list("adaptations")]
    return warnings


def _network(record: Record) -> list[Markup]:
    model, backend, layout = record.part("model"), record.part("backend"), record.part("layout")
    low, high = model.number("min_delay_ms"), model.number("max_delay_ms")
    rows = [
        ("model", model.text("name") or HTML.absent),
        ("neurons", HTML.count(model.number("neurons"))),
        ("synapses", HTML.count(model.number("synapses"))),
        ("resolution", HTML.milliseconds(model.number("resolution_ms"))),
        ("delays", HTML.absent if low is None or high is None else interval_words(low, high, "ms")),
        ("seed", record.text("seed") or HTML.absent),
        ("model time", HTML.milliseconds(record.number("time.model_time_ms"))),
        ("warm-up", HTML.milliseconds(record.number("time.warmup_ms"))),
    ]
    computed = [
        ("ranks x threads", f"{HTML.count(layout.number('ranks'))} x {HTML.count(layout.number('threads_per_rank'))}"),
        ("hosts", ", ".join(map(str, layout.list("hosts"))) or HTML.absent),
        ("backend", backend.text("name") or HTML.absent),
        ("precision", backend.text("precision") or HTML.absent),
        ("weights", f"{backend.text('weight_bits')} bits" if backend.get("weight_bits") is not None else HTML.absent),
        ("delivery", backend.text("delivery") or HTML.absent),
        ("exchange", value_or_reason(record, "backend.exchange")),
        ("connectivity", record.part("simulator").text("connectivity") or HTML.absent),
    ]
    parameters = parameter_rows(model.part("parameters"))
    tables = [pairs("Network and time", rows), pairs("Simulator and layout", computed)]
    differences = [
        (str(number), str(text)) for number, text in enumerate(record.part("simulator").list("differences"), 1)
    ]
    tables += [pairs("Differences of the network from the description", differences)] if differences else []
    return [*tables, pairs("Parameters of the model", parameters)] if parameters else tables


def _phase_pictures(record: Record) -> list[Picture | Markup]:
    rtf, phases = record.number("real_time_factor"), _phases_of(record)
    if rtf is None or not phases:
        why = record.reason("real_time_factor" if rtf is None else "phases_s")
        return [note(f"Phases are not shown: {why}.")]
    caption = "Phases are means over threads; 'other' is the remaining wall time of the slowest rank."
    return [phase_picture([Stack("", rtf, phases)], "Real-time factor by phase.", caption)]


def _phase_table(record: Record) -> Markup:
    whole = record.number("wall_s.propagation.max")
    rows = []
    for phase in PHASES:
        mean, most = (record.number(f"phases_s.{phase}.{part}") for part in ("mean", "max"))
        rows.append((phase, HTML.seconds(mean), HTML.share(mean, whole), HTML.seconds(most)))
    head = ("phase", "mean over threads", "share", "busiest thread")
    return table("Phases of the state propagation", head, rows, (1, 2, 3))


def _waits(record: Record) -> list[Markup]:
    sentence = waits_text([count or 0 for count in record.list("thread_waits_log2_ns")], HTML)
    return [] if sentence is None else [note(f"Threads waited for each other {sentence}.")]


def _wall_table(record: Record) -> Markup:
    names = [*PARTS, *(name for name in record.part("wall_s").values if name not in PARTS)]
    walls = record.part("wall_s")
    rows = [
        (name, *(HTML.seconds(walls.number(f"{name}.{part}")) for part in ("min", "mean", "max")))
        for name in names
        if name in walls.values
    ]
    return table("Wall time by rank", ("part", "fastest rank", "mean", "slowest rank"), rows, (1, 2, 3))


def _activity(source: RunSource, reference: StatisticsSet | None) -> Chapter:
    record, spikes = source.record, source.spikes
    rates = record.part("mean_rate_hz")
    rows = [
        (
            name,
            one.text("neuron_model") or HTML.absent,
            HTML.count(one.number("neurons")),
            HTML.figures(rates.number(name)),
        )
        for name, one in record.part("model").named_parts("populations")
    ]
    populations = table("Populations", ("population", "neuron model", "neurons", "mean rate (1/s)"), rows, (2, 3))
    if spikes is None:
        why = "Rasters and distributions are missing, because spikes were not recorded; use --record spikes."
        return Chapter("Activity", [populations, note(why)])
    sample = Sample(
        record.part("simulator").text("name") or "this run",
        [statistics_of(spikes)],
        (spikes.stop_step - spikes.start_step) * spikes.resolution_ms,
    )
    raster = raster_picture(spikes)
    shown = [populations] if raster is None else [populations, raster]
    distributions = overlaid_distributions([sample], record.part("model"), spikes.sizes, reference)
    return Chapter("Activity", [*shown, *distributions])


def _memory(record: Record) -> Markup:
    synapses, memory = record.number("model.synapses"), record.part("memory_bytes")
    rows = []
    for name in memory.values:
        low, high, total = (memory.number(f"{name}.{part}") for part in ("min", "max", "sum"))
        each = HTML.figures(None if total is None or not synapses else total / synapses, 3)
        rows.append((name.replace("_", " "), HTML.size(low), HTML.size(high), HTML.size(total), each))
    head = ("part", "smallest rank", "largest rank", "all ranks", "bytes per synapse")
    return table("Memory", head, rows, (1, 2, 3, 4))


def _digests(record: Record) -> Markup:
    rows = [("spikes", value_or_reason(record, "spike_digest")), ("network", value_or_reason(record, "network_digest"))]
    return pairs("Runs with equal digests have equal spikes and equal networks", rows)
