"""Start-up: thousands of ranks start this program, and every module that is loaded costs."""

import pkgutil
import subprocess
import sys
import time

import pytest

import simcore

HEAVY = ("brian2", "cupy", "h5py", "llvmlite", "matplotlib", "mpi4py", "nest", "numba", "scipy")


def loaded_after(code):
    """Top-level packages that are loaded when `code` has run in a new interpreter."""
    program = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in finished.stderr.split()}


def test_importing_simcore_loads_nothing_heavy():
    # Kernels belong to the cpu backend, which is imported when it is used.
    names = [module.name for module in pkgutil.walk_packages(simcore.__path__, "simcore.", onerror=print)]
    compiled = (".cpu", "_exchange", "kernels", ".probe", ".packer", ".fine", ".substeps")
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


NAMES = ("run", "scale", "slurm", "compare", "validate", "report", "results", "energy", "models", "chips", "map")
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
