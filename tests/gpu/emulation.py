"""The gpu backend on threads of a CPU: the kernels as they are, compiled by a C++ compiler."""

import ctypes
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from simcore.backends.gpu.backend import GpuBackend

PLATFORM = Path(__file__).with_name("platform.hpp").read_text()
LAUNCHERS = "".join(
    f'extern "C" void launch_{kernel}(const Arguments *given, unsigned int blocks, unsigned int threads) {{\n'
    f"    arguments = *given;\n    on_threads({kernel}, blocks, threads);\n}}\n"
    for kernel in ("propagate", "prime")
)
FLAGS = ("-std=c++20", "-O1", "-ffp-contract=off", "-fPIC", "-shared", "-pthread", "-Wall", "-Wno-unused-function")
COMPILER = shutil.which("g++")
FOLDER = Path(tempfile.mkdtemp(prefix="benchnn-gpu-"))


class HeldArray:
    def __init__(self, array):
        self.array = np.array(array, order="C")

    @property
    def address(self):
        return self.array.ctypes.data

    @property
    def nbytes(self):
        return self.array.nbytes


class EmulatedProgram:
    def __init__(self, library, blocks, threads):
        self.library, self.blocks, self.threads = library, blocks, threads

    def launch(self, kernel, arguments):
        function = getattr(self.library, f"launch_{kernel}")
        function(ctypes.c_void_p(arguments.ctypes.data), ctypes.c_uint(self.blocks), ctypes.c_uint(self.threads))


class EmulatedDevice:
    """Blocks x threads of the CPU; `change` edits the source before it is compiled."""

    def __init__(self, blocks=2, threads=8, change=lambda source: source, flags=FLAGS):
        self.blocks, self.threads, self.change, self.flags = blocks, threads, change, flags

    def upload(self, array):
        return HeldArray(array)

    def write(self, held, array):
        held.array.ravel()[: array.size] = np.asarray(array).ravel()

    def download(self, held):
        return held.array.copy()

    def compile(self, source):
        text = self.change(source) + LAUNCHERS
        path = FOLDER / f"{hashlib.sha256((text + ' '.join(self.flags)).encode()).hexdigest()[:24]}.so"
        if not path.exists():
            path.with_suffix(".cpp").write_text(text)
            command = [COMPILER, *self.flags, str(path.with_suffix(".cpp")), "-o", str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        return EmulatedProgram(ctypes.CDLL(str(path)), self.blocks, self.threads)

    def free_bytes(self):
        return None


def emulated(**options):
    """The gpu backend on an emulated device."""
    return GpuBackend(lambda: EmulatedDevice(**options), PLATFORM)


BACKEND = emulated()
