"""The gpu backend on threads of a CPU: the kernels as they are, compiled by a C++ compiler."""

import ctypes
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from simcore import memory
from simcore.backends.gpu.backend import GpuBackend

PLATFORM = Path(__file__).with_name("platform.hpp").read_text()
KERNEL = re.compile(r'extern "C" __global__ void (?:__launch_bounds__\(.*?\) )?(\w+)\((int64 \w+)?\)')
FLAGS = ("-std=c++20", "-O1", "-ffp-contract=off", "-fPIC", "-shared", "-pthread", "-Wall", "-Wno-unused-function")
COMPILER = shutil.which("g++")
FOLDER = Path(os.environ.get("BENCHNN_TEST_LIBRARIES") or tempfile.mkdtemp(prefix="benchnn-gpu-"))
"""Of compiled kernels; tests/conftest.py names one for all processes of the tests."""


class HeldArray:
    def __init__(self, array):
        self.array = np.array(array, order="C")

    @property
    def address(self):
        return self.array.ctypes.data

    @property
    def nbytes(self):
        return self.array.nbytes


def launchers(source):
    """A function for each kernel that runs it on threads, and one that copies the arguments of all."""
    parts = ['extern "C" void set_arguments(const Arguments *given) { arguments = *given; }\n']
    for kernel, parameter in KERNEL.findall(source):
        argument = parameter.removeprefix("int64 ")
        comma = ", " if parameter else ""
        parts.append(
            f'extern "C" void launch_{kernel}(unsigned int blocks, unsigned int threads{comma}{parameter}) {{\n'
            f"    on_threads([=] {{ {kernel}({argument}); }}, blocks, threads);\n}}\n"
        )
    return "".join(parts)


class EmulatedProgram:
    def __init__(self, library, blocks, threads, resident):
        self.library, self.blocks, self.threads, self.resident = library, blocks, threads, resident

    def set_arguments(self, arguments):
        self.library.set_arguments(ctypes.c_void_p(arguments.ctypes.data))

    def launch(self, kernel, *numbers):
        function = getattr(self.library, f"launch_{kernel}")
        function(ctypes.c_uint(self.blocks), ctypes.c_uint(self.threads), *map(ctypes.c_int64, numbers))


class EmulatedDevice:
    """Blocks x threads of the CPU; `change` edits the source before it is compiled."""

    def __init__(self, blocks=2, threads=8, change=lambda source: source, flags=FLAGS, resident=True):
        self.blocks, self.threads, self.change, self.flags, self.resident = blocks, threads, change, flags, resident

    def upload(self, array):
        return HeldArray(array)

    def zeros(self, n, dtype):
        return HeldArray(np.zeros(n, dtype=dtype))

    def write(self, held, array):
        held.array.ravel()[: array.size] = np.asarray(array).ravel()

    def download(self, held):
        return held.array.copy()

    def download_part(self, held, first, end):
        return held.array[first:end].copy()

    def compile(self, source):
        text = self.change(source) + launchers(source)
        path = FOLDER / f"{hashlib.sha256((text + ' '.join(self.flags)).encode()).hexdigest()[:24]}.so"
        if not path.exists():
            # Several ranks may compile the same.
            own = path.with_suffix(f".{os.getpid()}.so")
            command = [COMPILER, *self.flags, "-x", "c++", "-", "-o", str(own)]
            done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            own.rename(path)
        return EmulatedProgram(ctypes.CDLL(str(path)), self.blocks, self.threads, self.resident)

    def free_bytes(self):
        return memory.available_bytes()


def emulated(**options):
    """The gpu backend on an emulated device."""
    return GpuBackend(lambda comm: EmulatedDevice(**options), PLATFORM)


BACKEND = emulated()
