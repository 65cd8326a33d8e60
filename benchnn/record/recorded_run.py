"""The result of a run in Python: its record, and recordings, which are read on use."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchnn.record.folder import SPIKES, TRACE_PATTERN, TRACES, WEIGHTS
from benchnn.record.keys import flat, look_up, reason_of
from benchnn.record.reading import Record, read_run
from simcore.display.numbers import TEXT
from simcore.display.overview import MAX_ROWS, Columns, Overview, Shown
from simcore.display.words import counted, interval_words
from simcore.errors import InputError, keywords_known, suggestion
from simcore.recording.files import PathLike, usable_path
from simcore.recording.recorded_traces import Traces
from simcore.recording.sonata import read_spikes
from simcore.recording.spikes import Spikes
from simcore.recording.trace_files import read_traces
from simcore.recording.weights_file import RecordedWeights, read_weights


@dataclass(frozen=True, eq=False, repr=False)
class Run(Shown):
    """A finished run: ``run["real_time_factor"]`` is a value of its record, by the dotted keys of docs/result.md.

    Parameters
    ----------
    record
        Content of ``result.json``.
    folder
        Folder of the files.
    """

    record: Record
    folder: Path

    def __getitem__(self, key: str) -> Any:
        """Return the value of a dotted key; None if it was not measured.

        Raises
        ------
        InputError
            If the record does not have this key.
        """
        found = look_up(self.record.values, key) if isinstance(key, str) else ()
        if not found:
            near = suggestion(str(key), (name for name, _ in flat(self.record.values)))
            raise InputError(f"the record in {self.folder} has no key {key!r}{near}", "key", key)
        return found[0]

    def why(self, key: str) -> str | None:
        """Return why the value of a dotted key is None; None if the record does not contain a reason.

        Parameters
        ----------
        key
            A dotted key of the record.

        Returns
        -------
        str or None
            The reason.
        """
        return reason_of(self.record.values, key) if isinstance(key, str) else None

    @cached_property
    def spikes(self) -> Spikes:
        """Spikes recorded in the measured window.

        Raises
        ------
        InputError
            If they were not recorded, or the file is damaged.
        """
        if not (self.folder / SPIKES).is_file():
            raise InputError(f"{self.folder} does not contain spikes; record them with record='spikes'")
        return read_spikes(self.folder / SPIKES).spikes()

    @cached_property
    def traces(self) -> Traces:
        """Traces recorded in the measured window.

        Raises
        ------
        InputError
            If they were not recorded, or a file is damaged.
        """
        if not any(self.folder.glob(TRACE_PATTERN)):
            raise InputError(f"{self.folder} does not contain traces; record them with record='V_m:POPULATION:0-9'")
        return read_traces(self.folder / TRACES)

    @cached_property
    def weights(self) -> dict[int, RecordedWeights]:
        """Recorded weights of plastic synapses, by number of the projection.

        Raises
        ------
        InputError
            If they were not recorded, or the file is damaged.
        """
        if not (self.folder / WEIGHTS).is_file():
            raise InputError(
                f"{self.folder} does not contain weights; record them with record='weights:PROJECTION:EVERY_MS'"
            )
        return read_weights(self.folder / WEIGHTS)

    def overview(self) -> Overview:
        record, model = self.record, self.record.part("model")
        size = f"{TEXT.count(model.number('neurons'))} neurons, {TEXT.count(model.number('synapses'))} synapses"
        title = f"Run of {model.text('name')}: {size}"
        computed = f"{record.part('simulator').text('name')}, seed {record.text('seed')}, {_layout(record)}"
        lines = [f"{computed}, {TEXT.milliseconds(record.number('time.model_time_ms'))} of model time", *_known(record)]
        return Overview(title, [*lines, f"files in {self.folder}"], [_measured(record), _populations(record)])


def _known(record: Record) -> list[str]:
    """Delays, and a note if the run was stopped early."""
    low, high = record.number("model.min_delay_ms"), record.number("model.max_delay_ms")
    lines = [] if low is None or high is None else [f"delays {interval_words(low, high, 'ms')}"]
    stopped = ["stopped before the end of the model time"]
    return lines + stopped if record.flag("interrupted") else lines


def _layout(record: Record) -> str:
    layout = record.part("layout")
    numbers = [(layout.number(key), noun) for key, noun in (("ranks", "rank"), ("threads_per_rank", "thread"))]
    return " x ".join(counted(round(number), noun) for number, noun in numbers if number is not None)


def _measured(record: Record) -> Columns:
    energy = record.number("energy_per_synaptic_event_uj")
    rows = [
        ("real-time factor", TEXT.figures(record.number("real_time_factor"))),
        ("state propagation", TEXT.seconds(record.number("wall_s.propagation.max"))),
        ("network construction", TEXT.seconds(record.number("wall_s.construction.max"))),
        ("spikes", TEXT.count(record.number("spikes"))),
        ("synaptic events", TEXT.count(record.number("synaptic_events"))),
        ("energy per synaptic event", TEXT.absent if energy is None else f"{TEXT.figures(energy)} uJ"),
        ("peak memory", TEXT.size(record.number("memory_bytes.peak_rss.sum"))),
        ("spike digest", record.text("spike_digest") or TEXT.absent),
    ]
    return Columns(("measured", ""), rows, "lr")


def _populations(record: Record) -> Columns:
    rates, populations = record.part("mean_rate_hz"), list(record.part("model").named_parts("populations"))
    rows = [
        (name, TEXT.count(one.number("neurons")), one.text("neuron_model") or "", TEXT.fixed(rates.number(name), 3))
        for name, one in populations[:MAX_ROWS]
    ]
    left = len(populations) - len(rows)
    more = counted(left, "more population") if left else ""
    return Columns(("population", "neurons", "neuron model", "mean rate (1/s)"), rows, "lrlr", more)


@keywords_known
def read(folder: PathLike) -> Run:
    """Read the result of a run from a folder of ``benchnn run`` or `benchnn.run`.

    Parameters
    ----------
    folder
        Folder of the result.

    Returns
    -------
    Run
        The record, and the recordings, which are read on use.

    Raises
    ------
    InputError
        If the folder does not contain a result, or the record is damaged.
    """
    path = usable_path(folder)
    record = read_run(path)
    return Run(record, record.path.parent)
