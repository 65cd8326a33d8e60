"""Start-up: thousands of ranks start this program, and every module that is loaded costs."""

import importlib
import os
import pkgutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import simcore

ROOT = Path(__file__).parents[1]
HEAVY = ("brian2", "cupy", "h5py", "llvmlite", "matplotlib", "mpi4py", "nest", "numba", "scipy")


def loaded_after(code):
    """Top-level packages that are loaded when `code` has run in a new interpreter."""
    program = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in finished.stderr.split()}


def test_importing_simcore_loads_nothing_heavy():
    # Kernels belong to the cpu backend, which is imported when it is used.
    names = [module.name for module in pkgutil.walk_packages(simcore.__path__, "simcore.", onerror=print)]
    compiled = (".cpu", "_exchange", "kernels", ".probe", ".packer", ".row_index", ".unpacking", ".fine", ".substeps")
    light = [name for name in names if not name.endswith(compiled) and ".cpu." not in name and ".jit." not in name]
    # What the registry asks of the gpu backend is light, too; the rest builds with the cpu backend's kernels.
    light = [name for name in light if ".gpu." not in name or name.endswith((".device", ".source"))]
    assert {"simcore.network", "simcore.simulator", "simcore.recording.sonata"} <= set(light)
    loaded = loaded_after("\n".join(f"import {name}" for name in light))
    assert "numpy" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_models_load_nothing_heavy():
    loaded = loaded_after("from benchnn.models import models\nfor name in models.names(): models.get(name)")
    assert "numpy" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_doctor_loads_nothing_heavy():
    assert loaded_after("from benchnn.cli import main; main(['doctor'])").isdisjoint(HEAVY)


NAMES = (
    "run",
    "scale",
    "slurm",
    "compare",
    "protocol",
    "validate",
    "report",
    "results",
    "energy",
    "models",
    "edges",
    "convert",
    "chips",
    "accelerators",
    "map",
)
COMMANDS = [["--help"], ["--version"], *([name, "--help"] for name in NAMES)]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_does_not_load_numpy(command):
    code = f"from benchnn.cli import main\ntry: main({command})\nexcept SystemExit: pass"
    assert loaded_after(code).isdisjoint((*HEAVY, "numpy"))


def test_help_answers_at_once():
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "benchnn", "--help"], capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.5


ENTRY_POINTS_WATCHED = """
from simcore.registry import names
read, offers_of = [], names.offers_of
def watched(group):
    read.append(group)
    return offers_of(group)
names.offers_of = watched
from benchnn.cli import main
main({command})
print(read)
"""
RUN = ["run", "brunel", "--param", "order=20", "--time", "1", "--warmup", "0", "--threads", "1", "--backend", "oracle"]


def groups_read(command, folder):
    """Groups of plug-ins whose entry points a command reads."""
    program = ENTRY_POINTS_WATCHED.replace("{command}", repr(command))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return finished.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "options", [[], ["--chip", "loihi1", "--mapper", "greedy"], ["--meters", "powercap", "--out", "o"]]
)
def test_a_run_of_what_is_built_in_reads_no_entry_points(tmp_path, options):
    assert groups_read([*RUN, *options], tmp_path) == "[]"


def test_listings_read_entry_points(tmp_path):
    assert groups_read(["models"], tmp_path) == "['benchnn.models']"


def test_help_does_not_look_for_distributions():
    program = (
        "import sys\nfrom benchnn.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        "print('importlib.metadata' in sys.modules)"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.splitlines()[-1] == "False"


STABLE = {
    "simcore": ("Network", "Simulator"),
    "simcore.backends": ("Snapshot",),
    "simcore.checkpoint": ("Checkpoint", "read_checkpoint", "write_checkpoint"),
    "simcore.comm.mpi": ("MpiCommunicator",),
    "simcore.connectivity.fixed_indegree": ("FixedIndegree",),
    "simcore.distributions": ("Normal", "Lognormal", "Uniform", "Exponential"),
    "simcore.errors": ("InputError", "ResourceError", "UnavailableError", "WriteError"),
    "simcore.network": ("Network", "Population", "Projection", "SpikeRecorder", "TraceRecorder", "Poisson"),
    "simcore.recording.sonata": ("read_spikes", "write_spikes"),
    "simcore.simulator": ("Simulator",),
    "simcore.tables": ("make_tables",),
    "simcore.values": ("as_value",),
    "benchnn.cli": ("main",),
    "benchnn.statistics.recordings": ("read_recording",),
}
"""What scripts of users import, which keeps its place when other modules move."""


@pytest.mark.parametrize("module", STABLE)
def test_what_scripts_import_keeps_its_place(module):
    imported = importlib.import_module(module)
    assert [name for name in STABLE[module] if not hasattr(imported, name)] == []
