"""HDF5 files with bytes that depend only on their content, written mostly without the HDF5 library."""

import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, require
from simcore.recording.files import PathLike, usable_path

LIBVER = ("earliest", "v108")
"""Oldest format, which every reader supports and whose groups do not contain a time of writing."""
PAGE = 1 << 14
DEFLATED = 1032
"""Maximum ratio of uncompressed to compressed bytes with deflate (RFC 1951)."""
FAULTS = (
    *(OSError, LookupError, AttributeError, RuntimeError, TypeError, ValueError, ArithmeticError, MemoryError),
)  # fmt: skip
"""Errors that h5py and NumPy raise for unexpected contents of a file."""
HEAP = b"GCOL\x01\0\0\0"
"""Start of a heap of strings: signature, version, and reserved bytes."""
SMALL = 1 << 20
"""Size of a dataset, bytes, up to which values need not be stored, because a fill value can represent them."""


class SparseImage:
    """File in memory that stores only written pages; other pages read as zeros.

    The HDF5 library composes a file in it. If the library itself encountered a full disk, it would end the process with
    a segmentation fault when closing the file; in memory this cannot happen, and reserved datasets do not take space.
    The class has the methods of a binary file that h5py calls.
    """

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}
        self._size = 0
        self._position = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int) -> bytes:
        content = bytearray(max(0, min(size, self._size - self._position)))
        for number, inside, outside in self._pieces(len(content)):
            if number in self._pages:
                content[outside] = self._pages[number][inside]
        self._position += len(content)
        return bytes(content)

    def readinto(self, buffer: Any) -> int:
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def write(self, content: Any) -> int:
        view = memoryview(content).cast("B")
        for number, inside, outside in self._pieces(len(view)):
            self._pages.setdefault(number, bytearray(PAGE))[inside] = view[outside]
        self._position += len(view)
        if len(view) > 0:
            self._size = max(self._size, self._position)
        return len(view)

    def truncate(self, size: int) -> int:
        """Truncate or extend to `size` bytes, like a file: truncated bytes read as zeros if the file grows again."""
        for number in [number for number in self._pages if number * PAGE >= size]:
            del self._pages[number]
        if size // PAGE in self._pages:
            self._pages[size // PAGE][size % PAGE :] = bytes(PAGE - size % PAGE)
        self._size = size
        return size

    def flush(self) -> None:
        """Do nothing, because the file is in memory."""

    def save(self, path: Path) -> None:
        """Write the image to an empty file, with holes for pages that were not written."""
        with path.open("wb") as out:
            out.truncate(self._size)
            for number in sorted(self._pages):
                out.seek(number * PAGE)
                out.write(memoryview(self._pages[number])[: self._size - number * PAGE])

    def _pieces(self, length: int) -> Iterator[tuple[int, slice, slice]]:
        """Yield page number, slice of the page and slice of the bytes for `length` bytes from the position."""
        done = 0
        while done < length:
            number, first = divmod(self._position + done, PAGE)
            taken = min(length - done, PAGE - first)
            yield number, slice(first, first + taken), slice(done, done + taken)
            done += taken


@contextmanager
def opened_file(path: PathLike) -> Iterator[Any]:
    """Open an HDF5 file (h5py.File) for reading; its errors are InputErrors that name it."""
    import h5py

    name = os.fspath(usable_path(path))
    if os.path.exists(name) and not os.path.isfile(name) and not os.path.isdir(name):
        # Opening a pipe would block.
        raise InputError(f"cannot read {name}: it is not a file")
    try:
        with open(name, "rb"):
            pass
        if not h5py.is_hdf5(name):
            raise InputError(f"cannot read {name}: it is not an HDF5 file")
        # If HDF5 opened the file, it would lock it if HDF5_USE_FILE_LOCKING is set, regardless of its caller. Locks
        # fail on read-only and some network file systems.
        with open(name, "rb") as raw, h5py.File(raw, "r") as file:
            yield file
    except InputError:
        raise
    except FAULTS as error:
        reason = error.args[0] if isinstance(error, KeyError) else getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {name}: {reason}") from error


def read_values(dataset: Any) -> npt.NDArray[Any]:
    """Return the values of an h5py.Dataset, which are empty without a dataspace.

    A small file can claim any number of values, by chunks that were never written or values in another file. Such
    datasets are refused before memory is allocated.

    Raises
    ------
    ValueError
        If it is not a dataset, has complex numbers, is in another file, or claims more values than the file can
        contain.
    """
    import h5py

    if not isinstance(dataset, h5py.Dataset):
        raise ValueError(f"{dataset.name} is not a dataset")
    if dataset.shape is None:
        return np.zeros(0, dataset.dtype)
    if dataset.dtype.kind == "c":
        raise ValueError(f"{dataset.name} has complex numbers")
    kept = dataset.id.get_create_plist()
    if kept.get_layout() == h5py.h5d.VIRTUAL or kept.get_external_count() > 0:
        raise ValueError(f"the values of {dataset.name} are in another file")
    stored = min(dataset.id.get_storage_size(), dataset.file.id.get_filesize())
    # A chunk is always read completely.
    shapes = [dataset.shape, dataset.chunks] if dataset.chunks is not None and stored > 0 else [dataset.shape]
    size = max(math.prod(shape) for shape in shapes) * dataset.dtype.itemsize
    if size > DEFLATED * stored + SMALL:
        raise ValueError(
            f"{dataset.name} claims to hold {size:,} bytes of values, of which the file contains {stored:,}"
        )
    values: npt.NDArray[Any] = dataset[()]
    return values


def refuse_endless_heaps(path: PathLike) -> None:
    """Refuse a file with an endless object in a heap of strings, which HDF5 2.0 would read forever.

    For files with strings of variable length, the bytes are searched for global heaps of HDF5's file format.

    Raises
    ------
    InputError
        If there is such an object.
    """
    name = os.fspath(path)
    with open(name, "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        heap = content.find(HEAP)
        while heap >= 0:
            place, end = heap + 16, min(heap + int.from_bytes(content[heap + 8 : heap + 16], "little"), len(content))
            while place + 16 <= end:
                used = int.from_bytes(content[place : place + 2], "little")
                size = int.from_bytes(content[place + 8 : place + 16], "little")
                if not used and not size:
                    raise InputError(f"cannot read {name}: its heap of strings at byte {heap} is damaged")
                # The size of free space includes its header.
                place += 16 + (size + 7) // 8 * 8 if used else size
            heap = content.find(HEAP, heap + 1)


def write_dataset(group: Any, name: str, values: npt.NDArray[Any], unit: str | None = None) -> Any:
    """Create a dataset of `values` in an h5py.Group; return the h5py.Dataset."""
    dataset = group.create_dataset(name, data=values, track_times=False)
    if unit is not None:
        dataset.attrs["units"] = unit
    return dataset


def reserve_dataset(group: Any, name: str, shape: int | tuple[int, ...], dtype: str, unit: str | None = None) -> int:
    """Create a dataset in an h5py.Group without writing its values; a number is the length of one dimension.

    Returns
    -------
    int
        Byte of the file at which to write the values, in their memory layout; 0 without values.
    """
    import h5py

    layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    # The place is fixed now, in the order of creation, and HDF5 does not write to it.
    layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    layout.set_obj_track_times(False)
    kind, space = (
        h5py.h5t.py_create(np.dtype(dtype)),
        h5py.h5s.create_simple((shape,) if isinstance(shape, int) else shape),
    )
    dataset = h5py.Dataset(h5py.h5d.create(group.id, name.encode(), kind, space, layout))
    if unit is not None:
        dataset.attrs["units"] = unit
    return int(dataset.id.get_offset() or 0)


def text_type(length: int) -> Any:
    """Return the HDF5 type of a UTF-8 string of at most `length` bytes."""
    import h5py

    return h5py.string_dtype("utf-8", length)


def require_storable(populations: Iterable[str]) -> None:
    """Require a name that HDF5 can store: UTF-8, and not ".", which denotes the group itself."""
    for name in populations:
        storable = name != "." and name.encode(errors="ignore").decode() == name
        require(storable, "population.name", name, "HDF5 cannot store this name")
