"""Mapping files in HDF5: the core of each neuron, and the slot of each core."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, require
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.recording.files import PathLike, replaced_file
from simcore.recording.hdf5 import (
    LIBVER,
    SparseImage,
    opened_file,
    read_values,
    refuse_endless_heaps,
    write_dataset,
)

IntArray = npt.NDArray[np.int64]
FORMAT = "benchnn mapping 1"
TEXTS = ("format", "network_sha256", "sheet_sha256")
"""Attributes that a file must have."""
ORIGIN = ("mapper", "place", "objective")
"""Text attributes on the origin of the mapping; empty if they are missing."""
DAMAGED = "the file is damaged"
UNKNOWN = "unknown"
"""Mapper of a file that does not name its mapper."""
LONGEST_TEXT = 4096


@dataclass(frozen=True, eq=False)
class MappingFile:
    """A mapping, with the network and the sheet that it belongs to.

    Parameters
    ----------
    mapping
        Core of each neuron and slot of each core.
    network_sha256
        See `simcore.neuromorphic.mapping.network_digest.network_sha256`.
    sheet_sha256
        Digest of the sheet of the chip.
    place, objective
        Placement of the cores, and its objective.
    seed
        Seed of mapper and place; None if it is not known.
    path
        Path of the file, for messages.
    """

    mapping: CoreMapping
    network_sha256: str
    sheet_sha256: str
    place: str = ""
    objective: str = ""
    seed: int | None = None
    path: str = ""


def write_mapping(path: PathLike, written: MappingFile) -> None:
    """Write a mapping file atomically; equal mappings yield equal bytes.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    import h5py

    mapping = written.mapping
    slots = np.arange(mapping.cores, dtype=np.int64) if mapping.slot_of_core is None else mapping.slot_of_core
    image = SparseImage()
    with h5py.File(image, "w", libver=LIBVER) as file:
        texts = FORMAT, written.network_sha256, written.sheet_sha256, mapping.mapper, written.place, written.objective
        file.attrs.update(dict(zip((*TEXTS, *ORIGIN), texts, strict=True)))
        if written.seed is not None:
            file.attrs["seed"] = written.seed
        write_dataset(file, "core_of_neuron", mapping.core_of)
        write_dataset(file, "slot_of_core", slots)
    with replaced_file(path) as aside:
        image.save(aside)


def read_mapping(path: PathLike) -> MappingFile:
    """Read a mapping file.

    Raises
    ------
    InputError
        If the file cannot be read or is not a mapping file, a neuron has no core, a core has no neuron, or two cores
        share a slot.
    """
    with opened_file(path) as file:
        refuse_endless_heaps(path)
        texts = {name: _text(file, name, name in TEXTS) for name in (*TEXTS, *ORIGIN)}
        if texts["format"] != FORMAT:
            raise ValueError(f"not a mapping file: the attribute format is not {FORMAT!r}")
        core_of = _column(file, "core_of_neuron")
        cores = int(core_of.max()) + 1
        # Core numbers may be arbitrarily large: empty cores are detected before memory is allocated for all cores.
        if cores > len(core_of) or (np.bincount(core_of, minlength=cores) == 0).any():
            raise ValueError("core_of_neuron must assign a neuron to every core up to the largest")
        slots = _column(file, "slot_of_core") if "slot_of_core" in file else np.arange(cores, dtype=np.int64)
        if len(slots) != cores:
            raise ValueError(f"slot_of_core has {len(slots):,} cores, but core_of_neuron has {cores:,}")
        if len(np.unique(slots)) < cores:
            raise ValueError("slot_of_core assigns the same slot to two cores")
        seed = file.attrs.get("seed")
        if seed is not None and not (np.ndim(seed) == 0 and np.asarray(seed).dtype.kind in "iu"):
            raise ValueError("the attribute seed is not an integer")
        in_order = bool((slots == np.arange(cores)).all())
        mapping = CoreMapping(texts["mapper"] or UNKNOWN, cores, core_of, None if in_order else slots)
        return MappingFile(
            mapping,
            texts["network_sha256"],
            texts["sheet_sha256"],
            texts["place"],
            texts["objective"],
            None if seed is None else int(seed),
            os.fspath(path),
        )


def require_mapping_of(read: MappingFile, network_sha256: str, sheet_sha256: str, neurons: int, slots: int) -> None:
    """Refuse a mapping of another network or for another chip.

    Parameters
    ----------
    read
        The mapping.
    network_sha256, sheet_sha256
        Digests of the network and of the sheet.
    neurons
        Number of neurons of the network.
    slots
        Number of slots of the chips that the cores need.

    Raises
    ------
    InputError
        If the digests, the number of neurons or the slots differ; the message names the difference.
    """
    for what, given, wanted in (
        ("network", read.network_sha256, network_sha256),
        ("chip sheet", read.sheet_sha256, sheet_sha256),
    ):
        if given != wanted:
            raise InputError(
                f"the mapping{_named(read)} belongs to another {what}: digest {_short(given)}, not {_short(wanted)}"
            )
    core_of = read.mapping.core_of
    require(len(core_of) == neurons, f"neurons of the mapping{_named(read)}", len(core_of), f"must be {neurons:,}")
    taken = read.mapping.slot_of_core
    largest = -1 if taken is None else int(taken.max())
    allowed = f"must be below {slots:,}, the slots of the chips for {read.mapping.cores:,} cores"
    require(largest < slots, f"slot_of_core of the mapping{_named(read)}", largest, allowed)


def _named(read: MappingFile) -> str:
    return f" {read.path}" if read.path else ""


def _short(digest: str) -> str:
    return digest[:12] if digest.isalnum() else "none"


def _text(file: Any, name: str, needed: bool) -> str:
    value = file.attrs.get(name)
    if value is None and not needed:
        return ""
    if isinstance(value, bytes):
        value = value.decode()
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValueError(f"not a mapping file: the attribute {name} is missing or not text")
    return value


def _column(file: Any, name: str) -> IntArray:
    """A column of integers in [0, 2**31)."""
    values = np.asarray(read_values(file[name]))
    whole = values.ndim == 1 and values.dtype.kind in "iu" and len(values) > 0
    if not whole or values.min() < 0 or values.max() >= 2**31:
        raise ValueError(f"{DAMAGED}: {name} is not a column of integers >= 0")
    return values.astype(np.int64)
