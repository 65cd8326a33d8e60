"""Peak memory of small runs, which ranks of a node multiply: hardly more than that of the compiler and HDF5."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

ROOT = Path(__file__).parents[3]
LIBRARIES = """
import sys
sys.modules["scipy.linalg"] = None
import h5py
from numba.core.registry import cpu_target
cpu_target.target_context.refresh()
"""
"""All that a run needs of Numba and HDF5, without SciPy, which Numba does not need."""
RUN = """
import sys
from benchnn.cli import main
assert main(sys.argv[1:]) == 0
print("scipy.linalg" in sys.modules)
"""
PEAK = "\nfrom simcore.memory import peak_rss_bytes\nprint(peak_rss_bytes())"
SMALL = (
    "pd14",
    "--param",
    "scale=0.01",
    "--time",
    "10",
    "--warmup",
    "0",
    "--threads",
    "2",
    "--out",
    "o",
    "--overwrite",
)
ON_CHIP = ("--chip", "loihi1", "--on-violation", "adapt")


def printed(code, folder, *arguments):
    """The last lines that a new process prints, the last of all its peak memory."""
    finished = subprocess.run(
        [sys.executable, "-c", code + PEAK, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout.splitlines()[-2:]


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """Peak memory of a process that has only the libraries."""
    return int(printed(LIBRARIES, tmp_path_factory.mktemp("libraries"))[-1])


@pytest.mark.parametrize(("options", "most_mb"), [((), 32), (ON_CHIP, 55)])
def test_a_small_run_takes_little_more_than_its_libraries(tmp_path, libraries, options, most_mb):
    def run():
        linear_algebra, peak = printed(RUN, tmp_path, "run", *SMALL, *options)
        assert linear_algebra == "False"
        return int(peak) - libraries

    # The first run may compile; the second one finds all kernels.
    more = run()
    if more >= most_mb * 1e6:
        more = run()
    assert more < most_mb * 1e6
