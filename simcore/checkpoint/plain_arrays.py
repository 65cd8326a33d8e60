"""Arrays in the file of a checkpoint: plain numbers that are stored in the file itself."""

from typing import Any

import numpy as np
import numpy.typing as npt


def array(dataset: Any, kinds: tuple[type[np.generic], ...], dimensions: int) -> npt.NDArray[Any]:
    """Return the numbers of a dataset.

    Raises
    ------
    ValueError
        As in `require_plain`.
    """
    require_plain(dataset, kinds, dimensions)
    values: npt.NDArray[Any] = dataset[...]
    return values


def require_plain(dataset: Any, kinds: tuple[type[np.generic], ...], dimensions: int) -> None:
    """Require plain numbers that are stored in the file itself; other datasets could refer to other data.

    Raises
    ------
    ValueError
        If the dataset is of another type or number of dimensions, or is not stored in the file.
    """
    import h5py

    if dataset.dtype not in kinds or dataset.ndim != dimensions:
        raise ValueError(f"{dataset.name} has the wrong type or shape: {dataset.dtype}, {dataset.shape}")
    # Chunks can require a filter, virtual and external datasets other files, and fill values any amount of memory.
    kept = dataset.id.get_create_plist()
    plain = kept.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT) and kept.get_external_count() == 0
    if not plain or dataset.nbytes > dataset.file.id.get_filesize():
        raise ValueError(f"{dataset.name} is not stored in the file")
