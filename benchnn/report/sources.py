"""Records of runs and of all kinds of studies, read from their folders."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchnn.accelerators.crossbars.record_keys import CROSSBAR as CROSSBAR_KEYS
from benchnn.accelerators.crossbars.record_keys import RECORD as CROSSBAR
from benchnn.accelerators.crossbars.record_keys import SCHEMA_VERSION as CROSSBAR_VERSION
from benchnn.accelerators.many_core.record_keys import MANY_CORE as MANY_CORE_KEYS
from benchnn.accelerators.many_core.record_keys import RECORD as MANY_CORE
from benchnn.accelerators.many_core.record_keys import SCHEMA_VERSION as MANY_CORE_VERSION
from benchnn.accelerators.record_keys import ACCELERATORS as ACCELERATORS_KEYS
from benchnn.accelerators.record_keys import RECORD as ACCELERATORS
from benchnn.accelerators.record_keys import SCHEMA_VERSION as ACCELERATORS_VERSION
from benchnn.accelerators.roofline.record_keys import RECORD as ROOFLINE
from benchnn.accelerators.roofline.record_keys import ROOFLINE as ROOFLINE_KEYS
from benchnn.accelerators.roofline.record_keys import SCHEMA_VERSION as ROOFLINE_VERSION
from benchnn.inference.record_keys import INFERENCE as INFERENCE_KEYS
from benchnn.inference.record_keys import RECORD as INFERENCE
from benchnn.inference.record_keys import SCHEMA_VERSION as INFERENCE_VERSION
from benchnn.record.allowed import Allowed
from benchnn.record.folder import RECORD as RUN
from benchnn.record.folder import SPIKES
from benchnn.record.reading import Record, read_record
from benchnn.record.result import SCHEMA_VERSION as RUN_VERSION
from benchnn.record.run_keys import require_run
from benchnn.statistics.statistics_set import StatisticsSet, read_set
from benchnn.statistics.trial_folders import TrialSet, read_trials, trial_folders
from benchnn.studies import record_keys
from benchnn.studies.comparison import RECORD as COMPARISON
from benchnn.studies.comparison_table import SCHEMA_VERSION as COMPARISON_VERSION
from benchnn.studies.portfolio_table import RECORD as PORTFOLIO
from benchnn.studies.portfolio_table import SCHEMA_VERSION as PORTFOLIO_VERSION
from benchnn.studies.protocol import RECORD as PROTOCOL
from benchnn.studies.protocol_table import SCHEMA_VERSION as PROTOCOL_VERSION
from benchnn.studies.scaling import SERIES
from benchnn.studies.scaling_table import SCHEMA_VERSION as SERIES_VERSION
from benchnn.studies.validation import CANDIDATE, REFERENCE
from benchnn.studies.validation import RECORD as VALIDATION
from benchnn.studies.validation_table import SCHEMA_VERSION as VALIDATION_VERSION
from simcore.errors import InputError
from simcore.recording.sonata import read_spikes
from simcore.recording.spikes import Spikes


@dataclass(frozen=True, eq=False)
class RunSource:
    """A run; `spikes` is None if spikes were not recorded."""

    folder: Path
    record: Record
    spikes: Spikes | None


@dataclass(frozen=True, eq=False)
class SeriesSource:
    """A scaling series, and the record of one of its runs as an example; None if no run has a record."""

    folder: Path
    record: Record
    example: Record | None


@dataclass(frozen=True, eq=False)
class ComparisonSource:
    """A comparison of simulators, and the recorded spikes by simulator."""

    folder: Path
    record: Record
    spikes: Mapping[str, Spikes]


@dataclass(frozen=True, eq=False)
class ValidationSource:
    """A validation, and the statistics of both sides as far as the folder contains them."""

    folder: Path
    record: Record
    candidate: StatisticsSet | None
    reference: StatisticsSet | None


@dataclass(frozen=True, eq=False)
class StudySource:
    """A study of one of the kinds in `STUDIES`: its folder and its record."""

    folder: Path
    record: Record


@dataclass(frozen=True, eq=False)
class TrialsSource:
    """Trials of one network, in folders ``seed-N``."""

    folder: Path
    trials: TrialSet


Source = RunSource | SeriesSource | ComparisonSource | ValidationSource | StudySource | TrialsSource


@dataclass(frozen=True)
class RecordKind:
    """Records of one kind.

    Parameters
    ----------
    version
        The ``schema_version`` that this program knows.
    allowed
        The values that their keys may have.
    needed
        Keys without which a record is damaged.
    """

    version: int
    allowed: Allowed
    needed: tuple[str, ...]


STUDIES: Mapping[str, RecordKind] = {
    PORTFOLIO: RecordKind(PORTFOLIO_VERSION, record_keys.PORTFOLIO, ("rows", "chip")),
    INFERENCE: RecordKind(INFERENCE_VERSION, INFERENCE_KEYS, ("rows", "data", "layers")),
    ACCELERATORS: RecordKind(ACCELERATORS_VERSION, ACCELERATORS_KEYS, ("rows", "workload")),
    ROOFLINE: RecordKind(ROOFLINE_VERSION, ROOFLINE_KEYS, ("machines",)),
    CROSSBAR: RecordKind(CROSSBAR_VERSION, CROSSBAR_KEYS, ("rows", "array")),
    PROTOCOL: RecordKind(PROTOCOL_VERSION, record_keys.PROTOCOL, ("runs", "speed")),
    MANY_CORE: RecordKind(MANY_CORE_VERSION, MANY_CORE_KEYS, ("designs", "rows", "sparsity")),
}
"""Kinds of studies of which only the record is read, by the name of the record's file."""


def read_source(folder: Path) -> Source:
    """Read the record in a folder.

    Raises
    ------
    InputError
        If the folder does not exist, contains none or several of the known records, or contains a damaged file.
    """
    readers: dict[str, Callable[[Path], Source]] = {
        RUN: _run,
        SERIES: _series,
        COMPARISON: _comparison,
        VALIDATION: _validation,
        **{name: partial(read_study, name=name) for name in STUDIES},
    }
    if not folder.is_dir():
        raise InputError(f"cannot report on {folder}: the folder does not exist")
    found = [name for name in readers if (folder / name).is_file()]
    if not found and trial_folders(folder):
        return TrialsSource(folder, read_trials(folder))
    if len(found) != 1:
        contents = f"it contains both {found[0]} and {found[1]}" if found else "it does not contain a result"
        allowed = f"it must contain exactly one of {', '.join(readers)}, or folders seed-N of trials"
        raise InputError(f"cannot report on {folder}: {contents}; {allowed}")
    return readers[found[0]](folder)


def _run(folder: Path) -> RunSource:
    record = _run_record(folder / RUN)
    return RunSource(folder, record, _spikes(folder / SPIKES))


def _run_record(path: Path) -> Record:
    record = read_record(path, RUN_VERSION)
    _require_keys(record, "model", "wall_s")
    require_run(record.values, str(path))
    return record


def _series(folder: Path) -> SeriesSource:
    record = read_record(folder / SERIES, SERIES_VERSION, record_keys.SERIES)
    _require_keys(record, "rows", "kind")
    results = [run.text("result") for row in record.parts("rows") for run in row.parts("runs")]
    # The record names its runs; files outside the folder are not read.
    names = [Path(result).parts for result in results if result is not None]
    paths = [
        folder / parts[0] / RUN
        for parts in names
        if len(parts) == 2 and parts[0] not in ("..", "/") and parts[1] == RUN
    ]
    example = next((path for path in paths if path.is_file()), None)
    return SeriesSource(folder, record, None if example is None else _run_record(example))


def _comparison(folder: Path) -> ComparisonSource:
    record = read_record(folder / COMPARISON, COMPARISON_VERSION, record_keys.COMPARISON)
    _require_keys(record, "simulators", "runs")
    recorded = {}
    for run in record.parts("runs"):
        name, place = run.text("simulator"), run.text("folder")
        if run.flag("recorded") and name and place and run.get("error") is None and Path(place).name == place:
            spikes = _spikes(folder / place / SPIKES)
            if spikes is not None:
                recorded[name] = spikes
    return ComparisonSource(folder, record, recorded)


def _validation(folder: Path) -> ValidationSource:
    record = read_record(folder / VALIDATION, VALIDATION_VERSION, record_keys.VALIDATION)
    _require_keys(record, "findings", "candidate", "reference")
    sides = [read_set(folder / name) if (folder / name).is_file() else None for name in (CANDIDATE, REFERENCE)]
    return ValidationSource(folder, record, *sides)


def read_study(folder: Path, name: str) -> StudySource:
    """Read the record of a study of one of the kinds in `STUDIES`.

    Parameters
    ----------
    folder
        Folder of the study.
    name
        Name of the record's file, one of `STUDIES`.

    Raises
    ------
    InputError
        If the record cannot be read or is damaged.
    """
    kind = STUDIES[name]
    record = read_record(folder / name, kind.version, kind.allowed)
    _require_keys(record, *kind.needed)
    return StudySource(folder, record)


def _require_keys(record: Record, *keys: str) -> None:
    for key in keys:
        if record.get(key) is None:
            raise InputError(f"cannot use {record.path}: {key} is missing")


def _spikes(path: Path) -> Spikes | None:
    return read_spikes(path).spikes() if path.is_file() else None
