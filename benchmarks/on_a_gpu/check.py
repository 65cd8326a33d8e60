"""The first call, which checks that GPU and CPU compute the same spikes."""

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from on_a_gpu.bundle import ROOT, last_line
from on_a_gpu.errors import NotMeasuredError
from on_a_gpu.session import Session

GOLDEN = "tests/simcore/test_backends_agree.py"
"""Test file with the digests of small networks, which compares the gpu backend with them and with the oracle."""


@dataclass(frozen=True)
class Compared:
    """A run that is repeated on the CPU.

    Parameters
    ----------
    name
        Name of the comparison.
    words
        Arguments of ``benchnn run``.
    limit_s
        Maximum duration of each run, s.
    device
        Suffix of the name of the device, see `on_a_gpu.simulate`.
    """

    name: str
    words: str
    limit_s: float
    device: str = ""


NETWORKS = (
    Compared("brunel", "brunel --param order=500 --time 200 --warmup 0", 90),
    Compared("brunel, launch by launch", "brunel --param order=500 --time 200 --warmup 0", 60, "-by-step"),
    Compared("pd14-0.1", "pd14 --param scale=0.1 --time 1000 --warmup 100", 90),
    Compared("pd14", "pd14 --time 1000 --warmup 100", 150),
    Compared("pd14-dc", "pd14 --param input=dc --time 500 --warmup 100", 90),
    Compared("pd14-0.1-float64", "pd14 --param scale=0.1 --precision float64 --time 200 --warmup 0", 90),
    Compared("pd14-0.1, calendar", "pd14 --param scale=0.1 --delivery calendar --time 200 --warmup 0", 90),
    Compared("cuba", "cuba --time 200 --warmup 0", 90),
    Compared("coba", "coba --time 200 --warmup 0", 90),
    Compared("izhikevich_net", "izhikevich_net --time 200 --warmup 0", 90),
    Compared("hpc_benchmark", "hpc_benchmark --param scale=0.1 --param k_scaling=0.1 --time 200 --warmup 0", 90),
)
"""Comparisons, the most informative first, because the time may not suffice for all."""
BEFORE_GOLDEN = 5
TINY = (Compared("brunel", "brunel --param order=20 --time 50 --warmup 0", 120),)
GOLDEN_NAME = f"golden digests ({GOLDEN})"
FOUND = 99
"""Exit code of the checker if it found an error."""
MEMORY_NAME = "no bad memory access (compute-sanitizer)"


def networks(emulated: bool) -> Sequence[Compared]:
    """The networks whose spikes are compared."""
    return TINY if emulated else NETWORKS


def agreements(emulated: bool) -> list[str]:
    """Names of all comparisons."""
    return [*(compared.name for compared in networks(emulated)), GOLDEN_NAME, MEMORY_NAME]


def check(session: Session) -> None:
    """Compare as long as time remains."""
    every = networks(session.emulated)
    for compared in every[:BEFORE_GOLDEN]:
        _against_cpu(session, compared)
    _golden(session)
    for compared in every[BEFORE_GOLDEN:]:
        _against_cpu(session, compared)
    _memory(session)


def _against_cpu(session: Session, compared: Compared) -> None:
    """Run on both at the same time; digests and counts must be equal."""
    words = [*compared.words.split(), "--meters", "none"]
    # The oracle compiles nothing, but is too slow for more than a tiny network.
    backend = "oracle" if session.emulated else "cpu"
    threads = [] if session.emulated else ["--threads", str(max(1, (os.cpu_count() or 1) // 2))]
    try:
        cpu = session.start_run(f"{compared.name}.cpu", backend, [*words, *threads], compared.limit_s)
        try:
            gpu = session.run(f"{compared.name}.gpu", session.device + compared.device, words, compared.limit_s)
            reference = session.finish_run(cpu)
        finally:
            session.stop(cpu)
    except NotMeasuredError as error:
        session.results.agree(compared.name, None, str(error))
        return
    session.results.same_spikes(compared.name, [reference, gpu])


def _golden(session: Session) -> None:
    """Run the tests of all backends on the GPU if pytest is installed."""
    if session.emulated or find_spec("pytest") is None:
        why = "a dry run: the emulation has these tests" if session.emulated else "pytest is not installed"
        session.results.spare(GOLDEN_NAME, why)
        return
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), "-k", "gpu"]
    try:
        started = session.start("golden", session.python("pytest", *options, str(ROOT / GOLDEN)), 90)
        said = session.finish(started, codes=(0, 1))
    except NotMeasuredError as error:
        session.results.agree(GOLDEN_NAME, None, str(error))
        return
    # Without a GPU the tests would be skipped or use the emulation; the GPU was found before this point.
    session.results.agree(GOLDEN_NAME, re.fullmatch(r"\d+ passed\b.*", last_line(said)) is not None, last_line(said))


def _memory(session: Session) -> None:
    """Check every memory access of a small network with NVIDIA's compute-sanitizer."""
    program = shutil.which("compute-sanitizer")
    if program is None or session.emulated:
        session.results.spare(MEMORY_NAME, "a dry run" if session.emulated else "compute-sanitizer is not installed")
        return
    run = session.python("on_a_gpu.launches", "gpu", "0.02", "2", "3")
    checker = [program, "--tool", "memcheck", "--error-exitcode", str(FOUND), "--target-processes", "all"]
    try:
        started = session.start("memory", [*checker, *run], 60)
        session.finish(started, codes=(0, FOUND))
    except NotMeasuredError as error:
        session.results.agree(MEMORY_NAME, None, str(error))
        return
    clean = started.process.returncode == 0
    session.results.agree(MEMORY_NAME, clean, None if clean else "see check.log")
