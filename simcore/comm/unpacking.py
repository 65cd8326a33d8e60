"""Measurement of the time in which a rank unpacks the blocks of all other ranks, without receiving them."""

import statistics
import time
from typing import Any

import numpy as np
import numpy.typing as npt

REPEATS = 7


def unpack_s(origins: int, interval: int, capacity: int, words: float, seed: int = 0) -> float:
    """Return the median time of merging the blocks of one exchange.

    The code is the same as in `simcore.comm.mpi_exchange`; the blocks contain random spikes.

    Parameters
    ----------
    origins
        Number of received blocks.
    interval
        Number of steps between exchanges.
    capacity
        Capacity of a block in words.
    words
        Mean number of words of all blocks together.
    seed
        Seed of the numbers of spikes.
    """
    from simcore.comm.mpi_kernels import Column, merge

    if origins == 0:
        return 0.0
    random = np.random.default_rng(seed)
    counts = random.poisson(words / (origins * interval), (origins, interval)).cumsum(axis=1)
    blocks = np.zeros((origins, interval + capacity), dtype=np.uint32)
    blocks[:, :interval] = np.minimum(counts, capacity)
    room = int(blocks[:, interval - 1].sum()) + 1
    held: dict[Column, npt.NDArray[Any]] = {
        Column.ORIGINS: np.arange(origins, dtype=np.int64),
        Column.RECEIVED: np.zeros(room, dtype=np.uint32),
        Column.RECEIVED_REST: np.zeros(room, dtype=np.uint32),
        Column.RECEIVED_ENDS: np.zeros(interval, dtype=np.int64),
    }
    state = np.zeros(len(Column), dtype=np.int64)
    for column, array in held.items():
        state[column] = array.ctypes.data
    for column, value in (
        (Column.N_ORIGINS, origins), (Column.INTERVAL, interval), (Column.CAPACITY, capacity),
        (Column.RECEIVED_ROOM, room),
    ):  # fmt: skip
        state[column] = value
    flat = blocks.reshape(-1)
    merge(state, flat)
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        merge(state, flat)
        times.append(time.perf_counter() - begin)
    return statistics.median(times)
