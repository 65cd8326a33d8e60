"""The sections of a page about trials of one network, and about the differences of two experiments."""

from collections.abc import Sequence
from statistics import fmean, stdev

from benchnn.record.reading import Record
from benchnn.report.figures.neuron_rates import LARGEST, interval_picture, rank_picture, scatter_picture
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, Section, Tile, origin_chapter, parameter_rows, parameter_text
from benchnn.report.sources import TrialsSource
from benchnn.statistics.neuron_names import NeuronNames, neuron_names
from benchnn.statistics.neuron_rates import NeuronRates, RateDifferences
from benchnn.statistics.rates_table import (
    compared,
    interval,
    known,
    mark,
    method_sentences,
    place_cells,
    place_head,
    ranked,
)
from benchnn.statistics.trial_folders import TrialSet
from simcore.display.markup import Markup, alert, note, pairs, table
from simcore.display.numbers import HTML
from simcore.display.words import counted
from simcore.errors import InputError

ROWS = 50
"""Largest number of neurons in a table."""
NO_SPIKES = "Rates of neurons are missing, because spikes were not recorded; use --record spikes."


def trials_section(source: TrialsSource) -> Section:
    """The section of a folder of trials."""
    trials = source.trials
    first, n = trials.records[0], len(trials.seeds)
    seeds = f"seeds {trials.seeds[0]} to {trials.seeds[-1]}" if n > 1 else f"seed {trials.seeds[0]}"
    window, before = (HTML.milliseconds(first.number(f"time.{name}_ms")) for name in ("model_time", "warmup"))
    chapters = [
        Chapter("Neurons", _neurons(trials)),
        Chapter("Trials", [_trials(trials)]),
        Chapter("Network", [pairs("Parameters of the model", parameter_rows(first.part("model.parameters")))]),
        origin_chapter(first),
    ]
    title = f"Trials of {first.text('model.name') or HTML.absent}"
    lead = f"{counted(n, 'trial')} ({seeds}) of {window} after a warm-up of {before}."
    warnings = [alert(f"Stopped early and left out: {', '.join(trials.stopped)}.")] if trials.stopped else []
    return Section(str(trials.folder), title, lead, _tiles(trials), warnings, chapters)


def _tiles(trials: TrialSet) -> list[Tile]:
    records = trials.records
    rtf = [record.number("real_time_factor") for record in records]
    built = next((one for one in records if one.get("synapses_built_by") is None), records[0])
    others = "once" if any(one.get("synapses_built_by") is not None for one in records) else "first trial"
    return [
        Tile("trials", HTML.count(len(records))),
        Tile("neurons", HTML.count(records[0].number("model.neurons"))),
        _mean_tile("spikes", [record.number("spikes") for record in records]),
        _mean_tile("active neurons", [_active(record) for record in records]),
        _mean_tile("real-time factor", rtf),
        Tile("network construction", HTML.seconds(built.number("wall_s.construction.max")), others),
    ]


def _mean_tile(name: str, values: Sequence[float | None]) -> Tile:
    """The mean over trials, with the standard deviation as remark."""
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values):
        return Tile(name, HTML.absent, "unknown for some trials")
    spread = f"sd {HTML.figures(stdev(numbers), 3)} over trials" if len(numbers) > 1 else "one trial"
    return Tile(name, HTML.figures(fmean(numbers)), spread)


def _active(record: Record) -> float | None:
    part = record.part("active_neurons")
    numbers = [part.number(name) or 0.0 for name in part.values]
    return sum(numbers) if numbers else None


def _trials(trials: TrialSet) -> Markup:
    rows = [
        (
            str(seed),
            HTML.count(record.number("spikes")),
            HTML.count(_active(record)),
            HTML.figures(record.number("real_time_factor")),
            HTML.seconds(record.number("wall_s.construction.max")),
            record.text("spike_digest") or HTML.absent,
        )
        for seed, record in zip(trials.seeds, trials.records, strict=True)
    ]
    head = ("seed", "spikes", "active neurons", "RTF", "construction", "spike digest")
    return table("Trials; the numbers of spikes and active neurons include spike sources", head, rows, (1, 2, 3, 4))


def _neurons(trials: TrialSet) -> list[Picture | Markup]:
    rates = ranked(trials)
    if rates is None:
        return [note(NO_SPIKES)]
    picture, names = rank_picture({str(trials.folder): rates}), neuron_names(trials.records[0])
    if picture is None:
        return [note("No neuron fired.")]
    return [picture, _rates(trials, rates, names), *_missing(names)]


def _missing(names: NeuronNames) -> list[Markup]:
    return [note(f"Neurons are identified by number: {names.missing}.")] if names.missing else []


def _rates(trials: TrialSet, rates: NeuronRates, names: NeuronNames) -> Markup:
    n = len(rates.neurons)
    rows = []
    for index in range(min(ROWS, n)):
        mean, half = float(rates.mean_hz[index]), float(rates.half_hz[index])
        cells = (HTML.figures(mean), known(float(rates.sd_hz[index])), interval(mean, half))
        place = place_cells(trials, names, int(rates.neurons[index]))
        rows.append((str(index + 1), *place, *cells, f"{100.0 * float(rates.fired[index]):.0f} %"))
    which = f"The {ROWS} fastest of {n:,} neurons that fired" if n > ROWS else "Neurons that fired"
    head = ("rank", *place_head(names), "mean rate (1/s)", "sd", "95 % interval", "fired in")
    return table(f"{which}; sd and interval over trials", head, rows, range(len(head) - 4, len(head)))


def differences_section(first: TrialSet, second: TrialSet) -> Section:
    """The section of the differences of two experiments, or of the reason why they cannot be compared."""
    folders, title = f"{first.folder}, {second.folder}", f"Differences: {second.folder} against {first.folder}"
    try:
        found = compared(first, second)
    except InputError as error:
        return Section(folders, title, "The two experiments are not compared.", [], [alert(str(error))], [])
    own, other, names = ranked(first), ranked(second), neuron_names(first.records[0])
    assert own is not None and other is not None  # noqa: S101 - they are compared
    labels = [_label(first, names, int(neuron)) for neuron in found.neurons[:LARGEST]]
    both = _labels(first, second)
    pictures = [
        rank_picture({both[0]: own, both[1]: other}),
        scatter_picture(found, both),
        interval_picture(found, labels),
    ]
    drawn: list[Picture | Markup] = [picture for picture in pictures if picture is not None]
    method = note(" ".join(method_sentences(first, second, found)))
    chapter = Chapter("Neurons", [*drawn, method, _differences(first, found, names), *_missing(names)])
    changed = [
        (name, f"{_value(before)} and {_value(after)}")
        for name, before, after in _changed(first.records[0], second.records[0])
    ]
    about = [Chapter("Parameters that differ", [pairs("Parameters of the model", changed)])] if changed else []
    n = len(found.neurons)
    tiles = [
        Tile("neurons compared", HTML.count(n), "fired in at least one trial"),
        Tile(
            "intervals that exclude 0",
            HTML.count(int(found.excludes_zero.sum())),
            f"up to {found.by_chance:.3g} expected by chance",
        ),
        Tile("significant", HTML.count(int(found.marked.sum())), "false discovery rate 5 %"),
    ]
    lead = f"Rates in {second.folder} minus those in {first.folder}, by neuron."
    return Section(folders, title, lead, tiles, [], [chapter, *about])


def _labels(first: TrialSet, second: TrialSet) -> tuple[str, str]:
    """Labels of both experiments in figures: the names of their folders or, if these do not differ, the paths."""
    names = first.folder.name, second.folder.name
    return names if all(names) and names[0] != names[1] else (str(first.folder), str(second.folder))


def _label(trials: TrialSet, names: NeuronNames, neuron: int) -> str:
    population, number, *name = place_cells(trials, names, neuron)
    return "".join(name) or f"{population} {number}"


def _value(value: object) -> str:
    return repr(value) if isinstance(value, str) else parameter_text(value)


def _changed(first: Record, second: Record) -> list[tuple[str, object, object]]:
    """Names of the parameters that differ, and both values."""
    own, other = (record.part("model.parameters").values for record in (first, second))
    names = dict.fromkeys([*own, *other])
    return [(name, own.get(name), other.get(name)) for name in names if own.get(name) != other.get(name)]


def _differences(trials: TrialSet, found: RateDifferences, names: NeuronNames) -> Markup:
    n = len(found.neurons)
    rows = []
    for index in range(min(ROWS, n)):
        means = (HTML.figures(float(value)) for value in (found.first_hz[index], found.second_hz[index]))
        difference, half = float(found.difference_hz[index]), float(found.half_hz[index])
        tested = (HTML.figures(difference), interval(difference, half), known(float(found.p[index]), 2))
        place = place_cells(trials, names, int(found.neurons[index]))
        rows.append((str(index + 1), *place, *means, *tested, mark(found, index)))
    head = ("rank", *place_head(names), "first (1/s)", "second (1/s)", "difference", "95 % interval", "p", "")
    which = f"The {ROWS} largest differences of {n:,} neurons" if n > ROWS else "Differences"
    return table(f"{which}: second minus first", head, rows, range(len(head) - 6, len(head) - 1))
