"""Reading of traces from SONATA reports written by `simcore.recording.sonata.write_traces`."""

from glob import escape
from pathlib import Path
from typing import Any

import numpy as np

from simcore.errors import InputError, keywords_known, number, require
from simcore.recording.files import PathLike, usable_path
from simcore.recording.hdf5 import opened_file, read_values
from simcore.recording.recorded_traces import Traces


@keywords_known
def read_traces(path: PathLike) -> Traces:
    """Read traces as recorded, in float64.

    Parameters
    ----------
    path
        Path as given to `write_traces`: ``traces.h5`` represents ``traces.V_m.h5`` and all others of this form.

    Returns
    -------
    Traces
        The traces of all variables.

    Raises
    ------
    InputError
        If no such file exists, or a file is damaged or has another interval than the others; names the file and the
        reason.
    """
    template = usable_path(path)
    files = sorted(template.parent.glob(f"{escape(template.stem)}.*{escape(template.suffix)}"))
    if not files:
        pattern = f"{template.stem}.VARIABLE{template.suffix}"
        raise InputError(f"cannot read {template}: no file {pattern} exists in {template.parent}")
    traces: dict[tuple[str, int, str], Any] = {}
    found: tuple[int, float] | None = None
    for file in files:
        variable = file.name[len(template.stem) + 1 : len(file.name) - len(template.suffix)]
        start_step, resolution_ms = _read_into(traces, file, variable)
        if found is not None and found != (start_step, resolution_ms):
            raise InputError(f"cannot read {file}: its time steps differ from those of {files[0].name}")
        found = start_step, resolution_ms
    lengths = {len(values) for values in traces.values()}
    require(len(lengths) <= 1, f"values in {template}", sorted(lengths), "all traces must have the same length")
    start_step, resolution_ms = found or (0, 1.0)
    return Traces(traces, resolution_ms, start_step)


def _read_into(traces: dict[tuple[str, int, str], Any], file: Path, variable: str) -> tuple[int, float]:
    """Add the traces of a file; return the number of steps before their first value, and the time step in ms."""
    interval = None
    with opened_file(file) as content:
        for population, report in content["report"].items():
            mapping = report["mapping"]
            ids, span = read_values(mapping["node_ids"]), read_values(mapping["time"])
            values = read_values(content["benchnn"][population]).astype(np.float64)
            if values.ndim != 2 or values.shape[1] != len(ids) or span.shape != (3,):
                raise InputError(f"cannot read {file}: the report of {population} has values of shape {values.shape}")
            start_ms, resolution_ms = number(float(span[0]), "time"), number(float(span[2]), "time step")
            if not (1e-3 <= resolution_ms <= 1e6 and 0.0 <= start_ms <= 1e12):
                raise InputError(
                    f"cannot read {file}: a start at {start_ms:g} ms with steps of {resolution_ms:g} ms is out of range"
                )
            interval = round(start_ms / resolution_ms) - 1, resolution_ms
            for column, neuron in enumerate(ids.tolist()):
                traces[population, int(neuron), variable] = np.ascontiguousarray(values[:, column])
    if interval is None:
        raise InputError(f"cannot read {file}: it does not contain a report")
    return interval
