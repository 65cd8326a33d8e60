"""The report on regressions as text and JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchnn.record.keys import value_of, value_text
from benchnn.results.listing import layout
from benchnn.results.regressions import ChangedSpikes, Group, Judgement, Report
from benchnn.results.repeats import Sample, Verdict
from benchnn.results.selection import Record
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned

HEADING = ("", "earlier runs", "newest runs", "RTF", "")


def to_text(report: Report) -> str:
    """Format worse and better configurations in detail, others in a line, changed spikes, and a summary."""
    decided = {verdict: [group for group in report.groups if _has(group, verdict)] for verdict in Verdict}
    shown = [*decided[Verdict.WORSE], *(one for one in decided[Verdict.BETTER] if one not in decided[Verdict.WORSE])]
    compared = [group for group in report.groups if group.earlier and group not in shown]
    unmatched = [group for group in report.groups if not group.earlier]
    blocks = [_block(group) for group in shown]
    if compared:
        blocks.append("no regression found\n" + aligned([HEADING, *(_line(group) for group in compared)], "lrrrl"))
    if unmatched:
        lines = [f"  {configuration(group.example, group.shown_parameters)}: {group.newest}\n" for group in unmatched]
        blocks.append("cannot tell: no earlier version to compare with\n" + "".join(lines))
    blocks += [_changed(changed) for changed in report.changed_spikes]
    return "\n".join([*blocks, _summary(report, len(shown) + len(compared), len(unmatched))])


def to_record(report: Report) -> dict[str, Any]:
    """Return the report as a JSON object; each configuration is named by one of its runs."""
    return {
        "criterion": {"min_change": report.criterion.min_change, "level": report.criterion.level},
        "failed": report.failed,
        "groups": [
            {
                "configuration": configuration(group.example, group.shown_parameters),
                "example_run_id": group.example["run_id"],
                "newest": group.newest,
                "earlier": group.earlier or None,
                "surroundings": list(group.surroundings),
                "measures": {one.key: _measure(one) for one in group.judgements},
            }
            for group in report.groups
        ],
        "changed_spikes": [
            {
                "configuration": configuration(changed.example, changed.shown_parameters),
                "seed": value_of(changed.example, "seed"),
                "example_run_id": changed.example["run_id"],
                "before": list(changed.before),
                "now": list(changed.now),
                "versions": changed.versions,
                "within_version": changed.within_version,
            }
            for changed in report.changed_spikes
        ],
    }


def configuration(record: Record, shown_parameters: Mapping[str, str]) -> str:
    """Describe the configuration of a run in one line."""
    keys = ("model.name", "time.model_time_ms", "simulator.name", "backend.name", "backend.precision")
    model, time_ms, simulator, backend, precision = (value_text(value_of(record, key)) for key in keys)
    bits = value_of(record, "backend.weight_bits")
    numbers = precision if bits is None else f"{precision} {value_text(bits)}-bit"
    parameters = "".join(f" {name}={value}" for name, value in shown_parameters.items())
    what = simulator if simulator == backend else f"{simulator} {backend}"
    host, cpu = (value_text(value_of(record, f"provenance.{key}")) for key in ("host", "cpu_model"))
    return f"{model}{parameters}, {time_ms} ms, {what} {numbers}, {layout(record)}, {host} ({cpu})"


def _block(group: Group) -> str:
    rows: list[Sequence[str]] = [("", "earlier", "span", "newest", "span", "change", "")]
    for one in group.judgements:
        cells = [cell for sample in (one.earlier, one.newest) for cell in _cells(sample)]
        change = TEXT.change(one.change)
        rows.append((f"  {one.measure}", *cells, change, _verdict(one)))
    lines = [
        f"{configuration(group.example, group.shown_parameters)}\n",
        f"  newest   {group.newest}\n  earlier  {group.earlier}\n",
        aligned(rows, "lrrrrrl"),
        *(f"  also changed  {what}\n" for what in group.surroundings),
    ]
    return "".join(lines)


def _line(group: Group) -> tuple[str, ...]:
    """A configuration without a regression: numbers of runs, change of the first measure, undecided measures."""
    first = group.judgements[0] if group.judgements else None
    counts = (
        [str(0 if side is None else side.repeats) for side in (first.earlier, first.newest)] if first else ["0", "0"]
    )
    change = TEXT.change(None if first is None else first.change)
    unknown = [one.measure for one in group.judgements if one.verdict is Verdict.UNKNOWN]
    note = str(Verdict.SAME.value) if not unknown else "cannot tell: too few repeats"
    if unknown and len(unknown) < len(group.judgements):
        note += f" of {', '.join(unknown)}"
    return f"  {configuration(group.example, group.shown_parameters)}", *counts, change, note


def _has(group: Group, verdict: Verdict) -> bool:
    return any(one.verdict is verdict for one in group.judgements)


def _cells(sample: Sample | None) -> tuple[str, str]:
    if sample is None:
        return "-", "-"
    return TEXT.figures(sample.median), f"{TEXT.figures(sample.min)} - {TEXT.figures(sample.max)}"


def _verdict(one: Judgement) -> str:
    verdict = str(one.verdict.value)
    if one.verdict is not Verdict.UNKNOWN:
        return verdict
    counts = [0 if sample is None else sample.repeats for sample in (one.earlier, one.newest)]
    return f"{verdict}: too few repeats, {counts[0]} and {counts[1]}"


def _changed(changed: ChangedSpikes) -> str:
    seed = value_text(value_of(changed.example, "seed"))
    if changed.within_version:
        title = "RESULTS ARE NOT A FUNCTION OF THE CONFIGURATION: one version of the code produced different spikes"
        digests = ", ".join(changed.now)
    else:
        title = "RESULTS HAVE CHANGED: the same configuration produces other spikes"
        digests = f"{', '.join(changed.before)} -> {', '.join(changed.now)}"
    where = f"{configuration(changed.example, changed.shown_parameters)}, seed {seed}"
    return f"{title}\n  {where}\n  {changed.versions}\n  spike digest {digests}\n"


def _summary(report: Report, compared: int, unmatched: int) -> str:
    verdicts = {verdict: len(report.of(verdict)) for verdict in Verdict}
    decided = sum(verdicts.values()) - verdicts[Verdict.UNKNOWN]
    change, level = 100.0 * report.criterion.min_change, report.criterion.level
    rows = [
        ("configurations compared", str(compared)),
        ("without an earlier version", str(unmatched)),
        ("with other spikes than before", str(len(report.changed_spikes))),
        *((f"measures: {verdict.value}", str(number)) for verdict, number in verdicts.items()),
    ]
    explanation = (
        f"REGRESSION: the median has grown by more than {change:g} % and by more than the interquartile ranges\n"
        f"of both sides, and the probability of such an order by chance is at most {level:g}; the expected number of\n"
        f"false alarms in {decided} comparisons is at most {decided * level:.2g}\n"
    )
    return aligned(rows, "lr") + (explanation if decided else "")


def _measure(one: Judgement) -> dict[str, Any]:
    sides = {"earlier": one.earlier, "newest": one.newest}
    samples = {name: None if sample is None else vars(sample) for name, sample in sides.items()}
    return {**samples, "change": one.change, "verdict": one.verdict.name.lower()}
