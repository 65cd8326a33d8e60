"""The records of folders: of runs, series, comparisons, validations, mappings, inferences, accelerators, crossbars."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchnn.accelerators.crossbars.record_keys import CROSSBAR as CROSSBAR_KEYS
from benchnn.accelerators.crossbars.record_keys import RECORD as CROSSBAR
from benchnn.accelerators.crossbars.record_keys import SCHEMA_VERSION as CROSSBAR_VERSION
from benchnn.accelerators.record_keys import ACCELERATORS as ACCELERATORS_KEYS
from benchnn.accelerators.record_keys import RECORD as ACCELERATORS
from benchnn.accelerators.record_keys import SCHEMA_VERSION as ACCELERATORS_VERSION
from benchnn.inference.record_keys import INFERENCE as INFERENCE_KEYS
from benchnn.inference.record_keys import RECORD as INFERENCE
from benchnn.inference.record_keys import SCHEMA_VERSION as INFERENCE_VERSION
from benchnn.record.folder import RECORD as RUN
from benchnn.record.folder import SPIKES
from benchnn.record.reading import Record, read_record
from benchnn.record.result import SCHEMA_VERSION as RUN_VERSION
from benchnn.record.run_keys import require_run
from benchnn.statistics.statistics_set import StatisticsSet, read_set
from benchnn.studies import record_keys
from benchnn.studies.comparison import RECORD as COMPARISON
from benchnn.studies.comparison_table import SCHEMA_VERSION as COMPARISON_VERSION
from benchnn.studies.portfolio_table import RECORD as PORTFOLIO
from benchnn.studies.portfolio_table import SCHEMA_VERSION as PORTFOLIO_VERSION
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
    """A run; `spikes` is None if it recorded none."""

    folder: Path
    record: Record
    spikes: Spikes | None


@dataclass(frozen=True, eq=False)
class SeriesSource:
    """A scaling series, and the record of one of its runs for what all share; None if no run left one."""

    folder: Path
    record: Record
    example: Record | None


@dataclass(frozen=True, eq=False)
class ComparisonSource:
    """A comparison of simulators, and the spikes of those that recorded them."""

    folder: Path
    record: Record
    spikes: Mapping[str, Spikes]


@dataclass(frozen=True, eq=False)
class ValidationSource:
    """A validation, and the statistics of the two sides that are beside it."""

    folder: Path
    record: Record
    candidate: StatisticsSet | None
    reference: StatisticsSet | None


@dataclass(frozen=True, eq=False)
class PortfolioSource:
    """A comparison of mappings."""

    folder: Path
    record: Record


@dataclass(frozen=True, eq=False)
class InferenceSource:
    """An inference."""

    folder: Path
    record: Record


@dataclass(frozen=True, eq=False)
class AcceleratorsSource:
    """A workload on accelerators."""

    folder: Path
    record: Record


@dataclass(frozen=True, eq=False)
class CrossbarSource:
    """The study of a crossbar."""

    folder: Path
    record: Record


Source = (
    RunSource
    | SeriesSource
    | ComparisonSource
    | ValidationSource
    | PortfolioSource
    | InferenceSource
    | AcceleratorsSource
    | CrossbarSource
)


def read_source(folder: Path) -> Source:
    """Read what a folder holds.

    Raises
    ------
    InputError
        If there is no such folder, it holds none or several of the known records, or a file in it is damaged.
    """
    readers: dict[str, Callable[[Path], Source]] = {
        RUN: _run,
        SERIES: _series,
        COMPARISON: _comparison,
        VALIDATION: _validation,
        PORTFOLIO: _portfolio,
        INFERENCE: _inference,
        ACCELERATORS: accelerators_source,
        CROSSBAR: crossbar_source,
    }
    if not folder.is_dir():
        raise InputError(f"cannot report on {folder}: there is no such folder")
    found = [name for name in readers if (folder / name).is_file()]
    if len(found) != 1:
        held = f"both {found[0]} and {found[1]}" if found else "no result"
        raise InputError(f"cannot report on {folder}: it holds {held}; one of {', '.join(readers)} is needed")
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
    # The record names its runs: nothing outside the folder is read.
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


def _portfolio(folder: Path) -> PortfolioSource:
    record = read_record(folder / PORTFOLIO, PORTFOLIO_VERSION, record_keys.PORTFOLIO)
    _require_keys(record, "rows", "chip")
    return PortfolioSource(folder, record)


def _inference(folder: Path) -> InferenceSource:
    record = read_record(folder / INFERENCE, INFERENCE_VERSION, INFERENCE_KEYS)
    _require_keys(record, "rows", "data", "layers")
    return InferenceSource(folder, record)


def accelerators_source(folder: Path) -> AcceleratorsSource:
    """The record of a workload on accelerators.

    Raises
    ------
    InputError
        If it cannot be read, or is damaged.
    """
    record = read_record(folder / ACCELERATORS, ACCELERATORS_VERSION, ACCELERATORS_KEYS)
    _require_keys(record, "rows", "workload")
    return AcceleratorsSource(folder, record)


def crossbar_source(folder: Path) -> CrossbarSource:
    """The record of the study of a crossbar.

    Raises
    ------
    InputError
        If it cannot be read, or is damaged.
    """
    record = read_record(folder / CROSSBAR, CROSSBAR_VERSION, CROSSBAR_KEYS)
    _require_keys(record, "rows", "array")
    return CrossbarSource(folder, record)


def _require_keys(record: Record, *keys: str) -> None:
    for key in keys:
        if record.get(key) is None:
            raise InputError(f"cannot use {record.path}: it is damaged: it has no {key}")


def _spikes(path: Path) -> Spikes | None:
    return read_spikes(path).spikes() if path.is_file() else None
