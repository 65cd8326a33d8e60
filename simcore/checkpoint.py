"""The file of a checkpoint: everything from which a run goes on to the same spikes, on any ranks and threads.

It is an HDF5 file behind a user block of 512 bytes, a text that names the format and holds the SHA-256 of all bytes
after it. The sum is compared before the HDF5 library sees the content. Nothing is pickled.
"""

import hashlib
import io
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError
from simcore.recording.files import replaced_file

FORMAT = "benchnn checkpoint 1"
USER_BLOCK = 512
NAME = re.compile(r"step-(\d{12})\.h5")
FOLDER = "checkpoints"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """State of a whole network between two steps, and where its run stands.

    Parameters
    ----------
    step
        Steps simulated.
    state, counters
        Population -> (variables, neurons), float32 or float64, and (counters, neurons), int32, in order of id.
    stamps, ids
        End step and global id, int64, of the spikes of the last max_delay steps: their input is delivered again.
    identity
        What a run that resumes must have in common, JSON-able, the most telling first.
    run
        The caller's own record, JSON-able.
    traces
        Recorded values so far, float64 (steps, recorded quantities); None if nothing is recorded.
    """

    step: int
    state: Mapping[str, npt.NDArray[Any]]
    counters: Mapping[str, npt.NDArray[np.int32]]
    stamps: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]
    identity: Mapping[str, Any]
    run: Mapping[str, Any]
    traces: npt.NDArray[np.float64] | None = None


def write_checkpoint(folder: Path, checkpoint: Checkpoint, keep: int = 2) -> Path:
    """Write a checkpoint, then delete all but the newest `keep`.

    Parameters
    ----------
    folder
        Made if need be, in an existing folder.
    checkpoint
        What to keep.
    keep
        Number of checkpoints that stay.

    Raises
    ------
    InputError
        If it cannot be written (`ResourceError` if the disk is full); earlier ones are whole and stay.
    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make {folder}: {error.strerror}") from error
    # Left by a writer that was killed.
    for leftover in folder.glob(".step-*.partial"):
        with suppress(OSError):
            leftover.unlink()
    path = folder / f"step-{checkpoint.step:012d}.h5"
    content = _composed(checkpoint)
    body = memoryview(content)[USER_BLOCK:]
    header = f"{FORMAT}\nsha256 {hashlib.sha256(body).hexdigest()}\n".encode()
    with replaced_file(path) as aside, aside.open("wb") as file:
        file.write(header.ljust(USER_BLOCK, b"\0"))
        file.write(body)
    for earlier in _listed(folder)[:-keep]:
        with suppress(OSError):
            earlier.unlink()
    return path


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    InputError
        If it is missing, no checkpoint, of another format, or damaged; names the file and the reason.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the checkpoint {path}: {error.strerror}") from error
    lines = content[:USER_BLOCK].rstrip(b"\0").decode("ascii", "replace").split("\n")
    name, _, version = lines[0].rpartition(" ")
    if name != FORMAT.rpartition(" ")[0]:
        raise InputError(f"{path} is not a checkpoint, or its beginning is damaged")
    if lines[0] != FORMAT:
        raise InputError(f"the checkpoint {path} has format {version!r}: this version reads {FORMAT[-1]}")
    if lines[1:] != [f"sha256 {hashlib.sha256(memoryview(content)[USER_BLOCK:]).hexdigest()}", ""]:
        raise InputError(f"the checkpoint {path} is damaged: its checksum is wrong")
    return _parsed(content, path)


def latest_checkpoint(path: Path) -> Path:
    """The newest checkpoint of a folder, of the folder ``checkpoints`` in it, or `path` itself if it is a file.

    Raises
    ------
    InputError
        If there is none, or the newest is damaged; offers the newest whole one.
    """
    if not path.is_dir():
        read_checkpoint(path)
        return path
    listed = _listed(path / FOLDER) or _listed(path)
    if not listed:
        raise InputError(f"{path} holds no checkpoint")
    try:
        read_checkpoint(listed[-1])
    except InputError as error:
        for earlier in reversed(listed[:-1]):
            with suppress(InputError):
                read_checkpoint(earlier)
                raise InputError(f"{error}; the one before it is whole: --resume {earlier}") from error
        raise InputError(f"{error}; {path} holds no whole one") from error
    return listed[-1]


def require_same(identity: Mapping[str, Any], expected: Mapping[str, Any], path: object) -> None:
    """Require that a checkpoint belongs to a run.

    Parameters
    ----------
    identity
        Of the checkpoint.
    expected
        Of the run, or the part of it that is known; compared in this order.
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
            require_same(kept, value, path)
        elif kept != value:
            raise InputError(f"the checkpoint {path} is of a run with {name} = {kept!r}, this one has {value!r}")


def _listed(folder: Path) -> list[Path]:
    """Checkpoints of a folder, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if NAME.fullmatch(entry.name))


def _composed(checkpoint: Checkpoint) -> bytes:
    import h5py

    image = io.BytesIO()
    with h5py.File(image, "w", userblock_size=USER_BLOCK) as file:
        file["about"] = _text({"step": checkpoint.step, "populations": list(checkpoint.state)})
        file["identity"], file["run"] = _text(checkpoint.identity), _text(checkpoint.run)
        file["stamps"], file["ids"] = (np.asarray(part, dtype=np.int64) for part in (checkpoint.stamps, checkpoint.ids))
        # Groups have numbers, because a population may be called "." or what else HDF5 does not store.
        for number, name in enumerate(checkpoint.state):
            file[f"state/{number}"] = checkpoint.state[name]
            file[f"counters/{number}"] = np.asarray(checkpoint.counters[name], dtype=np.int32)
        if checkpoint.traces is not None:
            file["traces"] = np.asarray(checkpoint.traces, dtype=np.float64)
    return image.getvalue()


def _parsed(content: bytes, path: Path) -> Checkpoint:
    import h5py

    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            about = json.loads(file["about"][:].tobytes())
            names = [str(name) for name in about["populations"]]
            return Checkpoint(
                step=int(about["step"]),
                state={name: _array(file[f"state/{n}"], "f", 2) for n, name in enumerate(names)},
                counters={name: _array(file[f"counters/{n}"], "i", 2) for n, name in enumerate(names)},
                stamps=_array(file["stamps"], "i", 1),
                ids=_array(file["ids"], "i", 1),
                identity=json.loads(file["identity"][:].tobytes()),
                run=json.loads(file["run"][:].tobytes()),
                traces=_array(file["traces"], "f", 2) if "traces" in file else None,
            )
    except (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise InputError(f"the checkpoint {path} is incomplete: {error}") from error


def _array(dataset: Any, kind: str, dimensions: int) -> npt.NDArray[Any]:
    """A dataset of plain numbers; anything else could be more than data."""
    if dataset.dtype.kind != kind or dataset.ndim != dimensions:
        raise ValueError(f"{dataset.name} has type {dataset.dtype} and shape {dataset.shape}")
    values: npt.NDArray[Any] = dataset[...]
    return values


def _text(value: Any) -> npt.NDArray[np.uint8]:
    """JSON as bytes: an HDF5 attribute holds at most 64 kB. Infinities are written as JSON of Python's own kind."""
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)
