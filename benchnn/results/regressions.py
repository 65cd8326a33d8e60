"""Compare the newest code with earlier code for each configuration: time, memory, energy and spikes.

Runs of one configuration are repeats of each other; the newest of their code versions is compared with the versions
before it. Versions are in the order of their first runs, so that an old version that is run again remains old.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchnn.record.keys import flat, number_of, value_of, value_text
from benchnn.results.configuration import OWN, code_version, spike_configuration, timed, whole, work_configuration
from benchnn.results.listing import differing_parameters
from benchnn.results.repeats import MOST, Criterion, Sample, Verdict, enough, judge, sample_of
from benchnn.results.selection import Condition, Record, select
from simcore.errors import InputError

MEASURES = {
    "real-time factor": "real_time_factor",
    "construction (s)": "wall_s.construction.max",
    "peak memory (bytes)": "memory_bytes.peak_rss.sum",
    "energy per event (uJ)": "energy_per_synaptic_event_uj",
}
"""Keys of ``result.json`` of measures for which smaller is better."""
SURROUNDINGS = ("provenance.python", "provenance.os", "provenance.packages", "provenance.affinity")
"""Keys other than the code that may affect times."""
USUAL = 5
"""Desired number of earlier repeats, if they suffice for a decision together with the newest."""

Version = tuple[str, str]


@dataclass(frozen=True)
class Question:
    """A question about the records.

    Parameters
    ----------
    criterion
        The criterion of a change.
    any_host
        Whether to treat hosts with the same processor as the same machine.
    baseline
        Conditions on the earlier runs; without conditions, the last versions before the newest are used.
    since
        Judge only configurations whose newest version first ran at this UTC time or later.
    """

    criterion: Criterion = field(default_factory=Criterion)
    any_host: bool = False
    baseline: tuple[Condition, ...] = ()
    since: str | None = None


@dataclass(frozen=True)
class Judgement:
    """One measure: repeats of both sides (None if never measured), and the verdict."""

    measure: str
    key: str
    earlier: Sample | None
    newest: Sample | None
    change: float | None
    verdict: Verdict


@dataclass(frozen=True)
class Group:
    """Runs of one configuration.

    Parameters
    ----------
    example
        One of the newest runs, which all have the same configuration.
    shown_parameters
        Parameters in which runs of the same model differ.
    newest, earlier
        Descriptions of the compared versions; `earlier` is empty without an earlier version.
    judgements
        One for each measure of either side.
    surroundings
        Descriptions of other differences between both sides.
    """

    example: Record
    shown_parameters: Mapping[str, str]
    newest: str
    earlier: str
    judgements: tuple[Judgement, ...]
    surroundings: tuple[str, ...]


@dataclass(frozen=True)
class ChangedSpikes:
    """A configuration whose spike digests differ; `within_version` if they differ within one version."""

    example: Record
    shown_parameters: Mapping[str, str]
    before: tuple[str, ...]
    now: tuple[str, ...]
    versions: str
    within_version: bool


@dataclass(frozen=True)
class Report:
    """All configurations, and configurations with changed spikes."""

    criterion: Criterion
    groups: tuple[Group, ...]
    changed_spikes: tuple[ChangedSpikes, ...]

    @property
    def failed(self) -> bool:
        """Whether there is a regression or a change of results."""
        return bool(self.changed_spikes) or any(self.of(Verdict.WORSE))

    def of(self, verdict: Verdict) -> list[Judgement]:
        """All judgements with a verdict."""
        return [one for group in self.groups for one in group.judgements if one.verdict is verdict]


def find_regressions(records: Sequence[Record], question: Question, where: Sequence[Condition] = ()) -> Report:
    """Compare the newest code with earlier code in every configuration.

    Parameters
    ----------
    records
        Records of all runs: the age of a version is the time of its first run of any kind.
    question
        The question.
    where
        Conditions on the runs to consider.

    Raises
    ------
    InputError
        If the baseline cannot be selected.
    """
    first_run: dict[Version, str] = {}
    for record in sorted(records, key=_started):
        first_run.setdefault(code_version(record), _started(record))
    ordered = sorted(select(records, where), key=_started)
    differing = differing_parameters(records)
    baseline = {id(record) for record in select(ordered, question.baseline)}

    def recent(versions: Mapping[Version, Sequence[Record]]) -> bool:
        return question.since is None or max(first_run[version] for version in versions) >= question.since

    groups = []
    for runs in _grouped((one for one in ordered if timed(one)), question.any_host).values():
        versions = _by_version(runs, first_run)
        if recent(versions):
            groups.append(_group(versions, baseline if question.baseline else None, differing, question.criterion))
    changed: list[ChangedSpikes] = []
    for runs in _grouped_by_spikes(ordered).values():
        versions = _by_version(runs, first_run)
        if recent(versions):
            changed += _changed_spikes(versions, differing)
    return Report(question.criterion, tuple(groups), tuple(changed))


def since_text(text: str, records: Iterable[Record]) -> str:
    """Return a UTC time from a date, a time, or the beginning of a commit, which means its first run.

    Raises
    ------
    InputError
        If the text is none of these.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        known = ((one, value_of(one, "provenance.git_commit")) for one in records)
        runs = [one for one, commit in known if text and isinstance(commit, str) and commit.startswith(text)]
        if not runs:
            raise InputError(f"since = {text!r} is not allowed: must be a date or a commit of a run") from None
        return min(_started(record) for record in runs)
    # A date without a time zone is UTC, as in the records.
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise InputError(f"since = {text!r} is not allowed: must not be before the year 1") from None
    return moment.isoformat(timespec="seconds")


def _started(record: Record) -> str:
    return value_text(value_of(record, "provenance.started_utc"))


def _grouped(records: Iterable[Record], any_host: bool) -> dict[object, list[Record]]:
    groups: dict[object, list[Record]] = {}
    for record in records:
        groups.setdefault(work_configuration(record, any_host), []).append(record)
    return groups


def _grouped_by_spikes(records: Iterable[Record]) -> dict[object, list[Record]]:
    """Complete runs of `simcore`, whose spikes are guaranteed to be a function of their configuration."""
    groups: dict[object, list[Record]] = {}
    for record in records:
        if whole(record) and value_of(record, "simulator.name") == OWN and value_of(record, "spike_digest") is not None:
            groups.setdefault(spike_configuration(record), []).append(record)
    return groups


def _by_version(runs: Iterable[Record], first_run: Mapping[Version, str]) -> dict[Version, list[Record]]:
    """Runs of each version, beginning with the oldest version."""
    versions: dict[Version, list[Record]] = {}
    for record in runs:
        versions.setdefault(code_version(record), []).append(record)
    return dict(sorted(versions.items(), key=lambda pair: (first_run[pair[0]], pair[0])))


def _group(
    versions: Mapping[Version, list[Record]],
    baseline: set[int] | None,
    differing: Mapping[str, Sequence[str]],
    criterion: Criterion,
) -> Group:
    *older, newest = versions.values()
    if baseline is None:
        earlier = _latest(older, len(newest), criterion.level)
    else:
        earlier = [[one for one in runs if id(one) in baseline] for runs in older]
    before = [record for runs in earlier for record in runs]
    return Group(
        newest[-1],
        _parameters(newest[-1], differing),
        describe([newest]),
        describe([runs for runs in earlier if runs]) if before else "",
        tuple(_judgements(before, newest, criterion)) if before else (),
        tuple(_surroundings(before, newest)) if before else (),
    )


def _latest(older: Sequence[list[Record]], newest: int, level: float) -> list[list[Record]]:
    """The last complete versions, as many as are needed for enough repeats."""
    taken: list[list[Record]] = []
    count = 0
    for runs in reversed(older):
        if count >= USUAL and enough(count, newest, level):
            break
        taken.append(runs)
        count += len(runs)
    return taken[::-1]


def _judgements(before: Sequence[Record], newest: Sequence[Record], criterion: Criterion) -> Iterable[Judgement]:
    for measure, key in MEASURES.items():
        known = ([value for one in side if (value := number_of(one, key)) is not None] for side in (before, newest))
        old, new = (values[-MOST:] for values in known)
        was, now = sample_of(old), sample_of(new)
        if was is not None or now is not None:
            change = now.median / was.median - 1.0 if was is not None and now is not None and was.median else None
            yield Judgement(measure, key, was, now, change, judge(old, new, criterion))


def _surroundings(before: Sequence[Record], newest: Sequence[Record]) -> Iterable[str]:
    """Differences other than the code, such as ``provenance.packages.numba: 0.60.0 -> 0.61.0``."""
    sides = [
        [dict(flat({key: value_of(one, key) for key in SURROUNDINGS})) for one in side] for side in (before, newest)
    ]
    for key in dict.fromkeys(key for side in sides for record in side for key in record):
        was, now = (sorted({value_text(record.get(key)) for record in side}) for side in sides)
        if was != now:
            yield f"{key}: {', '.join(was)} -> {', '.join(now)}"


def _changed_spikes(
    versions: Mapping[Version, list[Record]], differing: Mapping[str, Sequence[str]]
) -> Iterable[ChangedSpikes]:
    """At most one change: within the newest version, or between it and the previous version."""
    *older, newest = versions.values()
    now = _digests(newest)
    before = _digests(older[-1]) if older else now
    if len(now) > 1 or before != now:
        within = len(now) > 1
        text = describe([newest] if within or not older else [older[-1], newest])
        yield ChangedSpikes(newest[-1], _parameters(newest[-1], differing), before, now, text, within)


def _digests(runs: Iterable[Record]) -> tuple[str, ...]:
    return tuple(sorted({value_text(value_of(record, "spike_digest")) for record in runs}))


def _parameters(record: Record, differing: Mapping[str, Sequence[str]]) -> dict[str, str]:
    keys = differing[value_text(value_of(record, "model.name"))]
    return {key.removeprefix("model.parameters."): value_text(value_of(record, key)) for key in keys}


def describe(versions: Sequence[Sequence[Record]]) -> str:
    """Describe versions: runs, digest of the sources, commit, and days of the first and the last run."""
    runs = sum(len(part) for part in versions)
    names = []
    for part in (versions[0], versions[-1])[: len(versions)]:
        name, version = code_version(part[0])
        commit = value_of(part[0], "provenance.git_commit")
        source = f"source {version[:8]}" if name == OWN else f"{name} {version}"
        names.append(source + (f" (commit {str(commit)[:8]})" if name == OWN and commit is not None else ""))
    days = dict.fromkeys((_started(versions[0][0])[:10], _started(versions[-1][-1])[:10]))
    count = "" if len(versions) < 3 else f", {len(versions)} versions"
    return f"{runs} run{'s' if runs > 1 else ''}, {' to '.join(names)}{count}, {' to '.join(days)}"
