"""Brian2's C++ standalone mode: a program that is written, compiled and run, and that measures itself."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchnn.simulators.brian2.description import Description
from benchnn.simulators.brian2.module import brian2_module
from benchnn.simulators.brian2.plasticity import VARIABLES
from benchnn.simulators.peer import PeerJob
from simcore.job.cpu_limits import allowed_threads, usable_cpus

START = "const double benchnn_start = omp_get_wtime();"
WARMED_UP = "const double benchnn_warmup = Network::_last_run_time;"
NOT_WARMED_UP = "const double benchnn_warmup = 0.0;"
PROPAGATED = """
{
    const double propagation = Network::_last_run_time;
    const double construction = omp_get_wtime() - benchnn_start - benchnn_warmup - propagation;
    std::string field, peak;
    std::ifstream status("/proc/self/status");
    while (status >> field)
        if (field == "VmHWM:") status >> peak;
    std::ofstream measured(brian::results_dir + "measured.txt");
    measured.precision(17);
    measured << construction << " " << benchnn_warmup << " " << propagation << " " << peak << std::endl;
}
"""
"""Brian2 times the loop over the steps of each run; the remaining time of the program is construction."""


@dataclass(frozen=True)
class Measured:
    """Seconds by part, and the peak memory of the program."""

    wall_s: dict[str, float]
    peak_rss_bytes: int


def missing_tool() -> str | None:
    """Return the name of a missing build tool, or None."""
    for program in (environ.get("CXX", "g++").split()[0], "make"):
        if shutil.which(program) is None:
            return program
    return None


@contextmanager
def standalone_device(threads: int) -> Iterator[Any]:
    """Provide Brian2's standalone device, in a temporary folder that is removed at the end."""
    brian2 = brian2_module()
    preferences = brian2.prefs.devices.cpp_standalone
    preferences.openmp_threads = threads
    preferences.extra_make_args_unix = [f"-j{allowed_threads(len(usable_cpus()))}"]
    with TemporaryDirectory(prefix="benchnn-brian2-", ignore_cleanup_errors=True) as folder:
        brian2.set_device("cpp_standalone", build_on_run=False, directory=folder)
        device = brian2.get_device()
        device.insert_code("before_start", START)
        before = dict(environ)
        try:
            yield device
        finally:
            device.reinit()
            brian2.set_device("runtime")
            # Brian2 does not reset LD_BIND_NOW, which it sets for its program.
            for name in environ.keys() - before.keys():
                del environ[name]


def describe_runs(description: Description, job: PeerJob) -> None:
    """Add warm-up, measured window and measurements to the program."""
    device = brian2_module().get_device()
    if job.warmup_steps:
        description.run(job.warmup_steps, measured=False)
        device.insert_code("main", WARMED_UP)
    else:
        device.insert_code("main", NOT_WARMED_UP)
    description.run(job.steps, measured=True)
    device.insert_code("main", PROPAGATED)
    # At its end the program writes all variables to files; the variables of synapses are not read.
    for synapses in description.synapses:
        for name in ("_synaptic_pre", "_synaptic_post", *VARIABLES):
            # Variables of neurons can also be read by their names here.
            variable = synapses.variables.get(name)
            if variable is not None and variable.owner.name == synapses.name:
                array = device.get_array_name(variable, access_data=False)
                device.insert_code("before_end", f"brian::{array}.clear();")


def build_and_run(device: Any) -> Measured:
    """Compile and run the described program, and return its measurements."""
    folder = device.build_options["directory"]
    start = time.perf_counter()
    device.build(directory=folder, run=False, direct_call=False)
    compile_s = time.perf_counter() - start
    device.run(directory=folder, results_directory="results", with_output=False)
    words = (Path(folder) / "results" / "measured.txt").read_text().split()
    construction, warmup, propagation = (float(word) for word in words[:3])
    wall_s = {"compile": compile_s, "construction": construction, "warmup": warmup, "propagation": propagation}
    return Measured(wall_s, int(words[3]) * 1024)
