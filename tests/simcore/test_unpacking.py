"""Blocks of spikes are merged in order of the step and the rank; the time for it grows with the number of blocks."""

import numpy as np
import pytest

from simcore.comm.mpi_kernels import Column, merge
from simcore.comm.unpacking import unpack_s


def merged(origins, spikes, interval, capacity):
    """What the kernel makes of ``spikes[origin][lag]``; words that do not fit a block follow, by origin."""
    blocks = np.zeros((len(origins), interval + capacity), dtype=np.uint32)
    rest = []
    for row, of_origin in zip(blocks, spikes, strict=True):
        row[:interval] = np.cumsum([len(words) for words in of_origin])
        words = [word for of_lag in of_origin for word in of_lag]
        row[interval : interval + min(len(words), capacity)] = words[:capacity]
    for origin, of_origin in zip(origins, spikes, strict=True):
        words = [word for of_lag in of_origin for word in of_lag]
        rest += words[capacity:] if origin >= 0 else []
    room = 1000
    held = {
        Column.ORIGINS: np.array(origins, dtype=np.int64),
        Column.RECEIVED: np.zeros(room, dtype=np.uint32),
        Column.RECEIVED_REST: np.array([*rest, *[0] * (room - len(rest))], dtype=np.uint32),
        Column.RECEIVED_ENDS: np.full(interval, 77, dtype=np.int64),
    }
    state = np.zeros(len(Column), dtype=np.int64)
    for column, array in held.items():
        state[column] = array.ctypes.data
    state[Column.N_ORIGINS], state[Column.INTERVAL] = len(origins), interval
    state[Column.CAPACITY], state[Column.RECEIVED_ROOM] = capacity, room
    merge(state, blocks.reshape(-1))
    ends = held[Column.RECEIVED_ENDS].tolist()
    assert state[Column.WORDS_RECEIVED] == ends[-1]
    return held[Column.RECEIVED][: ends[-1]].tolist(), ends


@pytest.mark.parametrize("capacity", [2, 4, 50])
@pytest.mark.parametrize("own", [None, 0, 2])
def test_spikes_of_all_other_ranks_come_in_order_of_step_and_rank(capacity, own):
    random = np.random.default_rng(5)
    counts = random.integers(0, 5, (4, 3))
    spikes = [
        [[100 * rank + 10 * lag + k for k in range(n)] for lag, n in enumerate(row)] for rank, row in enumerate(counts)
    ]
    origins = [-1 if rank == own else rank for rank in range(4)]
    by_lag = [[word for rank in range(4) if rank != own for word in spikes[rank][lag]] for lag in range(3)]
    expected = [word for of_lag in by_lag for word in of_lag]
    words, ends = merged(origins, spikes, 3, capacity)
    assert words == expected
    assert ends == np.cumsum([len(of_lag) for of_lag in by_lag]).tolist()


def test_unpacking_many_blocks_takes_longer():
    assert unpack_s(0, 15, 8, 0.0) == 0.0
    assert unpack_s(8000, 15, 8, 4000.0) > 10.0 * unpack_s(8, 15, 8, 4.0) > 0.0
