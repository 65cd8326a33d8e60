"""More ranks and threads than CPUs, on a machine that others use too: the run takes longer, and yields the same."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
from launch import benchnn, on_ranks

NETWORK = ("run", "brunel", "--param", "order=20", "--time", 100, "--warmup", 10, "--meters", "none")
WAIT = """
import json, time
from simcore.comm.mpi import MpiCommunicator
comm = MpiCommunicator()
meetings = {
    "gather": lambda: comm.gather(0),
    "from_root": lambda: comm.from_root(dict),
    "collect": lambda: comm.collect(0),
}
times = {}
for name, meet in meetings.items():
    meet()
    start, used = time.monotonic(), time.process_time()
    if comm.rank == 0:
        time.sleep(1)
    meet()
    times[name] = time.monotonic() - start, time.process_time() - used
times = comm.gather(times)
if comm.rank == 0:
    print(json.dumps(times))
"""


@contextmanager
def busy_cpus():
    """Each CPU of this process is wanted by another one all the time."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in os.sched_getaffinity(0)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@pytest.mark.thorough
def test_eight_ranks_of_two_threads_finish_beside_busy_processes(tmp_path):
    digests = []
    for ranks, threads in ((1, 1), (8, 2)):
        out = tmp_path / f"{ranks}"
        with busy_cpus():
            finished = benchnn(ranks, *NETWORK, "--threads", threads, "--out", out, timeout=120)
        assert finished.returncode == 0, finished.stderr
        record = json.loads((out / "result.json").read_text())
        assert (record["layout"]["ranks"], record["layout"]["threads_per_rank"]) == (ranks, threads)
        digests.append((record["spike_digest"], record["network_digest"], record["spikes"]))
    assert digests[0] == digests[1] and digests[0][2] > 100


def test_ranks_that_wait_leave_the_cpu_to_others():
    finished = on_ranks(3, "-c", WAIT)
    assert finished.returncode == 0, finished.stderr
    waits = [wait for rank in json.loads(finished.stdout) for wait in rank.values()]
    assert len(waits) == 9
    assert all(waited_s > 0.9 and used_s < 0.25 * waited_s for waited_s, used_s in waits), finished.stdout
