"""File of a checkpoint, from which a run resumes with the same spikes on any number of ranks and threads.

It is an HDF5 file with a user block of 512 bytes, a text that names the format and contains the SHA-256 of all bytes
after it. The checksum is compared before the HDF5 library reads the content. Nothing is pickled.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from simcore.checkpoint.plain_arrays import array
from simcore.checkpoint.plastic_content import GROUP, UnitBlocks, compose_plastic, read_plastic, write_units
from simcore.errors import InputError, ResourceError, integer, keywords_known, require
from simcore.recording.files import NO_SPACE, replaced_file, usable_path
from simcore.recording.hdf5 import SparseImage
from simcore.synapses.plastic import PlasticState

FORMAT = "benchnn checkpoint 1"
USER_BLOCK = 512
PIECE = 1 << 20
"""Bytes of a file that are in memory during the computation of its checksum."""
NAME = re.compile(r"step-(\d{12})\.h5")
PARTIAL = re.compile(r"\.step-\d{12}\.h5\.[0-9a-f]{16}\.partial")
"""Names of files that `replaced_file` leaves if the writer of a checkpoint is killed."""
MAX_STEP = 10**12 - 1
REAL = (np.float32, np.float64)
CHECKPOINTS = "checkpoints"
"""Name of the folder of checkpoints in a result."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """State of a whole network between two steps, and of its run.

    Parameters
    ----------
    step
        Number of simulated steps.
    state, counters
        Population -> float32 or float64 of shape (variables, neurons), and int32 of shape (counters, neurons), in order
        of id.
    stamps, ids
        End step and global id, int64 of shape (spikes,), of the spikes of the last max_delay steps, whose input is
        delivered again.
    identity
        Properties that a resuming run must share, JSON-serialisable, the most important first.
    run
        Record of the caller, JSON-serialisable.
    traces
        Recorded values so far, float64 of shape (steps, recorded quantities); None if nothing is recorded.
    plastic
        State of plastic synapses, with weights as `units`; None without plastic synapses. Weights that are read remain
        in the file until they are used.
    """

    step: int
    state: Mapping[str, npt.NDArray[Any]]
    counters: Mapping[str, npt.NDArray[np.int32]]
    stamps: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]
    identity: Mapping[str, Any]
    run: Mapping[str, Any]
    traces: npt.NDArray[np.float64] | None = None
    plastic: PlasticState | None = None

    def without_data(self) -> "Checkpoint":
        """Return step, identity and record only, for ranks that do not need arrays.

        Returns
        -------
        Checkpoint
            The same without arrays.
        """
        nothing = np.zeros(0, dtype=np.int64)
        return replace(self, state={}, counters={}, stamps=nothing, ids=nothing, traces=None, plastic=None)


@keywords_known
def write_checkpoint(
    folder: Path, checkpoint: Checkpoint, keep: int = 2, units: Mapping[int, UnitBlocks] | None = None
) -> Path:
    """Write a checkpoint, then delete older ones, so that `keep` checkpoints up to its step remain.

    Checkpoints of later steps are kept; `remove_later` deletes them.

    Parameters
    ----------
    folder
        Folder, which is created in an existing folder if it does not exist.
    checkpoint
        State to write.
    keep
        Number of checkpoints to keep, including the new one.
    units
        Projection -> weights of its synapses in blocks; by default those of `checkpoint.plastic`.

    Returns
    -------
    Path
        The file, ``step-NUMBER.h5`` in the folder.

    Raises
    ------
    InputError
        If the checkpoint cannot be written (`ResourceError` if the disk is full) or read again; earlier checkpoints
        remain intact.
    """
    integer(keep, "keep", 1)
    if units is None:
        held = {} if checkpoint.plastic is None else checkpoint.plastic.units
        units = {index: UnitBlocks(len(values), [values]) for index, values in held.items()}
    image, places = _composed(checkpoint, units)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        kind = ResourceError if error.errno in NO_SPACE else InputError
        raise kind(f"cannot create {folder}: {error.strerror}") from error
    for leftover in _listed(folder, PARTIAL):
        with suppress(OSError):
            leftover.unlink()
    path = folder / f"step-{checkpoint.step:012d}.h5"
    with replaced_file(path) as aside:
        image.save(aside)
        with aside.open("r+b") as file:
            write_units(file, places, units)
            header = f"{FORMAT}\nsha256 {_sum_of_body(file)}\n".encode()
            file.seek(0)
            file.write(header.ljust(USER_BLOCK, b"\0"))
    for earlier in [entry for entry in _listed(folder) if entry <= path][:-keep]:
        with suppress(OSError):
            earlier.unlink()
    return path


@keywords_known
def read_checkpoint(path: Path | str) -> Checkpoint:
    """Read a checkpoint.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Checkpoint
        Its content.

    Raises
    ------
    InputError
        If the file is missing, not a checkpoint, of another format, or damaged; names the file and the reason.
    """
    path = usable_path(path)
    try:
        with path.open("rb") as file:
            lines = file.read(USER_BLOCK).rstrip(b"\0").decode("ascii", "replace").split("\n")
            name, _, version = lines[0].rpartition(" ")
            if name != FORMAT.rpartition(" ")[0]:
                raise InputError(f"{path} is not a checkpoint, or its beginning is damaged")
            if lines[0] != FORMAT:
                raise InputError(
                    f"the checkpoint {path} has format {version!r}, but this version reads only format {FORMAT[-1]}"
                )
            if lines[1:] != [f"sha256 {_sum_of_body(file)}", ""]:
                raise InputError(f"the checkpoint {path} is damaged: its checksum is wrong")
            return _parsed(file, path)
    except OSError as error:
        raise InputError(f"cannot read the checkpoint {path}: {error.strerror}") from error


def _sum_of_body(file: BinaryIO) -> str:
    """Return the SHA-256 of the bytes after the user block, reading them in pieces."""
    total = hashlib.sha256()
    file.seek(USER_BLOCK)
    while piece := file.read(PIECE):
        total.update(piece)
    return total.hexdigest()


def remove_later(folder: Path, step: int) -> None:
    """Delete checkpoints of steps after `step`, which a run that resumes there simulates again.

    Parameters
    ----------
    folder
        Folder of the checkpoints.
    step
        Step of the latest checkpoint to keep.
    """
    for path in _listed(folder):
        if int(path.stem.removeprefix("step-")) > step:
            with suppress(OSError):
                path.unlink()


def latest_checkpoint(path: Path | str) -> Path:
    """Return the newest checkpoint of a folder, of the folder ``checkpoints`` in it, or `path` itself if it is a file.

    Parameters
    ----------
    path
        A folder, or a file.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If there is no checkpoint, or the newest is damaged; names the newest intact one.
    """
    path = usable_path(path)
    # Path.is_dir raises an error for a name that is too long.
    if not os.path.isdir(path):
        read_checkpoint(path)
        return path
    listed = _listed(path / CHECKPOINTS) or _listed(path)
    if not listed:
        raise InputError(f"{path} does not contain a checkpoint")
    try:
        read_checkpoint(listed[-1])
    except InputError as error:
        whole = next((earlier for earlier in reversed(listed[:-1]) if _is_whole(earlier)), None)
        offer = f"use an earlier checkpoint: --resume {whole}"
        if whole is None:
            offer = f"{path} does not contain an intact checkpoint"
        raise InputError(f"{error}; {offer}") from error
    return listed[-1]


def _is_whole(path: Path) -> bool:
    try:
        read_checkpoint(path)
    except InputError:
        return False
    return True


def require_same(identity: Mapping[str, Any], expected: Mapping[str, Any], path: object) -> None:
    """Require that a checkpoint belongs to a run.

    Parameters
    ----------
    identity
        Identity of the checkpoint.
    expected
        Identity of the run, or its known part, compared in this order. A nested mapping is compared completely.
    path
        The checkpoint, for the message.

    Raises
    ------
    InputError
        Naming the first difference.
    """
    for name, value in expected.items():
        kept = identity.get(name)
        if isinstance(value, Mapping) and isinstance(kept, Mapping):
            require_same(kept, {**value, **{extra: None for extra in kept if extra not in value}}, path)
        # JSON does not have tuples, and NaN differs from itself.
        elif kept != value and json.dumps(kept) != json.dumps(value):
            raise InputError(f"the checkpoint {path} is from a run with {name} = {kept!r}, but this run has {value!r}")


def _listed(folder: Path, pattern: re.Pattern[str] = NAME) -> list[Path]:
    """Return the checkpoints of a folder, oldest first, or other files whose names match a pattern."""
    if not os.path.isdir(folder):
        return []
    try:
        return sorted(entry for entry in folder.iterdir() if pattern.fullmatch(entry.name))
    except OSError as error:
        raise InputError(f"cannot read the folder {folder}: {error.strerror}") from error


def _composed(checkpoint: Checkpoint, units: Mapping[int, UnitBlocks]) -> tuple[SparseImage, dict[int, int]]:
    """Compose the file without the weights of plastic synapses; return it and the places of the weights."""
    import h5py

    _require_consistent(checkpoint)
    image, places = SparseImage(), {}
    with h5py.File(image, "w", userblock_size=USER_BLOCK) as file:
        file["about"] = _text({"step": checkpoint.step, "populations": list(checkpoint.state)})
        file["identity"], file["run"] = _text(checkpoint.identity), _text(checkpoint.run)
        file["stamps"], file["ids"] = (_lossless(part, np.int64) for part in (checkpoint.stamps, checkpoint.ids))
        # Groups have numbers, because HDF5 cannot store some names of populations, such as ".".
        for number, name in enumerate(checkpoint.state):
            file[f"state/{number}"] = checkpoint.state[name]
            file[f"counters/{number}"] = _lossless(checkpoint.counters[name], np.int32)
        if checkpoint.traces is not None:
            file["traces"] = _lossless(checkpoint.traces, np.float64)
        if checkpoint.plastic is not None:
            places = compose_plastic(file, checkpoint.plastic, units)
    return image, places


def _parsed(content: BinaryIO, path: Path) -> Checkpoint:
    import h5py

    try:
        with h5py.File(content, "r") as file:
            about = _object(file["about"])
            names = about["populations"]
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ValueError("the names of the populations are not a list of strings")
            read = Checkpoint(
                step=about["step"],
                state={name: array(file[f"state/{n}"], REAL, 2) for n, name in enumerate(names)},
                counters={name: array(file[f"counters/{n}"], (np.int32,), 2) for n, name in enumerate(names)},
                stamps=array(file["stamps"], (np.int64,), 1),
                ids=array(file["ids"], (np.int64,), 1),
                identity=_object(file["identity"]),
                run=_object(file["run"]),
                traces=array(file["traces"], (np.float64,), 2) if "traces" in file else None,
                plastic=read_plastic(file[GROUP], path) if GROUP in file else None,
            )
            _require_consistent(read)
            return read
    except (OSError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError) as error:
        raise InputError(f"the checkpoint {path} is incomplete: {error}") from error


def _require_consistent(checkpoint: Checkpoint) -> None:
    """Require the types and shapes that `Checkpoint` documents, before writing and after reading."""
    integer(checkpoint.step, "step", 0, MAX_STEP)
    stamps, ids = checkpoint.stamps, checkpoint.ids
    same = stamps.ndim == 1 and stamps.shape == ids.shape
    require(same, "ids.shape", ids.shape, f"must equal stamps.shape = {stamps.shape}")
    if checkpoint.traces is not None:
        require(checkpoint.traces.ndim == 2, "traces.ndim", checkpoint.traces.ndim, "must be 2")
    for name, state in checkpoint.state.items():
        counters = checkpoint.counters[name]
        require(state.dtype in REAL, f"state of {name}", str(state.dtype), "must be float32 or float64")
        shaped = state.ndim == counters.ndim == 2 and state.shape[1] == counters.shape[1]
        allowed = "state and counters must be two-dimensional, with equal numbers of neurons"
        require(shaped, f"pair of shapes of {name}", (state.shape, counters.shape), allowed)


def _lossless(values: npt.NDArray[Any], kind: type[np.generic]) -> npt.NDArray[Any]:
    """Convert values to a type that represents all of them."""
    allowed = f"must be convertible to {kind.__name__} without loss"
    require(np.can_cast(values.dtype, kind), "type", str(values.dtype), allowed)
    return values.astype(kind, copy=False)


def _object(dataset: Any) -> dict[str, Any]:
    """Return the JSON object in a dataset of bytes."""
    value = json.loads(array(dataset, (np.uint8,), 1).tobytes())
    if not isinstance(value, dict):
        raise ValueError(f"{dataset.name} is not a JSON object")
    return value


def _text(value: Any) -> npt.NDArray[np.uint8]:
    """Return JSON as bytes, because an HDF5 attribute has at most 64 kB. Infinities are written as in Python."""
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)
