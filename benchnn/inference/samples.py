"""Samples and their labels, from files of users."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.inference.nir_events import nir_events
from benchnn.networks.conversion.npz_file import opened
from simcore.errors import InputError, require
from simcore.recording.hdf5 import refuse_endless_heaps

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
INPUTS, LABELS = ("x", "x_test", "images"), ("y", "y_test", "labels")
"""Names of arrays in a file."""
EVENTS_DIMENSIONS = 3
HDF5 = (".h5", ".hdf5", ".nir")


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples of a data set.

    Parameters
    ----------
    values
        Intensities, float32 (samples, inputs), or numbers of events, float32 (samples, steps, inputs).
    labels
        Class of each sample, int64 (samples,); None if the file has none.
    events
        Whether the values are events in steps.
    """

    values: FloatArray
    labels: IntArray | None
    events: bool

    def __len__(self) -> int:
        return len(self.values)

    @property
    def inputs(self) -> int:
        """Number of values of a sample, or of a step of a sample."""
        return int(self.values.shape[-1])

    def chosen(self, chosen: slice) -> "Samples":
        """Some of the samples."""
        return Samples(self.values[chosen], None if self.labels is None else self.labels[chosen], self.events)


def read_samples(path: Path, events: bool, most: int | None = None, resolution_ms: float = 1.0) -> Samples:
    """Read samples from ``.npz`` (never unpickled), HDF5, or event data of NIR.

    Parameters
    ----------
    path
        An ``.npz`` or HDF5 file with ``x``, shape (samples, ...) for intensities or (samples, steps, ...) for events,
        and optionally labels ``y``, shape (samples,); or a file from NIR's ``write_data`` with events of one node.
    events
        Whether the values are events.
    most
        Number of samples to read, from the first; all by default.
    resolution_ms
        Step of the time grid to which NIR events in continuous time are assigned.

    Raises
    ------
    InputError
        If the file cannot be read, or an array is missing, has a wrong shape or type, or contains values that are not
        finite.
    """
    endings = (".npz", *HDF5)
    require(path.suffix in endings, "data", str(path), f"use a file that ends in {', '.join(endings)}")
    if not path.is_file():
        raise InputError(f"data = {str(path)!r} does not exist", "data", str(path))
    values, labels = _of_hdf5(path, resolution_ms) if path.suffix in HDF5 else _of_npz(path)
    taken = slice(0, most)
    return Samples(
        _checked_values(values[taken], events, path),
        None if labels is None else _checked_labels(labels[taken], len(values[taken]), path),
        events,
    )


def _of_npz(path: Path) -> tuple[Any, Any]:
    with opened(str(path)) as archive:
        return _arrays({name: archive.array(name) for name in (*INPUTS, *LABELS) if name in archive}, path)


def _of_hdf5(path: Path, resolution_ms: float) -> tuple[Any, Any]:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            refuse_endless_heaps(path)
            if file.attrs.get("__type__") == "NIRGraphData":
                return nir_events(file, path, resolution_ms), None
            found = {name: file[name] for name in (*INPUTS, *LABELS) if name in file}
            for name, entry in found.items():
                if not isinstance(entry, h5py.Dataset):
                    raise InputError(f"cannot use {path}: {name} is not a dataset")
            return _arrays({name: entry[()] for name, entry in found.items()}, path)
    except (OSError, RuntimeError, TypeError) as error:
        raise InputError(f"cannot read {path}: {error}") from error


def _arrays(found: Mapping[str, Any], path: Path) -> tuple[Any, Any]:
    values = next((found[name] for name in INPUTS if name in found), None)
    if values is None:
        raise InputError(f"cannot use {path}: it has no array {' or '.join(INPUTS)}")
    return values, next((found[name] for name in LABELS if name in found), None)


def _checked_values(values: npt.NDArray[Any], events: bool, path: Path) -> FloatArray:
    least = EVENTS_DIMENSIONS if events else 2
    shape = "(samples, steps, ...)" if events else "(samples, ...)"
    numeric = values.dtype.kind in "buif"
    if not numeric or values.ndim < least or 0 in values.shape:
        found = f"x is an array of type {values.dtype} and shape {values.shape}"
        raise InputError(f"cannot use {path}: {found}; it must contain numbers and have the shape {shape}")
    rows = values.reshape(*values.shape[: least - 1], -1).astype(np.float32)
    finite = np.isfinite(rows)
    if not finite.all():
        sample = int(np.argmin(finite.reshape(len(rows), -1).all(axis=1)))
        raise InputError(f"cannot use {path}: x[{sample}] contains a value that is not finite")
    if events and (rows < 0).any():
        sample = int(np.argmax((rows < 0).reshape(len(rows), -1).any(axis=1)))
        raise InputError(f"cannot use {path}: x[{sample}] contains a negative number of events")
    return rows


def _checked_labels(labels: npt.NDArray[Any], samples: int, path: Path) -> IntArray:
    if labels.ndim != 1 or len(labels) != samples or labels.dtype.kind not in "uif":
        found = f"y is an array of type {labels.dtype} and shape {labels.shape}"
        raise InputError(f"cannot use {path}: {found}; it must contain a class for each of the {samples} samples")
    whole = labels.astype(np.int64)
    wrong = np.flatnonzero((whole != labels) | (whole < 0))
    if len(wrong):
        raise InputError(f"cannot use {path}: y[{wrong[0]}] = {labels[wrong[0]]} is not a class: use 0, 1, 2, ...")
    return whole
