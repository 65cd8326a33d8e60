"""Measurement of the cost of an exchange of spikes between two ranks: ``mpiexec -n 2 python -m simcore.comm.probe``.

The program prints a JSON object with `latency_us`, the time of an exchange of small blocks, and `bandwidth_gb_s`, the
rate at which large blocks arrive, both measured with the code of the step loop.
"""

import json
import statistics
import sys
import time
from typing import Any

import numpy as np

from simcore.comm.communicator import ExchangeRequest
from simcore.comm.mpi import MpiCommunicator
from simcore.comm.mpi_exchange import MpiExchange
from simcore.jit.compilation import kernel
from simcore.jit.intrinsics import call_kernel
from simcore.placement import Placement

REPEATS = 7
LARGE_WORDS = 1 << 19


@kernel
def _exchange_often(start: Any, test: Any, state: Any, words: Any, ends: Any, n: Any) -> None:
    for _ in range(n):
        call_kernel(start, state, words.ctypes.data, ends.ctypes.data, 0, 0, 0, 0, 0, 0)
        while call_kernel(test, state, 0, 0, 0, 0, 0, 0, 0, 0) == 0:
            pass


def _seconds(comm: MpiCommunicator, n_words: int, n: int) -> float:
    """Return the median time of an exchange of `n_words` words from each rank."""
    own = Placement(comm.size, comm.size).ranges_of_rank(comm.rank)
    request = ExchangeRequest(1, max(1, n_words), None, np.zeros(1, dtype=np.int64), own)
    exchange = comm.exchange(request)
    if not isinstance(exchange, MpiExchange):
        raise SystemExit("the probe needs two ranks: mpiexec -n 2 python -m simcore.comm.probe")
    words, ends = np.zeros(max(1, n_words), dtype=np.uint32), np.array([n_words], dtype=np.int64)
    exchange.expect(n_words)
    call = (exchange.start, exchange.test, exchange.state.ctypes.data, words, ends)
    times = []
    for _ in range(REPEATS):
        comm.gather(None)
        begin = time.perf_counter()
        _exchange_often(*call, n)
        times.append((time.perf_counter() - begin) / n)
    return statistics.median(times)


def main() -> None:
    """Measure, and print the results on rank 0."""
    comm = MpiCommunicator()
    small_s = _seconds(comm, 16, 2000)
    large_s = _seconds(comm, LARGE_WORDS, 10)
    if comm.rank == 0:
        bandwidth = 4 * LARGE_WORDS / max(large_s - small_s, 1e-12) / 1e9
        sys.stdout.write(json.dumps({"latency_us": small_s * 1e6, "bandwidth_gb_s": bandwidth}) + "\n")


if __name__ == "__main__":
    main()
