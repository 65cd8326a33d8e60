"""The current memory bandwidth of this machine: the triad of the STREAM benchmark.

It helps to judge times that are measured on a shared machine.

References
----------
McCalpin (1995), Memory bandwidth and machine balance in current high performance computers, IEEE TCCA Newsletter.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from simcore.backends.cpu.team import Team
from simcore.jit.compilation import kernel
from simcore.job.cpu_claims import CpuClaims, hidden_runs
from simcore.job.cpu_limits import one_of_each_core_first, usable_cpus

ARRAY_BYTES = 1 << 27
"""Bytes of each of the three arrays over all threads: 128 MiB, larger than any cache."""
REPEATS = 10


@contextmanager
def pinned_team(threads: int) -> Iterator[Team]:
    """A team of threads, each on its own core if there are enough, as in the simulator."""
    claims = CpuClaims()
    if hidden_runs() is None:
        claims.take(one_of_each_core_first(usable_cpus()), threads)
    team = Team(threads, claims.cpus)
    try:
        yield team
    finally:
        team.close()
        claims.release()


@kernel
def triad(a: Any, b: Any, c: Any, factor: Any) -> None:
    """Set a to b + factor c."""
    for i in range(len(a)):
        a[i] = b[i] + factor * c[i]


def stream_triad_gb_s(threads: int, array_bytes: int = ARRAY_BYTES) -> float:
    """Measure the bandwidth (10**9 bytes/s) of ``a = b + s c`` on `threads` threads: best of ten, 24 bytes per element.

    Like STREAM, it counts the bytes that the program reads and writes, not the bytes that caches fetch before a write.

    Parameters
    ----------
    threads
        Number of threads; each touches its own part of the arrays first.
    array_bytes
        Bytes of one array.
    """
    n = max(array_bytes // 8 // threads, 1)
    with pinned_team(threads) as team:
        parts = team.run(lambda _: [np.full(n, value) for value in (0.0, 1.0, 2.0)])

        def work(thread: int) -> None:
            triad(*parts[thread], 3.0)

        seconds = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            team.run(work)
            seconds.append(time.perf_counter() - start)
    # The first call compiles.
    return 24.0 * n * threads / min(seconds[1:]) * 1e-9
