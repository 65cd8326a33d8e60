"""How fast this machine's memory is now: the triad of the STREAM benchmark.

A time that is measured on a shared machine says little without it.

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
"""Of each of the three arrays, over all threads: 128 MiB, beyond every cache."""
REPEATS = 10


@contextmanager
def pinned_team(threads: int) -> Iterator[Team]:
    """A team of threads, each on a core of its own where there are enough, as the simulator's."""
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
    """Bandwidth (10**9 bytes/s) of ``a = b + s c`` on `threads` threads: best of ten, 24 bytes an element.

    As STREAM does, it counts what the program reads and writes, not what the caches fetch in order to write.

    Parameters
    ----------
    threads
        Threads, each with its own part of the arrays, which it touches first.
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
    # The first compiles.
    return 24.0 * n * threads / min(seconds[1:]) * 1e-9
