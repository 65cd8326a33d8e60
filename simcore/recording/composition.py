"""Composition of SONATA files in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from simcore.recording.hdf5 import LIBVER, SparseImage

MAGIC = 0x0A7A
VERSION = (0, 1)


@contextmanager
def composed(image: SparseImage) -> Iterator[Any]:
    """Yield an open SONATA file (h5py.File), which is in the image when the block has ended."""
    import h5py

    with h5py.File(image, "w", libver=LIBVER) as file:
        mark_as_sonata(file)
        yield file


def mark_as_sonata(file: Any) -> None:
    """Write the attributes that identify a SONATA file to an open HDF5 file (h5py.File)."""
    file.attrs["magic"] = np.uint32(MAGIC)
    file.attrs["version"] = np.array(VERSION, dtype=np.uint32)
