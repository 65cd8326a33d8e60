"""Rates of neurons and their differences as text and CSV."""

import csv
import io
from collections.abc import Sequence

from benchnn.statistics.neuron_names import NeuronNames, neuron_names
from benchnn.statistics.neuron_rates import NeuronRates, RateDifferences, neuron_rates, rate_differences
from benchnn.statistics.trial_folders import TrialSet, pairing, require_comparable
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.display.words import counted

SHOWN = 20
"""Number of neurons in the text table; CSV contains all."""
RATE_COLUMNS = ("mean_hz", "sd_hz", "low_hz", "high_hz", "fired_share")
DIFFERENCE_COLUMNS = ("first_hz", "second_hz", "difference_hz", "low_hz", "high_hz", "p", "excludes_0", "marked")


def place_head(names: NeuronNames) -> tuple[str, ...]:
    """Return the headings of `place_cells`."""
    return ("population", "neuron", *([names.kind] if names.kind else []))


def place_cells(trials: TrialSet, names: NeuronNames, neuron: int) -> tuple[str, ...]:
    """Return population and number of a neuron, and its name if neurons have names."""
    population, number = trials.place(neuron)
    return (population, str(number), *([names.of(population, number) or ""] if names.kind else []))


def rates_csv(trials: TrialSet, rates: NeuronRates) -> str:
    """Format CSV (RFC 4180) with a line for each neuron that fired, in descending order; unknown values are empty."""
    rows = []
    for index in range(len(rates.neurons)):
        mean, half = float(rates.mean_hz[index]), float(rates.half_hz[index])
        numbers = (mean, float(rates.sd_hz[index]), mean - half, mean + half, float(rates.fired[index]))
        rows.append((int(rates.neurons[index]), [_number(value) for value in numbers]))
    return _csv(trials, RATE_COLUMNS, rows)


def differences_csv(trials: TrialSet, found: RateDifferences) -> str:
    """Format CSV of the differences of two experiments, the largest difference first."""
    rows, excludes = [], found.excludes_zero
    for index in range(len(found.neurons)):
        difference, half = float(found.difference_hz[index]), float(found.half_hz[index])
        ends = (difference, difference - half, difference + half, float(found.p[index]))
        numbers = (float(found.first_hz[index]), float(found.second_hz[index]), *ends)
        flags = [str(bool(value)).lower() for value in (excludes[index], found.marked[index])]
        rows.append((int(found.neurons[index]), [*(_number(value) for value in numbers), *flags]))
    return _csv(trials, DIFFERENCE_COLUMNS, rows)


def _csv(trials: TrialSet, columns: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]) -> str:
    names = neuron_names(trials.records[0])
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow([*(heading.replace(" ", "_") for heading in place_head(names)), *columns])
    for neuron, cells in rows:
        out.writerow([*place_cells(trials, names, neuron), *cells])
    return text.getvalue()


def _number(value: float) -> str:
    """The shortest text that represents the number exactly; empty if it is unknown or not finite."""
    return repr(value) if abs(value) < float("inf") else ""


def trials_text(trials: TrialSet) -> str:
    """Describe the trials, and list the omitted ones."""
    record, n = trials.records[0], len(trials.seeds)
    seeds = f"seeds {trials.seeds[0]} to {trials.seeds[-1]}" if n > 1 else f"seed {trials.seeds[0]}"
    line = f"{trials.folder}: {record.text('model.name')}, {counted(n, 'trial')} ({seeds})"
    line += f" of {TEXT.milliseconds(record.number('time.model_time_ms'))}"
    left_out = f"; interrupted and omitted: {', '.join(trials.stopped)}" if trials.stopped else ""
    n_fired = 0 if trials.counts is None else len(trials.counts.neurons)
    fired = "" if trials.counts is None else f", {counted(n_fired, 'neuron') if n_fired else 'no neuron'} fired"
    return line + fired + left_out


def rates_text(trials: TrialSet, rates: NeuronRates) -> str:
    """Format a table of the neurons with the highest rates."""
    if not len(rates.neurons):
        return f"{trials_text(trials)}\n"
    names = neuron_names(trials.records[0])
    places = place_head(names)
    rows: list[tuple[str, ...]] = [(*places, "rate (1/s)", "sd", "95 % interval", "fired in")]
    for index in range(min(SHOWN, len(rates.neurons))):
        mean, half = float(rates.mean_hz[index]), float(rates.half_hz[index])
        cells = (TEXT.figures(mean), known(float(rates.sd_hz[index])), interval(mean, half))
        share = f"{100.0 * float(rates.fired[index]):.0f} %"
        rows.append((*place_cells(trials, names, int(rates.neurons[index])), *cells, share))
    missing = f"\nneurons are identified by number: {names.missing}\n" if names.missing else ""
    return f"{trials_text(trials)}\n\n{aligned(rows, _sides(places) + 'rrrr')}{_more(len(rates.neurons))}{missing}"


def differences_text(first: TrialSet, second: TrialSet, found: RateDifferences) -> str:
    """Format a table of the neurons with the largest differences."""
    if not len(found.neurons):
        return f"{trials_text(first)}\n{trials_text(second)}\n"
    names = neuron_names(first.records[0])
    places = place_head(names)
    rows: list[tuple[str, ...]] = [("", *places, "first (1/s)", "second", "difference", "95 % interval", "p")]
    for index in range(min(SHOWN, len(found.neurons))):
        means = (TEXT.figures(float(value)) for value in (found.first_hz[index], found.second_hz[index]))
        difference, half = float(found.difference_hz[index]), float(found.half_hz[index])
        tested = (TEXT.figures(difference), interval(difference, half), known(float(found.p[index]), 2))
        place = place_cells(first, names, int(found.neurons[index]))
        rows.append((mark(found, index), *place, *means, *tested))
    table, method = aligned(rows, f"l{_sides(places)}rrrrr"), "\n".join(method_sentences(first, second, found))
    return f"{trials_text(first)}\n{trials_text(second)}\n\n{table}{_more(len(found.neurons))}\n{method}\n"


def _sides(places: Sequence[str]) -> str:
    """Alignment of `place_cells`."""
    return "lrl"[: len(places)]


def _more(n: int) -> str:
    return f"and {n - SHOWN:,} more; --csv prints all\n" if n > SHOWN else ""


def known(value: float, digits: int = 4) -> str:
    """Format a number, or a dash for NaN."""
    return TEXT.absent if value != value else TEXT.figures(value, digits)


def interval(middle: float, half: float) -> str:
    """Format both ends, or a dash if they are unknown."""
    return f"{TEXT.figures(middle - half)} to {TEXT.figures(middle + half)}" if half < float("inf") else TEXT.absent


def mark(found: RateDifferences, index: int) -> str:
    """Return two stars if the Benjamini-Hochberg procedure marks a neuron, one if only its interval excludes 0."""
    if found.marked[index]:
        return "**"
    return "*" if found.excludes_zero[index] else ""


def method_sentences(first: TrialSet, second: TrialSet, found: RateDifferences) -> list[str]:
    """Describe the test of the differences, and the expectation by chance."""
    _, why = pairing(first, second)
    why = why[0].upper() + why[1:]
    tests = {"paired": "Student's t over the pairs", "Welch": "Welch's t"}
    n, excluding = len(found.neurons), int(found.excludes_zero.sum())
    if min(len(first.seeds), len(second.seeds)) < 2:
        return [f"{why}; intervals require at least two trials of each experiment."]
    return [
        f"{why}; intervals use {tests[found.method]}.",
        f"*: the interval excludes 0, {excluding:,} of {counted(n, 'neuron')}; up to {found.by_chance:.3g} are "
        "expected by chance if none differs.",
        f"**: significant by the Benjamini-Hochberg procedure at a false discovery rate of 5 %, "
        f"{counted(int(found.marked.sum()), 'neuron')}.",
        "A neuron whose trials are all equal has no interval; the p-value is from an exact permutation test.",
    ]


def compared(first: TrialSet, second: TrialSet) -> RateDifferences:
    """Return the differences of two experiments.

    Raises
    ------
    InputError
        If they cannot be compared.
    """
    require_comparable(first, second)
    assert first.counts is not None and second.counts is not None  # noqa: S101 - see require_comparable
    return rate_differences(first.counts, second.counts, pairing(first, second)[0])


def ranked(trials: TrialSet) -> NeuronRates | None:
    """Return ranked rates; None if spikes were not recorded."""
    return None if trials.counts is None else neuron_rates(trials.counts)
