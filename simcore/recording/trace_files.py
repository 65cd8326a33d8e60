"""Traces in SONATA reports, an HDF5 format that libsonata, bmtk and others read.

References
----------
Dai et al. (2020), The SONATA data format for efficient description of large-scale network models, PLoS Comput. Biol.
16:e1007696. AllenInstitute/sonata, docs/SONATA_DEVELOPER_GUIDE.md, "Report file".
"""

from collections.abc import Mapping
from glob import escape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, integer, keywords_known, number, require
from simcore.neurons import neuron_models
from simcore.recording.composition import composed
from simcore.recording.files import PathLike, replaced_file, usable_path
from simcore.recording.hdf5 import SparseImage, opened_file, read_values, require_storable, write_dataset
from simcore.recording.recorded_traces import TraceKey, Traces
from simcore.recording.spikes import step_times_ms
from simcore.values import plain_numbers


@keywords_known
def write_traces(
    path: PathLike, traces: Mapping[TraceKey, npt.NDArray[np.floating[Any]]], resolution_ms: float, start_step: int = 0
) -> list[Path]:
    """Write recorded traces as SONATA reports, one file for each variable.

    /report/<population>/data has shape (steps, neurons) and type float32, because SONATA readers do not accept other
    types; /benchnn/<population> contains the same values in float64. The stamp of a row is the end of its step.

    Parameters
    ----------
    path
        Path such as ``traces.h5``, from which the files are named: ``traces.V_m.h5`` for the variable V_m.
    traces
        (population, population-local id, variable) -> values in the variable's unit, real numbers of shape (steps,)
        with equal lengths.
    resolution_ms
        Time step.
    start_step
        Number of steps before the step of the first value.

    Returns
    -------
    list of Path
        The files, each of which is replaced only when it is complete.

    Raises
    ------
    InputError
        If a file cannot be written (`ResourceError` if the disk is full) or the lengths differ.
    """
    template = usable_path(path)
    require(template.name != "", "path", path, "use a file path")
    _require_traces(traces)
    resolution_ms = number(resolution_ms, "resolution_ms")
    require(1e-3 <= resolution_ms <= 1e6, "resolution_ms", resolution_ms, "must be in [0.001, 1e6] ms")
    start_step = integer(start_step, "start_step", 0)
    lengths = {len(values) for values in traces.values()}
    require(len(lengths) <= 1, "len(traces)", sorted(lengths), "all traces must have the same length")
    require_storable(population for population, _, _ in traces)
    files = []
    for variable in dict.fromkeys(variable for _, _, variable in traces):
        chosen = {key[:2]: values for key, values in traces.items() if key[2] == variable}
        files.append(template.with_name(f"{template.stem}.{variable}{template.suffix}"))
        edges = step_times_ms(np.array([start_step + 1, start_step + 1 + min(lengths)]), resolution_ms)
        image = SparseImage()
        with composed(image) as file:
            for population in dict.fromkeys(population for population, _ in chosen):
                ids = sorted(neuron for name, neuron in chosen if name == population)
                data = np.stack([chosen[population, neuron] for neuron in ids], axis=1).astype(np.float64)
                report = file.create_group(f"report/{population}")
                write_dataset(report, "data", data.astype(np.float32), unit_of(variable))
                mapping = report.create_group("mapping")
                node_ids = write_dataset(mapping, "node_ids", np.array(ids, dtype=np.uint64))
                node_ids.attrs["sorted"] = np.uint8(1)
                write_dataset(mapping, "index_pointers", np.arange(len(ids) + 1, dtype=np.uint64))
                write_dataset(mapping, "element_ids", np.zeros(len(ids), dtype=np.uint32))
                write_dataset(mapping, "time", np.array([*edges, resolution_ms]), "ms")
                write_dataset(file.require_group("benchnn"), population, data, unit_of(variable))
        with replaced_file(files[-1]) as aside:
            image.save(aside)
    return files


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
                raise InputError(
                    f"cannot read {file}: the report of {population} has values of shape {values.shape}, "
                    f"not (times, {len(ids)})"
                )
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


def _require_traces(traces: object) -> None:
    """Require a dictionary of one-dimensional numbers under (population, population-local id, variable)."""
    require(isinstance(traces, Mapping), "traces", traces, "use a dictionary")
    for key, values in traces.items() if isinstance(traces, Mapping) else ():
        named = isinstance(key, tuple) and len(key) == 3 and isinstance(key[0], str) and isinstance(key[2], str)
        require(named, "traces", key, "use keys (population, id, variable)")
        integer(key[1], "traces", 0)
        one = plain_numbers(values, f"traces[{key}]", "use a one-dimensional array")
        require(one.ndim == 1, f"traces[{key}]", values, "use a one-dimensional array")


def unit_of(variable: str) -> str:
    """Return the unit of a state variable, whose name has the same meaning in all neuron models."""
    variables = (entry for name in neuron_models.names() for entry in neuron_models.get(name).variables)
    return next((entry.unit for entry in variables if entry.name == variable), "unknown")
